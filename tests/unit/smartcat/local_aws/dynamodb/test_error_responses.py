from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser

from smartcat.local_aws.dynamodb.error_responses import canceled, is_billed, throttled, validation_error
from smartcat.local_aws.dynamodb.table_capacity import ThrottlingReason
from smartcat.local_aws.server.wsgi import Response, json_response

TABLE = ThrottlingReason("TableWriteProvisionedThroughputExceeded", "arn:table")
MAXIMUM = ThrottlingReason("TableWriteMaxOnDemandThroughputExceeded", "arn:table")


def parsed(response: Response, operation: str) -> Any:
    """What botocore makes of an answer, by its own service model."""
    model = botocore.session.get_session().get_service_model("dynamodb")
    response = {"status_code": response.code, "headers": dict(response.headers), "body": response.body}
    error = create_parser("json").parse(response, model.operation_model(operation).output_shape)
    shape = model.shape_for_error_code(error["Error"]["Code"])
    assert shape is not None
    assert set(error) - {"Error", "ResponseMetadata"} <= {"message", "Message", *shape.members}
    return error


def test_each_distinct_rejection_is_one_reason() -> None:
    """Ten items rejected for one reason name it once; another resource is another reason."""
    other = ThrottlingReason("IndexWriteProvisionedThroughputExceeded", "arn:index")
    response = throttled([TABLE] * 10 + [other])
    assert response.code == 400
    assert response.json()["ThrottlingReasons"] == [
        {"reason": "TableWriteProvisionedThroughputExceeded", "resource": "arn:table"},
        {"reason": "IndexWriteProvisionedThroughputExceeded", "resource": "arn:index"},
    ]
    assert parsed(response, "BatchWriteItem")["Error"]["Code"] == "ProvisionedThroughputExceededException"


def test_only_a_maximum_of_its_own_makes_it_a_throttling_exception() -> None:
    """Mixed with a provisioned table's rejection it is the provisioned exception."""
    assert parsed(throttled([MAXIMUM]), "PutItem")["Error"]["Code"] == "ThrottlingException"
    mixed = parsed(throttled([MAXIMUM, TABLE]), "PutItem")
    assert mixed["Error"]["Code"] == "ProvisionedThroughputExceededException"


@pytest.mark.parametrize(
    ("reason", "code"), [(TABLE, "ProvisionedThroughputExceeded"), (MAXIMUM, "ThrottlingError")]
)
def test_a_cancelled_transaction_has_a_reason_for_each_entry(reason: ThrottlingReason, code: str) -> None:
    """The throttled entry has its code in its place, the others have none."""
    response = canceled(3, 1, reason)
    codes = [reason["Code"] for reason in response.json()["CancellationReasons"]]
    assert codes == ["None", code, "None"]
    error = parsed(response, "TransactWriteItems")["Error"]
    assert error["Code"] == "TransactionCanceledException"
    assert error["Message"].endswith(f"[None, {code}, None]")


@pytest.mark.parametrize(
    ("response", "billed"),
    [
        (json_response({"__type": "x#ConditionalCheckFailedException"}, status=400), True),
        (json_response({"__type": "x#TransactionCanceledException"}, status=400), True),
        (validation_error("no"), False),
        (Response("500 Internal Server Error", (), b"<html>"), False),
    ],
)
def test_a_failed_condition_is_billed_and_an_invalid_request_is_not(
    response: Response, *, billed: bool
) -> None:
    """What DynamoDB judged, it charges; what it could not read, it does not."""
    assert is_billed(response) is billed
