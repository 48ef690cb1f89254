"""The table of corrections: one item per correction, never changed. Knows DynamoDB; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from smartcat.aws_errors import error_code
from smartcat.cli.feedback.retry import retry_unprocessed
from smartcat.cli.feedback.stored_correction import NotACorrectionError, from_item, latest
from smartcat.cli.results_table import missing_table_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from smartcat.cli.feedback.stored_correction import StoredCorrection

MAX_REQUEST_ITEMS: Final = 25
"""The maximum of BatchWriteItem."""

MAX_QUERIES: Final = 100
"""For more documents than this, a scan of the table costs less than a query for each."""

PAGE_ITEMS: Final = 4000
"""A page of 1 MB would hold about 10,000 of these small items, which is slow on an emulator."""


@dataclass(frozen=True, slots=True)
class CorrectionsTable:
    """A table of corrections.

    Attributes:
        dynamodb: A boto3 client.
        name: The table.
        sleep: Waits so many seconds before a retry.
    """

    dynamodb: Any = field(repr=False)
    name: str
    sleep: Callable[[float], None]

    def latest(self, document_id: str) -> StoredCorrection | None:
        """Return the latest correction of a document; None if there is none.

        Raises:
            NoTableError: There is no such table.
            NotACorrectionError: It holds other items than corrections.
        """
        try:
            with missing_table_named(self.dynamodb, self.name):
                answer = self.dynamodb.query(
                    TableName=self.name,
                    # The second condition always holds, and a table with other keys rejects it.
                    KeyConditionExpression="document_id = :id AND corrected_at > :first",
                    ExpressionAttributeValues={":id": {"S": document_id}, ":first": {"S": "0"}},
                    ScanIndexForward=False,
                    Limit=1,
                    ConsistentRead=True,
                )
        except ClientError as error:
            if error_code(error.response) == "ValidationException":
                raise NotACorrectionError(
                    f"table {self.name!r} is not a table of corrections: it has other keys"
                ) from error
            raise
        return next(map(from_item, answer["Items"]), None)

    def latest_of_all(self) -> dict[str, StoredCorrection]:
        """Return the latest corrections by document id; memory grows with their number.

        Raises:
            NoTableError: There is no such table.
            NotACorrectionError: It holds other items than corrections.
        """
        return latest(self._all())

    def latest_of(self, ids: Sequence[str]) -> dict[str, StoredCorrection]:
        """Return the latest corrections of these documents, by document id.

        Raises:
            NoTableError: There is no such table.
            NotACorrectionError: It holds other items than corrections.
        """
        if len(ids) > MAX_QUERIES:
            self.latest(ids[0])  # rejects a table with other keys, which an empty scan would not
            chosen = set(ids)
            return latest(each for each in self._all() if each.document_id in chosen)
        return {each.document_id: each for each in map(self.latest, ids) if each is not None}

    def append(
        self, corrections: Sequence[StoredCorrection], report: Callable[[int], None] = lambda _: None
    ) -> None:
        """Write corrections; those written before stay.

        Args:
            corrections: Any number of them, no key twice.
            report: Called with the number written so far.

        Raises:
            NoTableError: There is no such table.
            CapacityError: The table has no write capacity left. Those reported are written.
        """
        with missing_table_named(self.dynamodb, self.name):
            for start in range(0, len(corrections), MAX_REQUEST_ITEMS):
                part = corrections[start : start + MAX_REQUEST_ITEMS]
                requests = [{"PutRequest": {"Item": each.to_item()}} for each in part]
                retry_unprocessed(self._write, requests, f"table {self.name}", sleep=self.sleep)
                report(start + len(part))

    def _write(self, requests: Sequence[Any]) -> Sequence[Any]:
        answer = self.dynamodb.batch_write_item(RequestItems={self.name: requests})
        left: Sequence[Any] = answer.get("UnprocessedItems", {}).get(self.name, ())
        return left

    def _all(self) -> Iterator[StoredCorrection]:
        with missing_table_named(self.dynamodb, self.name):
            pages = self.dynamodb.get_paginator("scan").paginate(
                TableName=self.name, ConsistentRead=True, PaginationConfig={"PageSize": PAGE_ITEMS}
            )
            for page in pages:
                yield from map(from_item, page["Items"])


def create_corrections_table(dynamodb: Any, name: str) -> str:
    """Create an empty table of corrections with on-demand capacity, and return its name once it exists.

    Raises:
        botocore.exceptions.ClientError: AWS rejected the request, for example because the name is taken.
    """
    keys = {"document_id": "HASH", "corrected_at": "RANGE"}
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    return name
