"""What a function's response says about its batch, in every form that AWS documents. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.event_source_mapping.batches import (
    Failure,
    Outcome,
    PartialFailure,
    Success,
    Throttled,
)

if TYPE_CHECKING:
    from smartcat.local_aws.event_source_mapping.batches import Batch
    from smartcat.local_aws.lambda_runtime.host import InvokeResult


def interpret(result: InvokeResult, batch: Batch, *, report_failures: bool) -> Outcome:
    """Return the outcome of a batch.

    Args:
        result: The invocation's result.
        batch: What was delivered.
        report_failures: The mapping has ReportBatchItemFailures; without it every response is a success.

    Returns:
        `Throttled` also if the function does not exist or Lambda itself failed: neither discards records.
    """
    if result.throttled or result.status_code == 404 or result.status_code >= 500:
        return Throttled()
    if result.function_error or result.status_code >= 400:
        return Failure()
    if not report_failures or not result.payload.strip():
        return Success()
    try:
        response = json.loads(result.payload)
    except (ValueError, RecursionError):  # the second: brackets nested without end
        return Failure()
    return _reported(response, batch)


def _reported(response: Any, batch: Batch) -> Outcome:
    if not response:
        return Success()
    if not isinstance(response, dict):
        return Failure()
    # Without the right top-level key AWS assumes no failures.
    items = response.get("batchItemFailures")
    if items is None or items == []:
        return Success()
    if not isinstance(items, list):
        return Failure()
    positions = {str(record.sequence_number): index for index, record in enumerate(batch.records)}
    found = [positions.get(_identifier(item)) for item in items]
    known = [index for index in found if index is not None]
    # One identifier from outside the batch makes the whole response invalid.
    return PartialFailure(min(known)) if len(known) == len(found) else Failure()


def _identifier(item: Any) -> str:
    value = item.get("itemIdentifier") if isinstance(item, dict) else None
    return value if isinstance(value, str) else ""
