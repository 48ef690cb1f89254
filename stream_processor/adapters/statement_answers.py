"""What the answer to a batch of INSERT statements says of each item. Reads answers; makes no request.

A statement's answer is a success unless it has an error; throttling is one of them, and names no reason (API
reference, "BatchStatementError").
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stream_processor.adapters.aws_answers import DamagedAnswerError, require_fields
from stream_processor.core.ports import WriteOutcome
from stream_processor.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream_processor.storage_format.result_item import ResultItem

_EXISTS: Final = frozenset({"DuplicateItem", "ConditionalCheckFailed"})
_THROTTLED: Final = frozenset({"ProvisionedThroughputExceeded", "RequestLimitExceeded", "ThrottlingError"})
_INVALID: Final = "ValidationError"
_PASSING: Final = frozenset({"InternalServerError", "TransactionConflict"})
"""Failures for a moment. What is in no set, such as ResourceNotFound, is for people to mend."""
_EXCEPTIONS: Final = frozenset({"AccessDenied", "ResourceNotFound", "TransactionConflict"})
"""Codes that are exceptions elsewhere: people look for one name, whatever the request was."""


class StatementAnswers(NamedTuple):
    """What became of the items of one request.

    Attributes:
        outcome: All but the invalid ones.
        invalid: Items that the table may call invalid for a reason of its own.
    """

    outcome: WriteOutcome
    invalid: tuple[ResultItem, ...]


def read_answers(answer: Mapping[str, Any], items: Sequence[ResultItem], action: str) -> StatementAnswers:
    """Return what the answer says of each item.

    Args:
        answer: As botocore parses it.
        items: Those of the request, in the order of its statements.
        action: What was being done, for messages.

    Raises:
        DamagedAnswerError: It does not say something of each item.
        TryLater: Not one statement could be run.
    """
    require_fields(answer, Responses=list)
    responses = answer["Responses"]
    if len(responses) != len(items):
        raise DamagedAnswerError(error=f"{len(responses)} answers to {len(items)} statements")
    codes = [_error_code(response) for response in responses]
    if not any(codes):  # nearly always
        return StatementAnswers(WriteOutcome(units=_units(answer, items)), ())
    coded = list(zip(items, codes, strict=True))
    exists = tuple(item for item, code in coded if code in _EXISTS)
    throttled = tuple(item for item, code in coded if code in _THROTTLED)
    invalid = tuple(item for item, code in coded if code == _INVALID)
    failed = [(item, code) for item, code in coded if code and code not in _EXISTS | _THROTTLED | {_INVALID}]
    if len(failed) == len(items):
        code = failed[0][1]
        raise TryLater(_problem(action, code), seconds=0.0 if code in _PASSING else math.inf)
    billed = [item for item, code in coded if not code or code in _EXISTS]
    outcome = WriteOutcome(
        unprocessed=throttled,
        exists=exists,
        unanswered=tuple(item for item, _ in failed),
        units=_units(answer, billed),
        throttled_requests=int(bool(throttled)),
        problems=tuple(dict.fromkeys(_problem(action, code) for _, code in failed)),
    )
    return StatementAnswers(outcome, invalid)


def table_units(capacities: Sequence[Mapping[str, Any]]) -> float:
    """Return the units that writes took from the table itself, which an index's units are no part of.

    The write budget is a share of the table's capacity; an index has one of its own.
    """
    return float(sum(capacity.get("Table", capacity).get("CapacityUnits", 0.0) for capacity in capacities))


def _problem(action: str, code: str) -> str:
    return f"{action} failed with {code}{'Exception' if code in _EXCEPTIONS else ''}"


def _units(answer: Mapping[str, Any], billed: Sequence[ResultItem]) -> float:
    """Return what the table reports as consumed; our own count where it reports nothing."""
    capacities = answer.get("ConsumedCapacity")
    return table_units(capacities) if capacities else float(sum(item.units for item in billed))


def _error_code(response: Any) -> str:
    """Return the code of a statement's error, empty if it has none.

    Raises:
        DamagedAnswerError: It is neither a success nor an error.
    """
    if not isinstance(response, dict):
        raise DamagedAnswerError(error="a statement's answer is no structure")
    error = response.get("Error")
    return "" if error is None else str(error.get("Code") or "Unknown")
