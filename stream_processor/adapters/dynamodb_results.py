"""Puts result items into a DynamoDB table. Never drops an item the table did not take, never writes blind.

Every write has a condition, so that one that lands late, after its time-out, replaces nothing newer: new
documents are inserted, in batches; those that exist are replaced one by one, if they are earlier.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from smartcat.aws_errors import THROTTLING_CODES, error_code
from stream_processor.adapters.aws_answers import require_fields
from stream_processor.adapters.aws_retries import try_later, try_repeatedly
from stream_processor.adapters.canary_item import canary_put
from stream_processor.adapters.conditional_put import conditional_put
from stream_processor.adapters.insert_statements import insert_request
from stream_processor.adapters.parallel_calls import run_parallel
from stream_processor.adapters.statement_answers import read_answers, table_units
from stream_processor.adapters.stored_results import StoredResults
from stream_processor.core.ports import WriteOutcome
from stream_processor.errors import TryLater
from stream_processor.storage_format.document_version import standing, stored_version
from stream_processor.storage_format.dynamodb_limits import MAX_REQUEST_ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from stream_processor.adapters.parallel_calls import RunParallel
    from stream_processor.storage_format.document_version import StoredVersion
    from stream_processor.storage_format.result_item import ResultItem

_CONDITION_FAILED: Final = "ConditionalCheckFailedException"
_WRONG_KEY_MESSAGES: Final = (
    "key element does not match the schema",  # DynamoDB, of a table's keys in a batch
    "Type mismatch for Index Key",  # DynamoDB, of an index
    "Type mismatch for key",  # emulators, which word a batch like a single put
    "Missing the key",
)
_KEYS_EXPECTED: Final = "whose only key should be the string document_id"


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
        self._stored = StoredResults(client, table)

    def put(self, items: Sequence[ResultItem], *, seconds: float) -> WriteOutcome:
        """Store items; 25 of at most 400 KB stay below a request's 16 MB.

        Raises:
            TryLater: The table cannot be reached or used, or has other keys than results have.
        """
        new = [item for item in items if not item.conditional]
        groups = [new[start : start + MAX_REQUEST_ITEMS] for start in range(0, len(new), MAX_REQUEST_ITEMS)]
        groups += [[item] for item in items if item.conditional]
        calls = [partial(self._request, group, seconds) for group in groups]
        results = self._run_parallel(calls)
        failures = [result for _, result in results if isinstance(result, TryLater)]
        if len(failures) == len(results):
            raise failures[0]
        return in_order(items, [_outcome(part, result) for part, result in results])

    def stored(self, items: Sequence[ResultItem]) -> Mapping[str, StoredVersion | None]:
        """Ask BatchGetItem; needs the permission of that name, and knows nothing where it is missing."""
        return self._stored.read([item.document_id for item in items], self._run_parallel)

    def capacity(self) -> float | None:
        """Ask DescribeTable; needs the permission of that name, and returns None where it is missing."""
        try:
            answer: Any = self._client.describe_table(TableName=self._table)
            require_fields(answer, Table=dict)
        except (ClientError, BotoCoreError):
            return None
        table = answer["Table"]
        if table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
            units = table.get("OnDemandThroughput", {}).get("MaxWriteRequestUnits", 0)
        else:
            units = table.get("ProvisionedThroughput", {}).get("WriteCapacityUnits", 0)
        return float(units) if units > 0 else None

    def _request(
        self, items: Sequence[ResultItem], seconds: float
    ) -> tuple[Sequence[ResultItem], WriteOutcome | TryLater]:
        """Make one request, tried again while it fails for a moment; return what it was for, too."""
        attempt = partial(self._put_alone, items[0]) if len(items) == 1 else partial(self._insert, items)
        try:
            return items, try_repeatedly(attempt, seconds=seconds, sleep=self._sleep)
        except TryLater as error:
            return items, error

    def _insert(self, items: Sequence[ResultItem]) -> WriteOutcome:
        """Make one attempt to store items where there are none."""
        action = f"BatchExecuteStatement on table {self._table}"
        request: Any = insert_request(self._table, items)
        try:
            answer = self._client.batch_execute_statement(**request)
            answers = read_answers(answer, items, action)
        except ClientError as error:
            if error_code(error.response) in THROTTLING_CODES:
                return WriteOutcome(unprocessed=tuple(items), throttled_requests=1, reasons=_reasons(error))
            if not self._is_invalid(error, action):
                raise try_later(error, action) from None
            return WriteOutcome() + self._put_each(items)  # one of them, or all: an answer to each tells
        except BotoCoreError as error:
            raise try_later(error, action) from None
        return answers.outcome + self._put_each(answers.invalid) if answers.invalid else answers.outcome

    def _put_each(self, items: Sequence[ResultItem]) -> WriteOutcome:
        """Make one attempt at each, one after the other, and none after the table has refused the canary."""
        total = WriteOutcome(requests=0)
        for number, item in enumerate(items):
            try:
                total += self._put_alone(item)
            except TryLater as error:
                if not number:
                    raise
                return total + WriteOutcome(unanswered=tuple(items[number:]), problems=(str(error),))
        return total

    def _put_alone(self, item: ResultItem, *, canary_taken: bool = False) -> WriteOutcome:
        """Make one attempt at the one item, unless what is stored of its document is not earlier.

        A table may be mended between the item and the canary. So the item has the last word: it is at fault
        where it is refused before the canary is taken, and after it.
        """
        action = f"PutItem on table {self._table}"
        try:
            answer: Any = self._client.put_item(**conditional_put(self._table, item))
            require_fields(answer, ConsumedCapacity=dict)
        except ClientError as error:
            if error_code(error.response) == _CONDITION_FAILED:
                return _left_alone(item, error)
            if error_code(error.response) in THROTTLING_CODES:
                return WriteOutcome(unprocessed=(item,), throttled_requests=1, reasons=_reasons(error))
            if not self._is_invalid(error, action):
                raise try_later(error, action) from None
            if canary_taken:
                return WriteOutcome(invalid=(item,))
            self._check_canary(item, error, action)
            return WriteOutcome(units=1.0, requests=2) + self._put_alone(item, canary_taken=True)
        except BotoCoreError as error:
            raise try_later(error, action) from None
        return WriteOutcome(units=table_units([answer["ConsumedCapacity"]]))

    def _check_canary(self, refused: ResultItem, refusal: ClientError, action: str) -> None:
        """Return if the table takes an item of this form: then this one's content is at fault.

        Raises:
            TryLater: It takes no such item, or does not say so now: no document is known to be at fault.
        """
        try:
            self._client.put_item(**canary_put(self._table, refused))
        except ClientError as error:
            if error_code(error.response) == _CONDITION_FAILED:
                return
            if error_code(error.response) == "ValidationException":
                raise try_later(refusal, f"{action}, which takes no result whatever,") from None
            raise try_later(error, action) from None
        except BotoCoreError as error:
            raise try_later(error, action) from None
        # Stored against its condition, or a damaged answer: neither says that the table takes it.
        raise TryLater(f"{action} answered a condition that cannot hold")

    def _is_invalid(self, error: ClientError, action: str) -> bool:
        """Return whether the table calls the items invalid.

        Raises:
            TryLater: It would call any item invalid.
        """
        if _has_other_keys(error):
            raise try_later(error, f"{action}, {_KEYS_EXPECTED},") from None
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


def _left_alone(item: ResultItem, error: ClientError) -> WriteOutcome:
    """Return the outcome of a failed condition. DynamoDB bills it like a write, and does not say how much."""
    response: Any = error.response
    units = float(item.units)
    try:
        stored = stored_version(response["Item"])
        later = standing(item.attributes, stored) == "later"
    except (KeyError, ValueError):  # not told, or not ours: it stays in any case
        later = True
    return WriteOutcome(superseded=(item,), units=units) if later else WriteOutcome(kept=(item,), units=units)


def _has_other_keys(error: ClientError) -> bool:
    """Return whether no item whatever could satisfy the table: the keys of a result have one form.

    A table, or an index, made with other keys would otherwise send the whole stream to the quarantine.
    """
    message = str(error.response.get("Error", {}).get("Message", ""))
    return any(part in message for part in _WRONG_KEY_MESSAGES)


def _reasons(error: ClientError) -> tuple[str, ...]:
    """Return the reasons that DynamoDB adds to throttling errors (not to those of a batch's statements)."""
    response: Any = error.response
    # ThrottlingException alone spells the field with a small letter (DynamoDB's service model).
    entries = response.get("ThrottlingReasons") or response.get("throttlingReasons") or ()
    return tuple(str(entry.get("reason", "")) for entry in entries)
