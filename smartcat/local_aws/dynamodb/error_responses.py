"""DynamoDB's error responses, in the shapes that botocore parses. Pure: no state, no request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.local_aws.server.wsgi import json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.local_aws.dynamodb.item_size import Item
    from smartcat.local_aws.dynamodb.table_capacity import ThrottlingReason
    from smartcat.local_aws.server.wsgi import Response

_NAMESPACE = "com.amazonaws.dynamodb.v20120810"
_PROVISIONED_MESSAGE = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
_ON_DEMAND_MESSAGE = "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
# A failed condition is billed like a write; every other error is returned before anything is billed.
_BILLED_ERRORS = ("ConditionalCheckFailedException", "TransactionCanceledException")


def validation_error(message: str) -> Response:
    """Return the ValidationException for a request that breaks a rule."""
    return json_response(
        {"__type": "com.amazon.coral.validate#ValidationException", "message": message}, status=400
    )


def throttled(reasons: Iterable[ThrottlingReason]) -> Response:
    """Return the exception for a request of which nothing was admitted, with every distinct reason.

    ThrottlingException if only tables' own on-demand maximums were exceeded, else
    ProvisionedThroughputExceededException. The two name the member that lists the reasons differently.
    """
    distinct = list(dict.fromkeys(reasons))
    listed = [{"reason": reason.reason, "resource": reason.resource} for reason in distinct]
    if all(reason.on_demand for reason in distinct):
        return _error("ThrottlingException", _ON_DEMAND_MESSAGE, throttlingReasons=listed)
    return _error("ProvisionedThroughputExceededException", _PROVISIONED_MESSAGE, ThrottlingReasons=listed)


def failed_condition(stored: Item) -> Response:
    """Return the exception for a write whose condition fails, with the item that is stored (ALL_OLD)."""
    return _error("ConditionalCheckFailedException", "The conditional request failed", Item=dict(stored))


def throttled_statement(reason: ThrottlingReason, table: str) -> dict[str, Any]:
    """Return the answer to one throttled statement of a batch. It has no place for the reason."""
    code = "ThrottlingError" if reason.on_demand else "ProvisionedThroughputExceeded"
    message = _ON_DEMAND_MESSAGE if reason.on_demand else _PROVISIONED_MESSAGE
    return {"Error": {"Code": code, "Message": message}, "TableName": table}


def canceled(count: int, position: int, reason: ThrottlingReason) -> Response:
    """Return the exception for a transaction with one throttled entry: a code for each entry, in order."""
    code = "ThrottlingError" if reason.on_demand else "ProvisionedThroughputExceeded"
    message = _ON_DEMAND_MESSAGE if reason.on_demand else _PROVISIONED_MESSAGE
    reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in range(count)]
    reasons[position] = {"Code": code, "Message": message}
    codes = ", ".join(each["Code"] for each in reasons)
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return _error("TransactionCanceledException", text, Message=text, CancellationReasons=reasons)


def is_billed(response: Response) -> bool:
    """Return whether a failed call is billed its write units all the same."""
    try:
        error = str(response.json().get("__type", "")).rpartition("#")[2]
    except ValueError:
        return False
    return error in _BILLED_ERRORS


def _error(name: str, message: str, **members: Any) -> Response:
    return json_response({"__type": f"{_NAMESPACE}#{name}", "message": message, **members}, status=400)
