from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser

from smartcat.local_aws.dynamodb_answers import canceled, is_billed, refused_request, throttled
from smartcat.local_aws.dynamodb_tables import Refusal
from smartcat.local_aws.wsgi import Answer, json_answer

TABLE = Refusal("TableWriteProvisionedThroughputExceeded", "arn:table")
MAXIMUM = Refusal("TableWriteMaxOnDemandThroughputExceeded", "arn:table")


def parsed(answer: Answer, operation: str) -> Any:
    """What botocore makes of an answer, by its own service model."""
    model = botocore.session.get_session().get_service_model("dynamodb")
    response = {"status_code": answer.code, "headers": dict(answer.headers), "body": answer.body}
    error = create_parser("json").parse(response, model.operation_model(operation).output_shape)
    shape = model.shape_for_error_code(error["Error"]["Code"])
    assert shape is not None
    assert set(error) - {"Error", "ResponseMetadata"} <= {"message", "Message", *shape.members}
    return error


def test_each_distinct_refusal_is_one_reason() -> None:
    """Ten items refused for one reason name it once; another resource is another reason."""
    other = Refusal("IndexWriteProvisionedThroughputExceeded", "arn:index")
    answer = throttled([TABLE] * 10 + [other])
    assert answer.code == 400
    assert answer.json()["ThrottlingReasons"] == [
        {"reason": "TableWriteProvisionedThroughputExceeded", "resource": "arn:table"},
        {"reason": "IndexWriteProvisionedThroughputExceeded", "resource": "arn:index"},
    ]
    assert parsed(answer, "BatchWriteItem")["Error"]["Code"] == "ProvisionedThroughputExceededException"


def test_only_a_maximum_of_its_own_makes_it_a_throttling_exception() -> None:
    """Mixed with a provisioned table's refusal it is the provisioned exception."""
    assert parsed(throttled([MAXIMUM]), "PutItem")["Error"]["Code"] == "ThrottlingException"
    mixed = parsed(throttled([MAXIMUM, TABLE]), "PutItem")
    assert mixed["Error"]["Code"] == "ProvisionedThroughputExceededException"


@pytest.mark.parametrize(
    ("refusal", "code"), [(TABLE, "ProvisionedThroughputExceeded"), (MAXIMUM, "ThrottlingError")]
)
def test_a_cancelled_transaction_has_a_reason_for_each_entry(refusal: Refusal, code: str) -> None:
    """The throttled entry has its code in its place, the others have none."""
    answer = canceled(3, 1, refusal)
    codes = [reason["Code"] for reason in answer.json()["CancellationReasons"]]
    assert codes == ["None", code, "None"]
    error = parsed(answer, "TransactWriteItems")["Error"]
    assert error["Code"] == "TransactionCanceledException"
    assert error["Message"].endswith(f"[None, {code}, None]")


@pytest.mark.parametrize(
    ("answer", "billed"),
    [
        (json_answer({"__type": "x#ConditionalCheckFailedException"}, status=400), True),
        (json_answer({"__type": "x#TransactionCanceledException"}, status=400), True),
        (refused_request("no"), False),
        (Answer("500 Internal Server Error", (), b"<html>"), False),
    ],
)
def test_a_failed_condition_is_billed_and_an_invalid_request_is_not(answer: Answer, *, billed: bool) -> None:
    """What DynamoDB judged, it charges; what it could not read, it does not."""
    assert is_billed(answer) is billed
