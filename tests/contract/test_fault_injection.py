"""Injected faults as boto3 sees them, for each service and each kind, and how they end."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from smartcat.local_aws.account import REGION
from smartcat.local_aws.local_aws import LocalAws
from support.tables import create, item, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.clock import Clock


@pytest.fixture(scope="module")
def local_aws(clock: Clock) -> Iterator[LocalAws]:
    """One local AWS with a table, a stream, two buckets and a queue, for the module."""
    with LocalAws(clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def client(local_aws: LocalAws, impatient: Callable[[str, LocalAws], Any]) -> Callable[[str], Any]:
    """Give a client that never retries, the same one for the same service."""
    made: dict[str, Any] = {}
    return lambda service: made.setdefault(service, impatient(service, local_aws))


@pytest.fixture(scope="module", autouse=True)
def resources(client: Callable[[str], Any]) -> None:
    """What the tests write to."""
    for table in ("results", "others"):
        create(client("dynamodb"), table, units=1000)
    client("kinesis").create_stream(StreamName="documents", ShardCount=1)
    for bucket in ("quarantine", "failures"):
        where = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)


@pytest.fixture(autouse=True)
def no_fault_left(local_aws: LocalAws) -> Iterator[None]:
    """Leave no fault behind."""
    yield
    local_aws.set_faults([])


CALLS: list[tuple[str, str, str]] = [
    ("dynamodb", "list_tables", "InternalServerError"),
    ("kinesis", "list_streams", "InternalFailure"),
    ("s3", "list_buckets", "InternalError"),
    ("sqs", "list_queues", "InternalFailure"),
    ("sns", "list_topics", "InternalError"),
    ("lambda", "list_functions", "ServiceException"),
]


@pytest.mark.parametrize(("service", "method", "code"), CALLS)
def test_an_outage_is_told_as_the_service_tells_it(
    client: Callable[[str], Any], local_aws: LocalAws, service: str, method: str, code: str
) -> None:
    """HTTP 500 with the service's own code; other services go on, and a no_fault_left one answers again."""
    local_aws.set_faults([{"service": service, "kind": "error"}])
    with pytest.raises(ClientError) as caught:
        getattr(client(service), method)()
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 500)
    for other, call, _ in CALLS:
        if other != service:
            getattr(client(other), call)()
    local_aws.set_faults([])
    getattr(client(service), method)()


@pytest.mark.parametrize(
    ("service", "method", "status", "code", "kind"),
    [
        ("dynamodb", "list_tables", 400, "ThrottlingException", "ThrottlingException"),
        ("dynamodb", "list_tables", 500, None, "InternalServerError"),
        ("kinesis", "list_streams", 400, "LimitExceededException", "LimitExceededException"),
        ("sqs", "list_queues", 403, "OverLimit", "OverLimit"),
        ("sns", "list_topics", 500, None, "InternalErrorException"),
        ("lambda", "list_functions", 429, "TooManyRequestsException", "TooManyRequestsException"),
        ("lambda", "list_functions", 500, None, "ServiceException"),
        ("s3", "list_buckets", 503, "SlowDown", "ClientError"),
        ("s3", "list_buckets", 503, None, "ClientError"),
    ],
)
def test_an_error_of_the_services_model_is_caught_by_its_class(
    client: Callable[[str], Any],
    local_aws: LocalAws,
    service: str,
    method: str,
    status: int,
    code: str | None,
    kind: str,
) -> None:
    """Code that catches ``client.exceptions.X`` catches the injected one."""
    rule = {"service": service, "kind": "error", "status": status}
    local_aws.set_faults([rule | ({"code": code} if code else {})])
    with pytest.raises(getattr(client(service).exceptions, kind)) as caught:
        getattr(client(service), method)()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    if code:
        assert caught.value.response["Error"]["Code"] == code


def test_a_head_request_fails_without_a_body(client: Callable[[str], Any], local_aws: LocalAws) -> None:
    """S3 tells nothing but the status there, and the connection stays in step."""
    local_aws.set_faults([{"service": "s3", "kind": "error", "operation": "HeadBucket"}])
    with pytest.raises(ClientError, match="500"):
        client("s3").head_bucket(Bucket="quarantine")
    client("s3").list_buckets()


WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "PutItem", {"TableName": "results", "Item": item("lost")}),
    ("kinesis", "PutRecord", {"StreamName": "documents", "Data": b"lost", "PartitionKey": "a"}),
    ("s3", "PutObject", {"Bucket": "quarantine", "Key": "lost", "Body": b"x" * 100_000}),
]


def write(client: Any, operation: str, arguments: dict[str, Any]) -> None:
    """Call an operation by its name in the API reference."""
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    getattr(client, methods[operation])(**arguments)


def written(client: Callable[[str], Any], service: str) -> int:
    """How many items, records or objects the service holds."""
    if service == "dynamodb":
        return len(stored(client("dynamodb"), "results"))
    if service == "s3":
        return int(client("s3").list_objects_v2(Bucket="quarantine")["KeyCount"])
    kinesis = client("kinesis")
    shard = kinesis.list_shards(StreamName="documents")["Shards"][0]["ShardId"]
    start = {"StreamName": "documents", "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**start)["ShardIterator"]
    return len(kinesis.get_records(ShardIterator=iterator)["Records"])


@pytest.mark.parametrize(("service", "operation", "arguments"), WRITES)
@pytest.mark.parametrize(
    ("rule", "stored_then"), [({"kind": "lost_answer"}, 1), ({"kind": "hang", "seconds": 0.2}, 0)]
)
def test_a_cut_connection_leaves_the_client_in_doubt(
    client: Callable[[str], Any],
    local_aws: LocalAws,
    service: str,
    operation: str,
    arguments: dict[str, Any],
    rule: dict[str, Any],
    stored_then: int,
) -> None:
    """The same error twice: with a lost answer the write IS stored, with a hang it is not."""
    if service == "s3":
        arguments = {**arguments, "Key": rule["kind"]}
    if service == "dynamodb":
        arguments = {**arguments, "Item": item(rule["kind"])}
    before = written(client, service)
    local_aws.set_faults([{"service": service, "operation": operation, **rule}])
    with pytest.raises(ConnectionClosedError):
        write(client(service), operation, arguments)
    assert written(client, service) == before + stored_then


def test_a_hang_longer_than_the_clients_patience_is_its_read_timeout(local_aws: LocalAws) -> None:
    """The client gives up first; healing lets the held request go, so that nothing waits for the hour."""
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=local_aws.endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(read_timeout=0.3, retries={"total_max_attempts": 1}),
    )
    local_aws.set_faults([{"service": "dynamodb", "kind": "hang", "seconds": 3600}])
    with pytest.raises(ReadTimeoutError):
        dynamodb.put_item(TableName="results", Item=item("too late"))
    local_aws.set_faults([])
    assert "too late" not in stored(dynamodb, "results")
    dynamodb.close()


def test_latency_delays_what_is_then_served(client: Callable[[str], Any], local_aws: LocalAws) -> None:
    """A put takes at least the 0.2 s, and is stored."""
    local_aws.set_faults([{"service": "dynamodb", "operation": "PutItem", "kind": "latency", "seconds": 0.2}])
    started = time.monotonic()
    client("dynamodb").put_item(TableName="results", Item=item("slow"))
    assert time.monotonic() - started >= 0.2
    assert "slow" in stored(client("dynamodb"), "results")


def test_one_table_or_bucket_can_be_failing_alone(client: Callable[[str], Any], local_aws: LocalAws) -> None:
    """A batch is rejected if it names the table; other tables and buckets are served."""
    rules = [{"service": "dynamodb", "resource": "results"}, {"service": "s3", "resource": "quarantine"}]
    local_aws.set_faults([{**rule, "kind": "error"} for rule in rules])
    put = [{"PutRequest": {"Item": item("a")}}]
    client("dynamodb").batch_write_item(RequestItems={"others": put})
    with pytest.raises(ClientError, match="InternalServerError"):
        client("dynamodb").batch_write_item(RequestItems={"others": put, "results": put})
    client("s3").put_object(Bucket="failures", Key="k", Body=b"x")
    with pytest.raises(ClientError, match="InternalError"):
        client("s3").put_object(Bucket="quarantine", Key="k", Body=b"x")
    assert [rule["faults"] for rule in local_aws.gauges()["faults"]] == [1, 1]


def test_one_operation_can_be_failing_alone(client: Callable[[str], Any], local_aws: LocalAws) -> None:
    """Objects can be read and not written."""
    client("s3").put_object(Bucket="failures", Key="k", Body=b"x")
    local_aws.set_faults([{"service": "s3", "operation": "PutObject", "kind": "error"}])
    with pytest.raises(ClientError, match="InternalError"):
        client("s3").put_object(Bucket="failures", Key="k", Body=b"y")
    assert client("s3").get_object(Bucket="failures", Key="k")["Body"].read() == b"x"


def test_an_outage_ends_by_itself(client: Callable[[str], Any], local_aws: LocalAws, clock: Clock) -> None:
    """After 10 s, for 30 s: served, rejected, served again, by the clock of the buckets."""
    local_aws.set_faults([{"service": "kinesis", "kind": "error", "after": 10, "lasts": 30}])
    seen = []
    for _ in range(4):
        try:
            client("kinesis").list_streams()
            seen.append("served")
        except ClientError:
            seen.append("rejected")
        clock.now += 15
    assert seen == ["served", "rejected", "rejected", "served"]


def test_a_seed_repeats_the_same_faults(client: Callable[[str], Any], local_aws: LocalAws) -> None:
    """Twenty calls at a rate of a half have the same decisions with the same seed."""

    def decisions(seed: int) -> list[bool]:
        local_aws.set_faults([{"service": "dynamodb", "kind": "error", "rate": 0.5}], seed=seed)
        return [served(client("dynamodb")) for _ in range(20)]

    assert decisions(7) == decisions(7)
    assert decisions(7) != decisions(8)


def served(dynamodb: Any) -> bool:
    """Whether a call gets through."""
    try:
        dynamodb.list_tables()
    except ClientError:
        return False
    return True


def test_writers_at_once_are_counted_exactly(client: Callable[[str], Any], local_aws: LocalAws) -> None:
    """Four threads of 25 calls: 100 in scope, and as many rejections as were counted."""
    local_aws.set_faults([{"service": "dynamodb", "kind": "error", "rate": 0.5}])
    dynamodb, rejected = client("dynamodb"), []

    def work() -> None:
        rejected.extend(1 for _ in range(25) if not served(dynamodb))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (rule,) = local_aws.gauges()["faults"]
    assert (rule["calls"], rule["faults"]) == (100, len(rejected))
