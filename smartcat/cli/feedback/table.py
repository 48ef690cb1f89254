"""The table of corrections: one item a correction, never changed. Knows DynamoDB, and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from smartcat.aws_errors import error_code
from smartcat.cli.feedback.patience import patiently
from smartcat.cli.feedback.stored import NotOursError, from_item, latest
from smartcat.cli.results import naming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from smartcat.cli.feedback.stored import StoredCorrection

MAX_REQUEST_ITEMS: Final = 25
"""BatchWriteItem takes no more."""

ASKED_ONE_BY_ONE: Final = 100
"""For more documents than this one scan of the table costs less than a query for each."""

PAGE_ITEMS: Final = 4000
"""A page of 1 MB would hold some ten thousand of these small items, over which an emulator takes too long."""


@dataclass(frozen=True, slots=True)
class CorrectionsTable:
    """A table of corrections.

    Attributes:
        dynamodb: A boto3 client.
        name: The table.
        sleep: How to wait for a table that lacks capacity.
    """

    dynamodb: Any = field(repr=False)
    name: str
    sleep: Callable[[float], None]

    def latest(self, document_id: str) -> StoredCorrection | None:
        """Read the correction of a document that holds; None where there is none.

        Raises:
            NoTableError: There is no such table.
            NotOursError: It holds something else than corrections.
        """
        try:
            with naming(self.dynamodb, self.name):
                answer = self.dynamodb.query(
                    TableName=self.name,
                    # The second half is true of every correction, and refused by a table with other keys.
                    KeyConditionExpression="document_id = :id AND corrected_at > :first",
                    ExpressionAttributeValues={":id": {"S": document_id}, ":first": {"S": "0"}},
                    ScanIndexForward=False,
                    Limit=1,
                    ConsistentRead=True,
                )
        except ClientError as error:
            if error_code(error.response) == "ValidationException":
                raise NotOursError(
                    f"table {self.name!r} is none of corrections: it has other keys"
                ) from error
            raise
        return next(map(from_item, answer["Items"]), None)

    def latest_of_all(self) -> dict[str, StoredCorrection]:
        """Read the correction of each document that holds, by document id; memory grows with their number.

        Raises:
            NoTableError: There is no such table.
            NotOursError: It holds something else than corrections.
        """
        return latest(self._all())

    def latest_of(self, ids: Sequence[str]) -> dict[str, StoredCorrection]:
        """Read the correction of each of these documents that holds.

        Raises:
            NoTableError: There is no such table.
            NotOursError: It holds something else than corrections.
        """
        if len(ids) > ASKED_ONE_BY_ONE:
            self.latest(ids[0])  # refuses a table with other keys, which an empty scan would not
            chosen = set(ids)
            return latest(each for each in self._all() if each.document_id in chosen)
        return {each.document_id: each for each in map(self.latest, ids) if each is not None}

    def append(
        self, corrections: Sequence[StoredCorrection], report: Callable[[int], None] = lambda _: None
    ) -> None:
        """Write corrections, each beside all that were there before.

        Args:
            corrections: Any number of them, no key twice.
            report: Told how many are written so far.

        Raises:
            NoTableError: There is no such table.
            CapacityError: It takes nothing any more. Those reported are written.
        """
        with naming(self.dynamodb, self.name):
            for start in range(0, len(corrections), MAX_REQUEST_ITEMS):
                part = corrections[start : start + MAX_REQUEST_ITEMS]
                requests = [{"PutRequest": {"Item": each.to_item()}} for each in part]
                patiently(self._write, requests, f"table {self.name}", sleep=self.sleep)
                report(start + len(part))

    def _write(self, requests: Sequence[Any]) -> Sequence[Any]:
        answer = self.dynamodb.batch_write_item(RequestItems={self.name: requests})
        left: Sequence[Any] = answer.get("UnprocessedItems", {}).get(self.name, ())
        return left

    def _all(self) -> Iterator[StoredCorrection]:
        with naming(self.dynamodb, self.name):
            pages = self.dynamodb.get_paginator("scan").paginate(
                TableName=self.name, ConsistentRead=True, PaginationConfig={"PageSize": PAGE_ITEMS}
            )
            for page in pages:
                yield from map(from_item, page["Items"])


def create_corrections_table(dynamodb: Any, name: str) -> str:
    """Create an empty table of corrections with on-demand capacity, and wait until it is there.

    Returns:
        Its name.

    Raises:
        botocore.exceptions.ClientError: AWS refused, for example since the name is taken.
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
