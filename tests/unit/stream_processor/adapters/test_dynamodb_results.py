from __future__ import annotations

import math
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from smartcat.local_aws.moto_patches import patched_moto
from stream_processor.adapters.canary_item import canary_put
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.errors import TryLater
from stream_processor.storage_format.document_version import stored_version
from stream_processor.storage_format.result_item import ResultItem
from support.tables import create

INSERT = (
    "INSERT INTO \"results\" VALUE {'document_id': ?, 'sequence_number': ?, 'model_version': ?, 'label': ?}"
)


def item(document_id: str, label: str = "invoice", **attributes: Any) -> ResultItem:
    """An item of one unit."""
    known = {
        "document_id": {"S": document_id},
        "sequence_number": {"S": "5"},
        "model_version": {"S": "m1"},
        "label": {"S": label},
    }
    return ResultItem(document_id, {**known, **attributes}, 1, review=False)


def parameters(*items: ResultItem) -> dict[str, Any]:
    """The request that inserts the items."""
    return {
        "Statements": [{"Statement": INSERT, "Parameters": list(one.attributes.values())} for one in items],
        "ReturnConsumedCapacity": "INDEXES",
    }


def answer(*codes: str | None, units: float | None = None, index: float = 0.0) -> dict[str, Any]:
    """The answer to statements: None for one that is stored, else the code of its error."""
    answers = [
        {"TableName": "results"} if code is None else {"Error": {"Code": code, "Message": "m"}}
        for code in codes
    ]
    if units is None:
        return {"Responses": answers}
    return {"Responses": answers, "ConsumedCapacity": [consumed(units, index)]}


def consumed(units: float, index: float = 0.0) -> dict[str, Any]:
    """ConsumedCapacity of a table, and of an index beside it."""
    return {
        "TableName": "results",
        "CapacityUnits": units + index,
        "Table": {"CapacityUnits": units},
        "GlobalSecondaryIndexes": {"by-label": {"CapacityUnits": index}},
    }


A, B, C, D = item("a"), item("b"), item("c"), item("d")


@pytest.fixture
def client() -> Any:
    """A client that a stub answers."""
    return boto3.client(
        "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture
def naps() -> list[float]:
    """The waits that were asked for."""
    return []


@pytest.fixture
def table(client: Any, naps: list[float]) -> DynamoDbResults:
    """The adapter under test."""
    return DynamoDbResults(client, "results", sleep=naps.append)


def test_everything_stored(client: Any, table: DynamoDbResults) -> None:
    """A full success reports what the table itself consumed; an index has a capacity of its own."""
    with Stubber(client) as stub:
        stub.add_response(
            "batch_execute_statement", answer(None, None, units=7.0, index=5.0), parameters(A, B)
        )
        outcome = table.put([A, B], seconds=1)
        stub.add_response("put_item", {"ConsumedCapacity": consumed(2.0, 5.0)})
        alone = table.put([A], seconds=1)
    assert (outcome.unprocessed, outcome.units, outcome.throttled) == ((), 7.0, False)
    assert (alone.unprocessed, alone.units, alone.met_stored) == ((), 2.0, False)


def test_own_count_where_the_table_says_nothing(client: Any, table: DynamoDbResults) -> None:
    """Without ConsumedCapacity the units are those of the items that were stored, or met."""
    with Stubber(client) as stub:
        stub.add_response("batch_execute_statement", answer("DuplicateItem", "ThrottlingError", None))
        assert table.put([A, B, C], seconds=1).units == 2.0


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"])
def test_throttled_statements_come_back(client: Any, table: DynamoDbResults, code: str) -> None:
    """Items that found no capacity are returned, in the order given, as a throttle without a name."""
    with Stubber(client) as stub:
        stub.add_response("batch_execute_statement", answer(code, None, code))
        outcome = table.put([A, B, C], seconds=1)
    assert outcome.unprocessed == (A, C)
    assert outcome.throttled
    assert outcome.reasons == ()


def test_what_exists_comes_back(client: Any, table: DynamoDbResults) -> None:
    """Items under whose keys something is stored are told apart: it is not known what that is."""
    with Stubber(client) as stub:
        stub.add_response("batch_execute_statement", answer(None, "DuplicateItem", units=2.0))
        outcome = table.put([A, B], seconds=1)
    assert (outcome.exists, outcome.met_stored, outcome.units) == ((B,), True, 2.0)


@pytest.mark.parametrize(
    ("code", "seconds"),
    [("InternalServerError", 0.0), ("AccessDenied", math.inf), ("NeverHeardOf", math.inf)],
)
def test_statements_that_all_fail_are_for_later(
    client: Any, table: DynamoDbResults, code: str, seconds: float
) -> None:
    """What is neither stored nor refused is not known: all of it together is a failed request."""
    with Stubber(client) as stub:
        stub.add_response("batch_execute_statement", answer(code, code))
        with pytest.raises(
            TryLater, match=f"BatchExecuteStatement on table results failed with {code}"
        ) as caught:
            table.put([A, B], seconds=0)
        assert caught.value.seconds == seconds
        stub.add_response("batch_execute_statement", answer(None, code))
        outcome = table.put([A, B], seconds=0)
    assert outcome.unanswered == (B,)
    assert outcome.problems == (str(caught.value),)


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("ProvisionedThroughputExceededException", "ThrottlingReasons"),
        ("RequestLimitExceeded", "ThrottlingReasons"),
        ("ThrottlingException", "throttlingReasons"),
    ],
)
def test_throttling_error_is_an_outcome(
    client: Any, table: DynamoDbResults, naps: list[float], code: str, field: str
) -> None:
    """A request throttled as a whole is an outcome with its reasons, at once and without own retries."""
    reason = {
        "reason": "TableWriteProvisionedThroughputExceeded",
        "resource": "arn:aws:dynamodb:eu-central-1:000000000000:table/results",
    }
    with Stubber(client) as stub:
        stub.add_client_error(
            "batch_execute_statement", code, http_status_code=400, modeled_fields={field: [reason]}
        )
        outcome = table.put([A, B], seconds=60)
    assert outcome.unprocessed == (A, B)
    assert outcome.throttled
    assert outcome.reasons == ("TableWriteProvisionedThroughputExceeded",)
    assert naps == []


def test_transient_fault_is_tried_again(client: Any, table: DynamoDbResults, naps: list[float]) -> None:
    """A server error is tried again after a jittered wait, within the time given."""
    with Stubber(client) as stub:
        stub.add_client_error("batch_execute_statement", "InternalServerError", http_status_code=500)
        stub.add_response("batch_execute_statement", answer(None, None))
        assert table.put([A, B], seconds=60).unprocessed == ()
    assert len(naps) == 1


def test_transient_fault_without_time_is_for_later(
    client: Any, table: DynamoDbResults, naps: list[float]
) -> None:
    """Without time to spare there is one attempt and no waiting."""
    with Stubber(client) as stub:
        stub.add_client_error("put_item", "InternalServerError", http_status_code=500)
        with pytest.raises(TryLater, match="PutItem on table results failed with InternalServerError"):
            table.put([A], seconds=0)
    assert naps == []


def test_attempts_are_bounded(client: Any, table: DynamoDbResults, naps: list[float]) -> None:
    """After four attempts the fault is for later, however much time there is."""
    with Stubber(client) as stub:
        for _ in range(4):
            stub.add_client_error("put_item", "ServiceUnavailable", http_status_code=503)
        with pytest.raises(TryLater):
            table.put([A], seconds=600)
        stub.assert_no_pending_responses()
    assert len(naps) == 3


def test_missing_permission_is_not_tried_again(
    client: Any, table: DynamoDbResults, naps: list[float]
) -> None:
    """What only people can mend is reported at once, by its code and without the message."""
    with Stubber(client) as stub:
        stub.add_client_error(
            "batch_execute_statement", "AccessDeniedException", "item text", http_status_code=400
        )
        with pytest.raises(TryLater) as caught:
            table.put([A, B], seconds=600)
    assert str(caught.value) == "BatchExecuteStatement on table results failed with AccessDeniedException"
    assert naps == []


def test_unreachable_table_is_tried_again(monkeypatch: pytest.MonkeyPatch, client: Any) -> None:
    """A connection that times out is tried again and then for later."""
    calls: list[int] = []

    def unreachable(**_: Any) -> Any:
        calls.append(1)
        raise ConnectTimeoutError(endpoint_url="https://dynamodb")

    monkeypatch.setattr(client, "put_item", unreachable)
    with pytest.raises(TryLater, match="ConnectTimeoutError"):
        DynamoDbResults(client, "results", sleep=lambda _: None).put([A], seconds=60)
    assert len(calls) == 4


INVALID = {"service_error_code": "ValidationException", "http_status_code": 400}
TAKEN = {"service_error_code": "ConditionalCheckFailedException", "http_status_code": 400}


def test_an_item_is_invalid_if_the_table_takes_its_canary(client: Any, table: DynamoDbResults) -> None:
    """A refused statement is put alone, then a canary of the same form, then the item once more."""
    with Stubber(client) as stub:
        stub.add_response("batch_execute_statement", answer(None, "ValidationError", None, units=2.0))
        stub.add_client_error("put_item", **INVALID)
        stub.add_client_error("put_item", **TAKEN)
        stub.add_client_error("put_item", **INVALID)
        outcome = table.put([A, B, C], seconds=1)
        stub.assert_no_pending_responses()
    assert outcome.invalid == (B,)
    assert (outcome.units, outcome.requests) == (3.0, 4)


def test_an_item_that_is_taken_after_its_canary_is_stored(client: Any, table: DynamoDbResults) -> None:
    """The table was mended between the two: no document was at fault."""
    with Stubber(client) as stub:
        stub.add_client_error("put_item", **INVALID)
        stub.add_client_error("put_item", **TAKEN)
        stub.add_response("put_item", {"ConsumedCapacity": {"CapacityUnits": 1.0}})
        outcome = table.put([A], seconds=1)
        stub.assert_no_pending_responses()
    assert outcome.invalid == ()
    assert (outcome.units, outcome.requests) == (2.0, 3)


def test_a_canary_has_the_form_of_the_refused_item_and_nothing_of_its_content() -> None:
    """Same attributes, same types, and a condition that cannot hold: nothing is ever stored."""
    refused = item(
        "secret", "secret", reasons={"L": [{"S": "secret"}]}, metadata={"M": {"a": {"S": "secret"}}}
    )
    canary = canary_put("results", refused)
    assert "secret" not in str(canary)
    assert list(canary["Item"]) == list(refused.attributes)
    assert [list(value) for value in canary["Item"].values()] == [
        list(value) for value in refused.attributes.values()
    ]


@pytest.mark.parametrize("items", [[A], [A, B]])
@pytest.mark.parametrize("canary", [INVALID, {"service_error_code": "InternalServerError"}, None])
def test_no_item_is_invalid_while_the_canary_is_not_taken(
    client: Any, table: DynamoDbResults, items: list[ResultItem], canary: dict[str, Any] | None
) -> None:
    """A table that takes nothing, such as one with a mistyped name, blames no document; nor does silence."""
    with Stubber(client) as stub:
        if len(items) > 1:
            stub.add_client_error("batch_execute_statement", **INVALID)
        stub.add_client_error("put_item", **INVALID)
        if canary is None:
            stub.add_response("put_item", {})
        else:
            stub.add_client_error("put_item", **canary)
        with pytest.raises(TryLater, match="PutItem on table results"):
            table.put(items, seconds=0)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    "message",
    [
        "The provided key element does not match the schema",
        "One or more parameter values were invalid: Type mismatch for Index Key label Expected: N Actual: S",
        "One or more parameter values were invalid: Missing the key id in the item",
    ],
)
def test_wrong_keys_are_the_tables_fault(client: Any, table: DynamoDbResults, message: str) -> None:
    """A table or index with other keys refuses every result alike: people must mend it, no item is bad."""
    with Stubber(client) as stub:
        stub.add_client_error("batch_execute_statement", "ValidationException", message, http_status_code=400)
        with pytest.raises(TryLater, match="only key should be the string document_id") as caught:
            table.put([A, B], seconds=1)
    assert caught.value.seconds == math.inf


@pytest.mark.parametrize(("name", "kind"), [("id", "S"), ("document_id", "N")])
def test_a_table_made_wrong_takes_nothing_and_refuses_nothing(name: str, kind: Any) -> None:
    """Against an emulated table whose key has another name or type, results wait and are not rejected."""
    with mock_aws(), patched_moto():
        client = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_table(
            TableName="results",
            KeySchema=[{"AttributeName": name, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind}],
            BillingMode="PAY_PER_REQUEST",
        )
        with pytest.raises(TryLater):
            DynamoDbResults(client, "results", sleep=lambda _: None).put([A, B], seconds=1)


def test_items_arrive_as_they_are() -> None:
    """Against an emulated table, the items read back are those that were put; a repeat changes nothing."""
    with mock_aws(), patched_moto():
        client = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        create(client, "results", units=None, key="document_id")
        table = DynamoDbResults(client, "results", sleep=lambda _: None)
        items = [item(f"d{n}", reasons={"L": [{"S": "tax:1.00"}]}, pages={"N": "2"}) for n in range(25)]
        for _ in range(2):
            assert table.put(items, seconds=1).unprocessed == ()
        stored = client.scan(TableName="results")["Items"]
        assert sorted(one["document_id"]["S"] for one in stored) == sorted(one.document_id for one in items)
        assert items[3].attributes in stored


def one_by_one(calls: Any) -> list[Any]:
    """Make calls one after the other, so that a stub can tell them apart."""
    return [call() for call in calls]


def test_many_items_are_several_requests(client: Any) -> None:
    """60 items are three requests, what they cost is added up, and what is left keeps the order given."""
    items = [item(f"d{n:02d}") for n in range(60)]
    with Stubber(client) as stub:
        for start, left in ((0, [3]), (25, []), (50, [1, 5])):
            part = items[start : start + 25]
            codes = ["ThrottlingError" if place in left else None for place in range(len(part))]
            stub.add_response("batch_execute_statement", answer(*codes), parameters(*part))
        table = DynamoDbResults(client, "results", sleep=lambda _: None, run_parallel=one_by_one)
        outcome = table.put(items, seconds=1)
    assert outcome.unprocessed == (items[3], items[51], items[55])
    assert (outcome.requests, outcome.throttled_requests, outcome.units) == (3, 2, 57.0)


def test_one_request_of_several_that_fails_is_told_apart(client: Any) -> None:
    """The items of a request that failed are unanswered, with the reason; the others are stored."""
    items = [item(f"d{n:02d}") for n in range(30)]
    with Stubber(client) as stub:
        stub.add_client_error("batch_execute_statement", "InternalServerError", http_status_code=500)
        stub.add_response("batch_execute_statement", answer(*[None] * 5))
        table = DynamoDbResults(client, "results", sleep=lambda _: None, run_parallel=one_by_one)
        outcome = table.put(items, seconds=0)
    assert outcome.unanswered == tuple(items[:25])
    assert outcome.problems == ("BatchExecuteStatement on table results failed with InternalServerError",)
    assert outcome.units == 5.0


def test_what_is_stored_is_told_as_far_as_it_is_known(client: Any, table: DynamoDbResults) -> None:
    """A question is answered with a version, with nothing there, or not at all; a failed one not at all."""
    found = {name: value for name, value in A.attributes.items() if name != "label"}
    foreign = {"document_id": {"S": "d"}, "sequence_number": {"S": "not ours"}}
    with Stubber(client) as stub:
        stub.add_response(
            "batch_get_item",
            {
                "Responses": {"results": [found, foreign]},
                "UnprocessedKeys": {"results": {"Keys": [{"document_id": {"S": "c"}}]}},
            },
        )
        assert table.stored([A, B, C, D]) == {"a": stored_version(A.attributes), "b": None}
        stub.add_client_error("batch_get_item", "AccessDeniedException", http_status_code=400)
        assert table.stored([A]) == {}


@pytest.mark.parametrize(
    ("description", "units"),
    [
        ({"ProvisionedThroughput": {"WriteCapacityUnits": 50}}, 50.0),
        ({"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}, None),
        (
            {
                "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
                "OnDemandThroughput": {"MaxWriteRequestUnits": 80},
            },
            80.0,
        ),
    ],
)
def test_the_capacity_is_what_the_table_may_write(
    client: Any, table: DynamoDbResults, description: dict[str, Any], units: float | None
) -> None:
    """Provisioned units, or the maximum of an on-demand table, or nothing where there is neither."""
    with Stubber(client) as stub:
        stub.add_response("describe_table", {"Table": description}, {"TableName": "results"})
        assert table.capacity() == units


def test_a_capacity_that_cannot_be_read_is_unknown(client: Any, table: DynamoDbResults) -> None:
    """Without the permission to describe the table, the configured share is all there is."""
    with Stubber(client) as stub:
        stub.add_client_error("describe_table", "AccessDeniedException", http_status_code=400)
        assert table.capacity() is None
