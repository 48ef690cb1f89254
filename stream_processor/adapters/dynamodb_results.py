"""Puts result items into a DynamoDB table with BatchWriteItem. Never drops an item the table did not take."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from stream_processor.adapters.faults import THROTTLING_CODES, error_code, later, try_repeatedly
from stream_processor.ports import WriteOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from stream_processor.result_item import ResultItem

_KEY_COMPLAINTS: Final = (
    "key element does not match the schema",  # DynamoDB, of a table's keys in a batch
    "Type mismatch for Index Key",  # DynamoDB, of an index
    "Type mismatch for key",  # emulators, which word a batch like a single put
    "Missing the key",
)
_KEYS_EXPECTED: Final = "whose only key should be the string document_id"


class DynamoDbResults:
    """The result table; see ``ports.ResultTable`` for the contract.

    Args:
        client: Makes one attempt per call.
        table: Name of the table.
        sleep: How to wait between attempts at a transient fault.
    """

    def __init__(self, client: DynamoDBClient, table: str, *, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def put(self, items: Sequence[ResultItem], *, seconds: float) -> WriteOutcome:
        """Store up to 25 items; 25 of at most 400 KB stay below the request's 16 MB.

        Raises:
            TryLater: The table cannot be reached or used, or has other keys than results have.
        """
        return try_repeatedly(partial(self._put_or_halve, items), seconds=seconds, sleep=self._sleep)

    def _put_or_halve(self, items: Sequence[ResultItem]) -> WriteOutcome:
        """Make one attempt; if the table calls the request invalid, find the items it means.

        One invalid item makes DynamoDB reject the whole request without saying which.
        """
        try:
            return self._put_once(items)
        except ClientError as error:
            if _blames_the_keys(error):
                raise later(error, f"BatchWriteItem on table {self._table}, {_KEYS_EXPECTED},") from None
            if error_code(error) != "ValidationException":
                raise later(error, f"BatchWriteItem on table {self._table}") from None
        except BotoCoreError as error:
            raise later(error, f"BatchWriteItem on table {self._table}") from None
        if len(items) == 1:
            return WriteOutcome(refused=tuple(items))
        middle = len(items) // 2
        return _merge(self._put_or_halve(items[:middle]), self._put_or_halve(items[middle:]))

    def _put_once(self, items: Sequence[ResultItem]) -> WriteOutcome:
        requests: list[Any] = [{"PutRequest": {"Item": item.attributes}} for item in items]
        try:
            answer = self._client.batch_write_item(
                RequestItems={self._table: requests}, ReturnConsumedCapacity="TOTAL"
            )
        except ClientError as error:
            if error_code(error) not in THROTTLING_CODES:
                raise
            return WriteOutcome(unprocessed=tuple(items), throttled=True, reasons=_reasons(error))
        unprocessed = _unprocessed(items, answer)
        return WriteOutcome(
            unprocessed=unprocessed,
            units=_consumed(answer, items, unprocessed),
            throttled=bool(unprocessed),
        )


def _blames_the_keys(error: ClientError) -> bool:
    """Tell whether no item whatever could satisfy the table: the keys of a result have one form.

    A table, or an index, made with other keys would otherwise send the whole stream to the quarantine.
    """
    message = str(error.response.get("Error", {}).get("Message", ""))
    return any(complaint in message for complaint in _KEY_COMPLAINTS)


def _unprocessed(items: Sequence[ResultItem], answer: Any) -> tuple[ResultItem, ...]:
    keys = {
        request["PutRequest"]["Item"]["document_id"]["S"]
        for requests in answer.get("UnprocessedItems", {}).values()
        for request in requests
    }
    return tuple(item for item in items if item.document_id in keys)


def _consumed(answer: Any, items: Sequence[ResultItem], unprocessed: Sequence[ResultItem]) -> float:
    """What the table says it consumed, indexes included; our own count where it says nothing."""
    capacities = answer.get("ConsumedCapacity")
    if capacities:
        return float(sum(capacity.get("CapacityUnits", 0.0) for capacity in capacities))
    return float(sum(item.units for item in items) - sum(item.units for item in unprocessed))


def _reasons(error: ClientError) -> tuple[str, ...]:
    """Read the reasons that DynamoDB adds to throttling errors (not to unprocessed items)."""
    response: Any = error.response
    # ThrottlingException alone spells the field with a small letter (DynamoDB's service model).
    entries = response.get("ThrottlingReasons") or response.get("throttlingReasons") or ()
    return tuple(str(entry.get("reason", "")) for entry in entries)


def _merge(first: WriteOutcome, second: WriteOutcome) -> WriteOutcome:
    return WriteOutcome(
        unprocessed=first.unprocessed + second.unprocessed,
        refused=first.refused + second.refused,
        units=first.units + second.units,
        throttled=first.throttled or second.throttled,
        reasons=first.reasons + second.reasons,
    )
