from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.quota_admission import QuotaAdmission
from smartcat.local_aws.server.wsgi import call_application, json_response

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLE = {
    "TableName": "results",
    "TableArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/results",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "ProvisionedThroughput": {"WriteCapacityUnits": 2},
}
SHARD = {
    "ShardId": "shardId-000000000000",
    "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)},
    "SequenceNumberRange": {"StartingSequenceNumber": "0"},
}


class Service:
    """Stands for moto: knows one table and one stream, and notes every call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.fail: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        request = json.loads(environ["wsgi.input"].read() or b"{}")
        self.calls.append((operation, request))
        if operation in self.fail:
            return json_response({"__type": "InternalServerError"}, status=500).send(start_response)
        responses: dict[str, Any] = {
            "DescribeTable": {"Table": TABLE},
            "BatchWriteItem": {"UnprocessedItems": {}},
            "ListShards": {"Shards": [SHARD]},
            "PutRecords": {"Records": [{"SequenceNumber": "1"} for _ in request.get("Records", [])]},
        }
        return json_response(responses.get(operation, {})).send(start_response)

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


@pytest.fixture
def service() -> Service:
    """The service behind."""
    return Service()


@pytest.fixture
def quota(service: Service) -> QuotaAdmission:
    """Admission in front of it, with a clock that stands still and one second's worth of units."""
    return QuotaAdmission(service, clock=lambda: 5.0, initial_burst_seconds=1)


def call(quota: QuotaAdmission, target: str, request: Any, *, zipped: bool = False) -> Any:
    """One call as botocore sends it."""
    environ = {"HTTP_X_AMZ_TARGET": target, "REQUEST_METHOD": "POST", "PATH_INFO": "/"}
    body = json.dumps(request).encode()
    if zipped:
        environ["HTTP_CONTENT_ENCODING"] = "gzip"
        body = gzip.compress(body)
    return call_application(quota, environ, body)


def batch(count: int) -> Any:
    """A BatchWriteItem request of so many small items."""
    puts = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(count)]
    return {"RequestItems": {"results": puts}}


def test_a_table_met_for_the_first_time_is_looked_up(quota: QuotaAdmission, service: Service) -> None:
    """A table made elsewhere is described once; two of four items fit its two units."""
    response = call(quota, "DynamoDB_20120810.BatchWriteItem", batch(4)).json()
    assert len(response["UnprocessedItems"]["results"]) == 2
    call(quota, "DynamoDB_20120810.BatchWriteItem", batch(1))
    assert service.operations() == ["DescribeTable", "BatchWriteItem"]
    assert service.calls[1][1] == batch(2)


def test_a_zipped_request_is_metered_like_any_other(quota: QuotaAdmission) -> None:
    """Request compression is no way around the bucket."""
    response = call(quota, "DynamoDB_20120810.BatchWriteItem", batch(4), zipped=True).json()
    assert len(response["UnprocessedItems"]["results"]) == 2


def test_a_write_that_the_service_fails_gives_its_units_back(quota: QuotaAdmission, service: Service) -> None:
    """After a server error the units are there for the retry, and nothing counts as consumed."""
    service.fail = {"BatchWriteItem"}
    assert call(quota, "DynamoDB_20120810.BatchWriteItem", batch(2)).code == 500
    assert quota.gauges()["tables"]["results"]["consumed_write_units"] == 0
    service.fail = set()
    assert call(quota, "DynamoDB_20120810.BatchWriteItem", batch(2)).json()["UnprocessedItems"] == {}


def test_records_are_admitted_by_shard(quota: QuotaAdmission, service: Service) -> None:
    """1,001 records in three calls: one fails, and the service never sees it."""
    records = [{"Data": "eA==", "PartitionKey": str(number)} for number in range(500)]
    for entries in (records, records):
        call(quota, "Kinesis_20131202.PutRecords", {"StreamName": "pages", "Records": entries})
    response = call(
        quota, "Kinesis_20131202.PutRecords", {"StreamName": "pages", "Records": records[:1]}
    ).json()
    assert response["FailedRecordCount"] == 1
    assert response["Records"][0]["ErrorCode"] == "ProvisionedThroughputExceededException"
    assert service.operations() == ["ListShards", "PutRecords", "PutRecords"]
    assert quota.gauges()["streams"]["pages"]["records"] == 1000


@pytest.mark.parametrize(
    "target", ["DynamoDB_20120810.Query", "Kinesis_20131202.GetRecords", "AmazonSQS.SendMessage", ""]
)
def test_other_calls_pass_unchanged(quota: QuotaAdmission, service: Service, target: str) -> None:
    """Reads, and other services, see no quota."""
    call(quota, target, {"a": 1})
    assert service.calls == [(target.rpartition(".")[2], {"a": 1})]


@pytest.mark.parametrize("target", ["DynamoDB_20120810.BatchWriteItem", "Kinesis_20131202.PutRecords"])
def test_a_request_that_cannot_be_read_reaches_the_service_once(
    quota: QuotaAdmission, service: Service, target: str
) -> None:
    """Its error is the service's to word; it is handed on unchanged."""
    call(quota, target, {"nonsense": True})
    assert service.calls == [(target.rpartition(".")[2], {"nonsense": True})]
