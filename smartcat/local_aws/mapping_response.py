"""What a function's answer says about its batch, in every form AWS documents. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.mapping_batches import Failure, Outcome, PartialFailure, Success, Throttled

if TYPE_CHECKING:
    from smartcat.local_aws.lambda_host import InvokeResult
    from smartcat.local_aws.mapping_batches import Batch


def interpret(result: InvokeResult, batch: Batch, *, report_failures: bool) -> Outcome:
    """Return the outcome of a batch.

    Args:
        result: The invocation's result.
        batch: What was delivered.
        report_failures: The mapping has ReportBatchItemFailures; without it every response is a success.

    Returns:
        `Throttled` also when the function does not exist or Lambda itself failed: nothing is discarded for
        that.
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
    # A wrong top-level key means "no failures" on AWS: it fails open.
    items = response.get("batchItemFailures")
    if items is None or items == []:
        return Success()
    if not isinstance(items, list):
        return Failure()
    positions = {str(record.sequence_number): index for index, record in enumerate(batch.records)}
    found = [positions.get(_identifier(item)) for item in items]
    known = [index for index in found if index is not None]
    # One identifier that is not of this batch makes the whole answer unusable.
    return PartialFailure(min(known)) if len(known) == len(found) else Failure()


def _identifier(item: Any) -> str:
    value = item.get("itemIdentifier") if isinstance(item, dict) else None
    return value if isinstance(value, str) else ""
