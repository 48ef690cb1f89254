"""Puts result items into a DynamoDB table. Never drops an item the table did not take."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from smartcat.aws_errors import THROTTLING_CODES, error_code
from stream_processor.adapters.aws_retries import try_later, try_repeatedly
from stream_processor.adapters.conditional_put import conditional_put
from stream_processor.adapters.parallel_calls import run_parallel
from stream_processor.core.ports import WriteOutcome
from stream_processor.errors import TryLater
from stream_processor.storage_format.dynamodb_limits import MAX_REQUEST_ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from stream_processor.storage_format.result_item import ResultItem

_WRONG_KEY_MESSAGES: Final = (
    "key element does not match the schema",  # DynamoDB, of a table's keys in a batch
    "Type mismatch for Index Key",  # DynamoDB, of an index
    "Type mismatch for key",  # emulators, which word a batch like a single put
    "Missing the key",
)
_KEYS_EXPECTED: Final = "whose only key should be the string document_id"


T = TypeVar("T")


class RunParallel(Protocol):
    """Makes several calls at the same time, none of which raises, and returns their results in order."""

    def __call__(self, calls: Sequence[Callable[[], T]], /) -> list[T]:
        """Make the calls."""
        ...


class DynamoDbResults:
    """The result table; see ``ports.ResultTable`` for the contract.

    Args:
        client: Makes one attempt per call; used from several threads.
        table: Name of the table.
        sleep: How to wait between attempts at a transient fault.
        run_parallel: How to make several calls at the same time.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        *,
        sleep: Callable[[float], None],
        run_parallel: RunParallel = run_parallel,
    ) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep
        self._run_parallel = run_parallel

    def put(self, items: Sequence[ResultItem], *, seconds: float) -> WriteOutcome:
        """Store items; 25 of at most 400 KB stay below a request's 16 MB.

        Raises:
            TryLater: The table cannot be reached or used, or has other keys than results have.
        """
        plain = [item for item in items if not item.conditional]
        calls = [
            partial(self._request, self._put_or_halve, plain[start : start + MAX_REQUEST_ITEMS], seconds)
            for start in range(0, len(plain), MAX_REQUEST_ITEMS)
        ]
        calls += [
            partial(self._request, self._put_conditionally, [item], seconds)
            for item in items
            if item.conditional
        ]
        results = self._run_parallel(calls)
        failures = [result for _, result in results if isinstance(result, TryLater)]
        if len(failures) == len(results):
            raise failures[0]
        return in_order(items, [_outcome(part, result) for part, result in results])

    def capacity(self) -> float | None:
        """Ask DescribeTable; needs the permission of that name, and returns None where it is missing."""
        try:
            table = self._client.describe_table(TableName=self._table)["Table"]
        except (ClientError, BotoCoreError):
            return None
        if table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
            units = table.get("OnDemandThroughput", {}).get("MaxWriteRequestUnits", 0)
        else:
            units = table.get("ProvisionedThroughput", {}).get("WriteCapacityUnits", 0)
        return float(units) if units > 0 else None

    def _request(
        self,
        attempt: Callable[[Sequence[ResultItem]], WriteOutcome],
        items: Sequence[ResultItem],
        seconds: float,
    ) -> tuple[Sequence[ResultItem], WriteOutcome | TryLater]:
        """Make one request, tried again while it fails for a moment; return what it was for, too."""
        try:
            return items, try_repeatedly(partial(attempt, items), seconds=seconds, sleep=self._sleep)
        except TryLater as error:
            return items, error

    def _put_or_halve(self, items: Sequence[ResultItem]) -> WriteOutcome:
        """Make one attempt; if the table calls the request invalid, find the items it means.

        One invalid item makes DynamoDB reject the whole request without saying which.
        """
        try:
            return self._put_once(items)
        except ClientError as error:
            if not self._is_invalid(error, "BatchWriteItem"):
                raise try_later(error, f"BatchWriteItem on table {self._table}") from None
        except BotoCoreError as error:
            raise try_later(error, f"BatchWriteItem on table {self._table}") from None
        if len(items) == 1:
            return WriteOutcome(invalid=tuple(items))
        middle = len(items) // 2
        return self._put_or_halve(items[:middle]) + self._put_or_halve(items[middle:])

    def _put_once(self, items: Sequence[ResultItem]) -> WriteOutcome:
        requests: list[Any] = [{"PutRequest": {"Item": item.attributes}} for item in items]
        try:
            response = self._client.batch_write_item(
                RequestItems={self._table: requests}, ReturnConsumedCapacity="TOTAL"
            )
        except ClientError as error:
            if error_code(error.response) not in THROTTLING_CODES:
                raise
            return WriteOutcome(unprocessed=tuple(items), throttled_requests=1, reasons=_reasons(error))
        unprocessed = _unprocessed(items, response)
        return WriteOutcome(
            unprocessed=unprocessed,
            units=_consumed(response, items, unprocessed),
            throttled_requests=int(bool(unprocessed)),
        )

    def _put_conditionally(self, items: Sequence[ResultItem]) -> WriteOutcome:
        """Make one attempt at the one item, unless a later version of its document is stored."""
        (item,) = items
        try:
            response = self._client.put_item(**conditional_put(self._table, item))
        except ClientError as error:
            if error_code(error.response) == "ConditionalCheckFailedException":
                # DynamoDB bills a failed condition like a write, and does not tell how much.
                return WriteOutcome(superseded=(item,), units=float(item.units))
            if error_code(error.response) in THROTTLING_CODES:
                return WriteOutcome(unprocessed=(item,), throttled_requests=1, reasons=_reasons(error))
            if not self._is_invalid(error, "PutItem"):
                raise try_later(error, f"PutItem on table {self._table}") from None
            return WriteOutcome(invalid=(item,))
        except BotoCoreError as error:
            raise try_later(error, f"PutItem on table {self._table}") from None
        capacity: Any = response.get("ConsumedCapacity")
        return WriteOutcome(units=_consumed({"ConsumedCapacity": capacity and [capacity]}, items, ()))

    def _is_invalid(self, error: ClientError, operation: str) -> bool:
        """Return whether the table calls the items invalid.

        Raises:
            TryLater: It would call any item invalid.
        """
        if _has_other_keys(error):
            raise try_later(error, f"{operation} on table {self._table}, {_KEYS_EXPECTED},") from None
        return error_code(error.response) == "ValidationException"


def in_order(items: Sequence[ResultItem], outcomes: Sequence[WriteOutcome]) -> WriteOutcome:
    """Return the outcomes of several requests as one, what was not stored in the order of the items."""
    total = WriteOutcome(requests=0)
    for outcome in outcomes:
        total += outcome
    if len(outcomes) == 1:
        return total
    left = {item.document_id for item in total.unprocessed}
    return replace(total, unprocessed=tuple(item for item in items if item.document_id in left))


def _outcome(items: Sequence[ResultItem], result: WriteOutcome | TryLater) -> WriteOutcome:
    if isinstance(result, TryLater):
        return WriteOutcome(unanswered=tuple(items), problems=(str(result),))
    return result


def _has_other_keys(error: ClientError) -> bool:
    """Return whether no item whatever could satisfy the table: the keys of a result have one form.

    A table, or an index, made with other keys would otherwise send the whole stream to the quarantine.
    """
    message = str(error.response.get("Error", {}).get("Message", ""))
    return any(part in message for part in _WRONG_KEY_MESSAGES)


def _unprocessed(items: Sequence[ResultItem], response: Any) -> tuple[ResultItem, ...]:
    keys = {
        request["PutRequest"]["Item"]["document_id"]["S"]
        for requests in response.get("UnprocessedItems", {}).values()
        for request in requests
    }
    return tuple(item for item in items if item.document_id in keys)


def _consumed(response: Any, items: Sequence[ResultItem], unprocessed: Sequence[ResultItem]) -> float:
    """Return what the table reports as consumed, indexes included; our own count where it reports nothing."""
    capacities = response.get("ConsumedCapacity")
    if capacities:
        return float(sum(capacity.get("CapacityUnits", 0.0) for capacity in capacities))
    return float(sum(item.units for item in items) - sum(item.units for item in unprocessed))


def _reasons(error: ClientError) -> tuple[str, ...]:
    """Return the reasons that DynamoDB adds to throttling errors (not to unprocessed items)."""
    response: Any = error.response
    # ThrottlingException alone spells the field with a small letter (DynamoDB's service model).
    entries = response.get("ThrottlingReasons") or response.get("throttlingReasons") or ()
    return tuple(str(entry.get("reason", "")) for entry in entries)
