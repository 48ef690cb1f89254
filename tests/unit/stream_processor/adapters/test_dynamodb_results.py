from __future__ import annotations

import math
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.errors import TryLater
from stream_processor.storage_format.result_item import ResultItem


def item(document_id: str, **attributes: Any) -> ResultItem:
    """An item of one unit."""
    return ResultItem(document_id, {"document_id": {"S": document_id}, **attributes}, 1, review=False)


def request(*items: ResultItem) -> list[dict[str, Any]]:
    """The items as BatchWriteItem writes them."""
    return [{"PutRequest": {"Item": one.attributes}} for one in items]


def parameters(*items: ResultItem) -> dict[str, Any]:
    """The whole request."""
    return {"RequestItems": {"results": request(*items)}, "ReturnConsumedCapacity": "TOTAL"}


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
    """A full success reports the capacity that the table says it consumed."""
    with Stubber(client) as stub:
        answer = {
            "UnprocessedItems": {},
            "ConsumedCapacity": [{"TableName": "results", "CapacityUnits": 7.0}],
        }
        stub.add_response("batch_write_item", answer, parameters(A, B))
        outcome = table.put([A, B], seconds=1)
    assert (outcome.unprocessed, outcome.units, outcome.throttled) == ((), 7.0, False)


def test_own_count_where_the_table_says_nothing(client: Any, table: DynamoDbResults) -> None:
    """Without ConsumedCapacity the units are those of the items that were stored."""
    with Stubber(client) as stub:
        stub.add_response("batch_write_item", {"UnprocessedItems": {"results": request(B)}})
        assert table.put([A, B, C], seconds=1).units == 2.0


def test_unprocessed_items_come_back(client: Any, table: DynamoDbResults) -> None:
    """Unprocessed items are returned, in the order given, as a throttle without a name."""
    with Stubber(client) as stub:
        stub.add_response("batch_write_item", {"UnprocessedItems": {"results": request(C, A)}})
        outcome = table.put([A, B, C], seconds=1)
    assert outcome.unprocessed == (A, C)
    assert outcome.throttled
    assert outcome.reasons == ()


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
            "batch_write_item", code, http_status_code=400, modeled_fields={field: [reason]}
        )
        outcome = table.put([A, B], seconds=60)
    assert outcome.unprocessed == (A, B)
    assert outcome.throttled
    assert outcome.reasons == ("TableWriteProvisionedThroughputExceeded",)
    assert naps == []


def test_transient_fault_is_tried_again(client: Any, table: DynamoDbResults, naps: list[float]) -> None:
    """A server error is tried again after a jittered wait, within the time given."""
    with Stubber(client) as stub:
        stub.add_client_error("batch_write_item", "InternalServerError", http_status_code=500)
        stub.add_response("batch_write_item", {"UnprocessedItems": {}})
        assert table.put([A], seconds=60).unprocessed == ()
    assert len(naps) == 1


def test_transient_fault_without_time_is_for_later(
    client: Any, table: DynamoDbResults, naps: list[float]
) -> None:
    """Without time to spare there is one attempt and no waiting."""
    with Stubber(client) as stub:
        stub.add_client_error("batch_write_item", "InternalServerError", http_status_code=500)
        with pytest.raises(TryLater, match="BatchWriteItem on table results failed with InternalServerError"):
            table.put([A], seconds=0)
    assert naps == []


def test_attempts_are_bounded(client: Any, table: DynamoDbResults, naps: list[float]) -> None:
    """After four attempts the fault is for later, however much time there is."""
    with Stubber(client) as stub:
        for _ in range(4):
            stub.add_client_error("batch_write_item", "ServiceUnavailable", http_status_code=503)
        with pytest.raises(TryLater):
            table.put([A], seconds=600)
        stub.assert_no_pending_responses()
    assert len(naps) == 3


def test_missing_permission_is_not_tried_again(
    client: Any, table: DynamoDbResults, naps: list[float]
) -> None:
    """What only people can mend is reported at once, by its code and without the message."""
    with Stubber(client) as stub:
        stub.add_client_error("batch_write_item", "AccessDeniedException", "item text", http_status_code=400)
        with pytest.raises(TryLater) as caught:
            table.put([A], seconds=600)
    assert str(caught.value) == "BatchWriteItem on table results failed with AccessDeniedException"
    assert naps == []


def test_unreachable_table_is_tried_again(monkeypatch: pytest.MonkeyPatch, client: Any) -> None:
    """A connection that times out is tried again and then for later."""
    calls: list[int] = []

    def unreachable(**_: Any) -> Any:
        calls.append(1)
        raise ConnectTimeoutError(endpoint_url="https://dynamodb")

    monkeypatch.setattr(client, "batch_write_item", unreachable)
    with pytest.raises(TryLater, match="ConnectTimeoutError"):
        DynamoDbResults(client, "results", sleep=lambda _: None).put([A], seconds=60)
    assert len(calls) == 4


def test_invalid_item_is_found_by_halving(client: Any, table: DynamoDbResults) -> None:
    """If the table calls a request invalid, its items are tried in halves until the one it means is alone."""
    with Stubber(client) as stub:
        invalid = {"http_status_code": 400, "service_error_code": "ValidationException"}
        stub.add_client_error("batch_write_item", expected_params=parameters(A, B, C, D), **invalid)
        stub.add_response("batch_write_item", {"UnprocessedItems": {"results": request(A)}}, parameters(A, B))
        stub.add_client_error("batch_write_item", expected_params=parameters(C, D), **invalid)
        stub.add_client_error("batch_write_item", expected_params=parameters(C), **invalid)
        stub.add_response("batch_write_item", {"UnprocessedItems": {}}, parameters(D))
        outcome = table.put([A, B, C, D], seconds=1)
    assert outcome.invalid == (C,)
    assert outcome.unprocessed == (A,)
    assert outcome.units == 2.0


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
        stub.add_client_error("batch_write_item", "ValidationException", message, http_status_code=400)
        with pytest.raises(TryLater, match="only key should be the string document_id") as caught:
            table.put([A, B], seconds=1)
    assert caught.value.seconds == math.inf


@pytest.mark.parametrize(("name", "kind"), [("id", "S"), ("document_id", "N")])
def test_a_table_made_wrong_takes_nothing_and_refuses_nothing(name: str, kind: Any) -> None:
    """Against an emulated table whose key has another name or type, results wait and are not rejected."""
    with mock_aws():
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
            DynamoDbResults(client, "results", sleep=lambda _: None).put([A], seconds=1)


def test_items_arrive_as_they_are() -> None:
    """Against an emulated table, the items read back are those that were put; a repeat changes nothing."""
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_table(
            TableName="results",
            KeySchema=[{"AttributeName": "document_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "document_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        table = DynamoDbResults(client, "results", sleep=lambda _: None)
        items = [item(f"d{n}", reasons={"L": [{"S": "tax:1.00"}]}, pages={"N": "2"}) for n in range(25)]
        for _ in range(2):
            assert table.put(items, seconds=1).unprocessed == ()
        stored = client.scan(TableName="results")["Items"]
        assert sorted(one["document_id"]["S"] for one in stored) == sorted(one.document_id for one in items)
        assert {
            "document_id": {"S": "d3"},
            "reasons": {"L": [{"S": "tax:1.00"}]},
            "pages": {"N": "2"},
        } in stored


def one_by_one(calls: Any) -> list[Any]:
    """Make calls one after the other, so that a stub can tell them apart."""
    return [call() for call in calls]


def test_many_items_are_several_requests(client: Any) -> None:
    """60 items are three requests, what they cost is added up, and what is left keeps the order given."""
    items = [item(f"d{n:02d}") for n in range(60)]
    with Stubber(client) as stub:
        for start, left in ((0, [items[3]]), (25, []), (50, [items[55], items[51]])):
            answer = {"UnprocessedItems": {"results": request(*left)}} if left else {"UnprocessedItems": {}}
            stub.add_response("batch_write_item", answer, parameters(*items[start : start + 25]))
        table = DynamoDbResults(client, "results", sleep=lambda _: None, run_parallel=one_by_one)
        outcome = table.put(items, seconds=1)
    assert outcome.unprocessed == (items[3], items[51], items[55])
    assert (outcome.requests, outcome.throttled_requests, outcome.units) == (3, 2, 57.0)


def test_one_request_of_several_that_fails_is_told_apart(client: Any) -> None:
    """The items of a request that failed are unanswered, with the reason; the others are stored."""
    items = [item(f"d{n:02d}") for n in range(30)]
    with Stubber(client) as stub:
        stub.add_client_error("batch_write_item", "InternalServerError", http_status_code=500)
        stub.add_response("batch_write_item", {"UnprocessedItems": {}})
        table = DynamoDbResults(client, "results", sleep=lambda _: None, run_parallel=one_by_one)
        outcome = table.put(items, seconds=0)
    assert outcome.unanswered == tuple(items[:25])
    assert outcome.problems == ("BatchWriteItem on table results failed with InternalServerError",)
    assert outcome.units == 5.0


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
