"""DynamoDB's error answers, in the shapes that botocore parses. Pure: no state, no request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.local_aws.wsgi import json_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.local_aws.dynamodb_tables import Refusal
    from smartcat.local_aws.wsgi import Answer

_NAMESPACE = "com.amazonaws.dynamodb.v20120810"
_PROVISIONED_MESSAGE = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
_ON_DEMAND_MESSAGE = "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
# A condition that failed has cost its write; every other error is answered before anything is billed.
_BILLED_ERRORS = ("ConditionalCheckFailedException", "TransactionCanceledException")


def refused_request(message: str) -> Answer:
    """The ValidationException for a request that breaks a rule."""
    return json_answer(
        {"__type": "com.amazon.coral.validate#ValidationException", "message": message}, status=400
    )


def throttled(refusals: Iterable[Refusal]) -> Answer:
    """The exception for a request of which nothing was admitted, with every distinct reason.

    ThrottlingException where a table's own on-demand maximum refused, else
    ProvisionedThroughputExceededException; the API names the member for the reasons differently in the two.
    """
    distinct = list(dict.fromkeys(refusals))
    reasons = [{"reason": refusal.reason, "resource": refusal.resource} for refusal in distinct]
    if all(refusal.on_demand for refusal in distinct):
        return _error("ThrottlingException", _ON_DEMAND_MESSAGE, throttlingReasons=reasons)
    return _error("ProvisionedThroughputExceededException", _PROVISIONED_MESSAGE, ThrottlingReasons=reasons)


def canceled(count: int, position: int, refusal: Refusal) -> Answer:
    """The exception for a transaction in which one entry was throttled: a code for each entry, in order."""
    code = "ThrottlingError" if refusal.on_demand else "ProvisionedThroughputExceeded"
    message = _ON_DEMAND_MESSAGE if refusal.on_demand else _PROVISIONED_MESSAGE
    reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in range(count)]
    reasons[position] = {"Code": code, "Message": message}
    codes = ", ".join(reason["Code"] for reason in reasons)
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return _error("TransactionCanceledException", text, Message=text, CancellationReasons=reasons)


def is_billed(answer: Answer) -> bool:
    """Whether a failed call has cost its write units all the same."""
    try:
        error = str(answer.json().get("__type", "")).rpartition("#")[2]
    except ValueError:
        return False
    return error in _BILLED_ERRORS


def _error(name: str, message: str, **members: Any) -> Answer:
    return json_answer({"__type": f"{_NAMESPACE}#{name}", "message": message, **members}, status=400)
