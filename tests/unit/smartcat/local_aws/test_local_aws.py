from __future__ import annotations

import json
import os
import socket
import threading
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from smartcat.local_aws.errors import LocalAwsError
from smartcat.local_aws.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """One running local AWS."""
    with LocalAws() as running:
        yield running


@pytest.fixture
def pointed_here(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process environment with nothing but what `environment` says."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in local_aws.environment_variables().items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("pointed_here")
def test_its_environment_is_all_that_boto3_needs() -> None:
    """A session made of the environment alone talks to S3 and SQS here, bodies of every size included."""
    session = boto3.Session()
    s3 = session.client("s3")
    s3.create_bucket(Bucket="quarantine", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for size in (0, 10, 3_000_000):
        s3.put_object(Bucket="quarantine", Key="a/b c", Body=b"x" * size)
        response = s3.get_object(Bucket="quarantine", Key="a/b c")
        assert response["Body"].read() == b"x" * size
        assert s3.head_object(Bucket="quarantine", Key="a/b c")["ContentLength"] == size
    sqs = session.client("sqs")
    url = sqs.create_queue(QueueName="failures")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="lost")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "lost"
    s3.close()
    sqs.close()


def test_the_gauges_answer_over_http_as_in_process(local_aws: LocalAws) -> None:
    """Five sections, the same both ways."""
    with urllib.request.urlopen(f"{local_aws.endpoint_url}/_local/gauges", timeout=10) as response:  # noqa: S310 - our own
        sections = json.loads(response.read())
    assert set(sections) == {"tables", "streams", "functions", "mappings", "faults", "late_requests"}
    assert sections == local_aws.gauges()


@pytest.mark.usefixtures("pointed_here")
def test_writers_at_once_lose_no_record() -> None:
    """Four threads put 100 records each on one shard: 400 records with 400 sequence numbers."""
    kinesis = boto3.Session().client("kinesis")
    kinesis.create_stream(StreamName="busy", ShardCount=1)
    numbers: list[str] = []

    def put(thread: int) -> None:
        for number in range(10):
            records: Any = [{"Data": b"x", "PartitionKey": f"{thread}-{number}-{n}"} for n in range(10)]
            response = kinesis.put_records(StreamName="busy", Records=records)
            numbers.extend(record["SequenceNumber"] for record in response["Records"])

    threads = [threading.Thread(target=put, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 400
    kinesis.close()


def test_a_second_one_in_the_process_is_rejected(local_aws: LocalAws) -> None:
    """Moto's state is the process's: two would reset each other, so the second says what to do."""
    with pytest.raises(LocalAwsError, match=r"already running in this process: stop it first"):
        LocalAws().start()
    assert local_aws.gauges()["functions"] == {}


@pytest.mark.parametrize("seconds", [-1, 301])
def test_initial_credit_is_at_most_300_seconds(seconds: float) -> None:
    """Out of range is rejected before anything starts."""
    with pytest.raises(ValueError, match=f"initial_burst_seconds is {seconds}: expected 0 to 300"):
        LocalAws(initial_burst_seconds=seconds)


def test_a_wrong_fault_is_rejected_before_anything_starts() -> None:
    """The rule and its field are named."""
    with pytest.raises(ValueError, match="fault rule 1: rate: Input should be less than or equal to 1"):
        LocalAws(faults=[{"service": "s3", "kind": "error", "rate": 2}])


def test_what_is_not_running_says_so() -> None:
    """Asking for the endpoint before the start is told in one line, and a stop is harmless."""
    idle = LocalAws()
    for ask in (
        lambda: idle.endpoint_url,
        idle.environment_variables,
        idle.gauges,
        lambda: idle.set_faults([]),
    ):
        with pytest.raises(LocalAwsError, match="not running: start it first"):
            ask()
    idle.stop()


def test_a_start_begins_empty_and_a_stop_leaves_nothing(local_aws: LocalAws) -> None:
    """Stop, start, stop: no thread of it is left, the environment is untouched, the old table is gone."""
    local_aws.stop()
    threads, variables = set(threading.enumerate()), dict(os.environ)
    for _ in range(2):
        with LocalAws() as running:
            dynamodb = boto3.client(
                "dynamodb",
                endpoint_url=running.endpoint_url,
                region_name="eu-central-1",
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
            assert dynamodb.list_tables()["TableNames"] == []
            dynamodb.create_table(
                TableName="results",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            )
            dynamodb.close()
    assert set(threading.enumerate()) == threads
    assert dict(os.environ) == variables
    local_aws.start()


def test_faults_given_at_the_beginning_are_there_at_every_start(local_aws: LocalAws) -> None:
    """They are in force at once, can be healed, come back with the next start, and never hold up a stop."""
    local_aws.stop()
    hang = {"service": "*", "kind": "hang", "seconds": 3600.0}
    aws = LocalAws(faults=[hang])
    for _ in range(2):
        with aws:
            assert aws.gauges()["faults"] == [{**hang, "calls": 0, "faults": 0}]
            held = threading.Thread(target=_ask_and_be_cut, args=(aws.endpoint_url,))
            held.start()
            deadline = time.monotonic() + 10
            while not aws.gauges()["faults"][0]["faults"] and time.monotonic() < deadline:
                time.sleep(0.01)
        held.join(10)
        assert not held.is_alive()
    local_aws.start()


def _ask_and_be_cut(url: str) -> None:
    with pytest.raises(OSError, match="closed connection"):
        urllib.request.urlopen(url, timeout=20)  # noqa: S310 - our own


def test_a_taken_port_is_named_and_the_process_is_free_again(local_aws: LocalAws) -> None:
    """The error says address and reason, and does not stand in the way of the next start."""
    local_aws.stop()
    with socket.create_server(("127.0.0.1", 0)) as blocker:
        taken = blocker.getsockname()[1]
        with pytest.raises(LocalAwsError, match=rf"^local AWS cannot listen on 127\.0\.0\.1:{taken}: "):
            LocalAws(port=taken).start()
    local_aws.start()
    assert local_aws.gauges()["tables"] == {}
