"""Event source mappings and the Lambda API, through boto3, with real `awslambdaric` processes behind."""

from __future__ import annotations

import io
import json
import threading
import time
import uuid
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.event_source_mapping import EventSourceMappings
from local_aws.lambda_host import InvokeResult
from local_aws.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Notes every batch it receives, then does what the record's data says: "poison" raises, "fail" is reported.
HANDLER = """
import base64, json, os, pathlib

def handler(event, context):
    kinesis = [record["kinesis"] for record in event["Records"]]
    records = [
        (each["sequenceNumber"], each["partitionKey"], base64.b64decode(each["data"]).decode())
        for each in kinesis
    ]
    shard = event["Records"][0]["eventID"].split(":")[0]
    with open(os.environ["JOURNAL"], "a") as journal:
        journal.write(json.dumps([shard, records]) + "\\n")
    if any(data == "poison" for _, _, data in records):
        raise ValueError("poison")
    failed = [number for number, _, data in records if data == "fail"]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
"""


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for the module; every test has its own stream and function."""
    with LocalAws() as running:
        yield running


@dataclass
class World:
    """A stream, a function that keeps a journal, and the clients to work with them."""

    local: LocalAws
    directory: Path
    name: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        variables = self.local.environment()
        session = boto3.Session(
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            region_name=variables["AWS_REGION"],
        )
        made = {s: session.client(s, endpoint_url=self.local.endpoint_url) for s in _SERVICES}  # type: ignore[call-overload]
        self.clients: dict[str, Any] = made
        self.journal = self.directory / "journal"
        self.journal.touch()
        self.uuid = ""

    def create(self, *, shards: int = 1) -> None:
        (self.directory / "app.py").write_text(HANDLER)
        role = self.clients["iam"].create_role(RoleName=self.name, AssumeRolePolicyDocument="{}")["Role"][
            "Arn"
        ]
        self.clients["lambda"].create_function(
            FunctionName=self.name,
            Runtime="python3.11",
            Role=role,
            Handler="app.handler",
            Timeout=20,
            Code={"S3Bucket": "hot-reload", "S3Key": str(self.directory)},
            Environment={"Variables": {"JOURNAL": str(self.journal)}},
        )
        self.clients["kinesis"].create_stream(StreamName=self.name, ShardCount=shards)

    @property
    def stream_arn(self) -> str:
        described = self.clients["kinesis"].describe_stream_summary(StreamName=self.name)
        return str(described["StreamDescriptionSummary"]["StreamARN"])

    def put(self, *data: str, key: str | None = None) -> None:
        for each in data:
            self.clients["kinesis"].put_record(StreamName=self.name, Data=each, PartitionKey=key or each)

    def map(self, **settings: Any) -> dict[str, Any]:
        request = {
            "FunctionName": self.name,
            "EventSourceArn": self.stream_arn,
            "StartingPosition": "TRIM_HORIZON",
        }
        answer: dict[str, Any] = self.clients["lambda"].create_event_source_mapping(**{**request, **settings})
        self.uuid = answer["UUID"]
        return answer

    def state(self) -> str:
        return str(self.clients["lambda"].get_event_source_mapping(UUID=self.uuid)["State"])

    def change(self, **settings: Any) -> None:
        self.clients["lambda"].update_event_source_mapping(UUID=self.uuid, **settings)
        wait_until(lambda: self.state() in {"Enabled", "Disabled"}, "the change is done")

    def gauges(self) -> dict[str, Any]:
        found: dict[str, Any] = self.local.gauges()["mappings"][self.uuid]
        return found

    def wait_for(self, *, delivered: int, discarded: int = 0) -> None:
        wait_until(
            lambda: (
                (self.gauges()["records_delivered"], self.gauges()["discarded"]) >= (delivered, discarded)
            ),
            f"{delivered} records delivered and {discarded} discarded",
        )
        gauges = self.gauges()
        assert (gauges["records_delivered"], gauges["discarded"], gauges["backlog"]) == (
            delivered,
            discarded,
            0,
        )

    def calls(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        lines = self.journal.read_text().splitlines()
        return [(shard, [tuple(record) for record in records]) for shard, records in map(json.loads, lines)]

    def batches(self) -> list[list[str]]:
        return [[data for _, _, data in records] for _, records in self.calls()]


_SERVICES = ("iam", "kinesis", "lambda", "s3", "sqs")


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[World]:
    """A one-shard stream and a function; the mapping is deleted afterwards."""
    made = World(local_aws, tmp_path)
    made.create()
    yield made
    if made.uuid and made.uuid in local_aws.gauges()["mappings"]:
        if made.state() != "Deleting":
            made.clients["lambda"].delete_event_source_mapping(UUID=made.uuid)
        wait_until(lambda: made.uuid not in local_aws.gauges()["mappings"], "the mapping is deleted")
    for client in made.clients.values():
        client.close()


def queue(world: World) -> tuple[str, str]:
    """A queue's URL and ARN."""
    url = world.clients["sqs"].create_queue(QueueName=world.name)["QueueUrl"]
    attributes = world.clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, attributes["Attributes"]["QueueArn"]


def messages(world: World, url: str) -> list[dict[str, Any]]:
    """The bodies of all messages in a queue of at most ten."""
    found = world.clients["sqs"].receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def on_failure(arn: str) -> dict[str, Any]:
    """A DestinationConfig."""
    return {"OnFailure": {"Destination": arn}}


def test_every_record_is_delivered_in_order_and_in_batches(world: World) -> None:
    """Batches are full where the backlog allows, and nothing is delivered twice."""
    sent = [f"r{n}" for n in range(25)]
    world.put(*sent)
    world.map(BatchSize=10)
    world.wait_for(delivered=25)
    assert world.batches() == [sent[:10], sent[10:20], sent[20:]]
    assert world.gauges()["checkpoints"] == {"shardId-000000000000": "25"}


def test_the_trace_recorded_on_aws(world: World) -> None:
    """Six records, BatchSize 3, 3 retries, the sixth always reported: five deliveries, one message."""
    url, arn = queue(world)
    world.put("1", "2", "3", "4", "5", "fail")
    world.map(
        BatchSize=3,
        MaximumRetryAttempts=3,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig=on_failure(arn),
    )
    world.wait_for(delivered=5, discarded=1)
    assert world.batches() == [["1", "2", "3"], ["4", "5", "fail"], *[["fail"]] * 4]
    (message,) = messages(world, url)
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 4
    assert message["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": None,
    }
    assert message["KinesisBatchInfo"]["batchSize"] == 1
    assert message["KinesisBatchInfo"]["startSequenceNumber"] == "6"
    assert "payload" not in message


def test_bisecting_leaves_only_the_poison_behind(world: World) -> None:
    """Everything else is delivered; the object in S3 holds the record, under AWS's key."""
    world.clients["s3"].create_bucket(
        Bucket=world.name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    world.put("1", "2", "3", "4", "poison", "6", "7", "8")
    world.map(
        BatchSize=8,
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig=on_failure(f"arn:aws:s3:::{world.name}"),
    )
    world.wait_for(delivered=7, discarded=1)
    assert world.batches()[-3:] == [["poison"], ["6"], ["7", "8"]]
    assert world.batches().count(["poison"]) == 2
    (listed,) = world.clients["s3"].list_objects_v2(Bucket=world.name)["Contents"]
    assert listed["Key"].startswith(f"aws/lambda/{world.uuid}/shardId-000000000000/")
    body = json.loads(world.clients["s3"].get_object(Bucket=world.name, Key=listed["Key"])["Body"].read())
    assert [record["kinesis"]["partitionKey"] for record in body["payload"]["Records"]] == ["poison"]
    assert body["responseContext"]["functionError"] == "Unhandled"


def test_without_bisecting_the_whole_batch_is_given_up(world: World) -> None:
    """What AWS does with a batch that fails until its retries are over; the stream moves on."""
    world.put("1", "poison", "3", "4")
    world.map(BatchSize=3, MaximumRetryAttempts=0)
    world.wait_for(delivered=1, discarded=3)
    assert world.batches() == [["1", "poison", "3"], ["4"]]


def test_throttled_invocations_use_no_retry(world: World) -> None:
    """With no concurrency nothing is discarded, and all is delivered once there is some."""
    world.clients["lambda"].put_function_concurrency(FunctionName=world.name, ReservedConcurrentExecutions=0)
    world.put("1", "2")
    world.map(MaximumRetryAttempts=0)
    wait_until(lambda: world.gauges()["throttles"] >= 3, "some invocations were throttled")
    assert world.batches() == []
    world.clients["lambda"].delete_function_concurrency(FunctionName=world.name)
    world.wait_for(delivered=2)
    assert world.batches() == [["1", "2"]]


def test_disabling_and_enabling_keeps_the_place(world: World) -> None:
    """Records that came meanwhile are delivered afterwards, in the new batch size, and none twice."""
    world.put("1", "2")
    world.map(BatchSize=10)
    world.wait_for(delivered=2)
    world.change(Enabled=False)
    assert world.state() == "Disabled"
    world.put("3", "4", "5")
    world.change(Enabled=True, BatchSize=1)
    world.wait_for(delivered=5)
    assert [data for batch in world.batches() for data in batch] == ["1", "2", "3", "4", "5"]
    assert world.batches()[-3:] == [["3"], ["4"], ["5"]]


def test_latest_starts_with_what_comes_after_it_is_enabled(world: World) -> None:
    """Older records are not delivered."""
    world.put("old")
    world.map(StartingPosition="LATEST")
    wait_until(lambda: world.state() == "Enabled", "the mapping is enabled")
    world.put("new")
    world.wait_for(delivered=1)
    assert world.batches() == [["new"]]


def test_at_timestamp_starts_at_a_time(world: World) -> None:
    """A time before the first record means all of them."""
    world.put("1", "2")
    world.map(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=time.time() - 3600)
    world.wait_for(delivered=2)
    assert world.batches() == [["1", "2"]]


def test_lanes_keep_the_order_of_each_key(world: World) -> None:
    """With four batches at once no key is delivered out of order, and no record is missing."""
    for n in range(60):
        world.put(str(n), key=f"key-{n % 7}")
    world.map(BatchSize=3, ParallelizationFactor=4)
    world.wait_for(delivered=60)
    seen: dict[str, list[int]] = defaultdict(list)
    for _, records in world.calls():
        for _, key, data in records:
            seen[key].append(int(data))
    assert all(order == sorted(order) for order in seen.values())
    assert sorted(n for order in seen.values() for n in order) == list(range(60))


def test_children_are_read_after_their_parent(world: World) -> None:
    """After a split no child is delivered before the parent is finished, and nothing is lost."""
    world.put(*(f"before-{n}" for n in range(20)))
    world.clients["kinesis"].split_shard(
        StreamName=world.name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    world.put(*(f"after-{n}" for n in range(20)))
    world.map(BatchSize=6)
    world.wait_for(delivered=40)
    shards = [shard for shard, _ in world.calls()]
    assert shards[:4] == ["shardId-000000000000"] * 4
    assert set(shards[4:]) == {"shardId-000000000001", "shardId-000000000002"}
    sent = {f"before-{n}" for n in range(20)} | {f"after-{n}" for n in range(20)}
    assert sorted(data for batch in world.batches() for data in batch) == sorted(sent)


def test_a_split_while_running_loses_nothing_even_from_latest(world: World) -> None:
    """Shards that appear later are read from their start."""
    world.map(StartingPosition="LATEST")
    wait_until(lambda: world.state() == "Enabled", "the mapping is enabled")
    world.put("1")
    world.clients["kinesis"].split_shard(
        StreamName=world.name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    world.put("2", "3", "4")
    world.wait_for(delivered=4)
    assert sorted(data for batch in world.batches() for data in batch) == ["1", "2", "3", "4"]


def test_stopping_does_not_wait_for_a_long_invocation(world: World) -> None:
    """A function that is still running does not hold up the end; its thread ends with the invocation."""
    started, release = threading.Event(), threading.Event()

    def invoke(arn: str, payload: bytes) -> InvokeResult:
        started.set()
        release.wait(60)
        return InvokeResult(200, b"null")

    mappings = EventSourceMappings(world.local.endpoint_url, invoke)
    world.put("1")
    mappings.create(
        {"FunctionName": "f", "EventSourceArn": world.stream_arn, "StartingPosition": "TRIM_HORIZON"}
    )
    assert started.wait(20)
    before = time.monotonic()
    mappings.stop()
    assert time.monotonic() - before < 10
    release.set()
    wait_until(
        lambda: not any(thread.name.startswith("shardId-") for thread in threading.enumerate()),
        "no thread is left",
    )


def test_the_api_of_mappings(world: World) -> None:
    """Create, get, list, delete; a second mapping of the same pair is a conflict."""
    answer = world.map(BatchSize=7, MaximumRetryAttempts=2)
    function_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{world.name}"
    assert (answer["BatchSize"], answer["FunctionArn"], answer["MaximumRetryAttempts"]) == (
        7,
        function_arn,
        2,
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert abs(answer["LastModified"].timestamp() - time.time()) < 60
    client = world.clients["lambda"]
    listed = client.list_event_source_mappings(FunctionName=world.name)["EventSourceMappings"]
    assert [each["UUID"] for each in listed] == [world.uuid]
    assert (
        client.list_event_source_mappings(EventSourceArn="arn:aws:kinesis:r:1:x")["EventSourceMappings"] == []
    )
    first = world.uuid
    with pytest.raises(client.exceptions.ResourceConflictException, match=first):
        world.map()
    client.delete_event_source_mapping(UUID=first)
    wait_until(lambda: first not in world.local.gauges()["mappings"], "the mapping is deleted")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_event_source_mapping(UUID=first)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"EventSourceArn": "arn:aws:kinesis:eu-central-1:123456789012:stream/none"}, "Stream not found"),
        ({"FunctionName": "none"}, "Function does not exist"),
        ({"MaximumRecordAgeInSeconds": 30}, "MaximumRecordAgeInSeconds"),
        ({"TumblingWindowInSeconds": 5}, "TumblingWindowInSeconds"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(world: World, settings: dict[str, Any], named: str) -> None:
    """The refusal is the API's exception and names what was wrong."""
    with pytest.raises(world.clients["lambda"].exceptions.InvalidParameterValueException, match=named):
        world.map(**settings)


def test_invocations_through_the_api(world: World) -> None:
    """Synchronous, dry, asynchronous and failing invocations, as boto3 sees them."""
    client = world.clients["lambda"]
    assert client.invoke(FunctionName=world.name, InvocationType="DryRun")["StatusCode"] == 204
    failing = client.invoke(FunctionName=world.name, Payload=b'{"Records": []}')
    assert (failing["StatusCode"], failing["FunctionError"]) == (200, "Unhandled")
    assert json.loads(failing["Payload"].read())["errorType"] == "IndexError"
    record = {"eventID": "s:1", "kinesis": {"sequenceNumber": "1", "partitionKey": "k", "data": "eA=="}}
    event = json.dumps({"Records": [record]}).encode()
    by_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{world.name}"
    fine = client.invoke(FunctionName=by_arn, Payload=event)
    assert "FunctionError" not in fine
    assert fine["ExecutedVersion"] == "$LATEST"
    assert client.invoke(FunctionName=world.name, InvocationType="Event", Payload=event)["StatusCode"] == 202
    wait_until(lambda: len(world.batches()) == 2, "the event was delivered")


def test_refused_invocations_through_the_api(world: World) -> None:
    """Throttling and unknown functions are the API's exceptions."""
    client = world.clients["lambda"]
    client.put_function_concurrency(FunctionName=world.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as throttled:
        client.invoke(FunctionName=world.name)
    assert throttled.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert throttled.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="none")


def test_changes_through_the_api_reach_the_function(world: World) -> None:
    """New configuration and new code are used by the next invocation; a deleted function is gone."""
    client = world.clients["lambda"]
    other = world.directory / "other"
    other.mkdir()
    (other / "app.py").write_text(
        "import os\ndef handler(event, context):\n    return os.environ['COLOUR']\n"
    )
    client.update_function_configuration(
        FunctionName=world.name, Environment={"Variables": {"COLOUR": "blue"}}
    )
    client.update_function_code(FunctionName=world.name, S3Bucket="hot-reload", S3Key=str(other))
    assert client.invoke(FunctionName=world.name)["Payload"].read() == b'"blue"'
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="absolute path"):
        client.update_function_code(FunctionName=world.name, S3Bucket="hot-reload", S3Key="relative")
    client.delete_function(FunctionName=world.name)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName=world.name)


def test_code_is_read_from_a_bucket(world: World) -> None:
    """S3Bucket and S3Key name an archive in the same local AWS."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return 'from S3'\n")
    s3, client = world.clients["s3"], world.clients["lambda"]
    s3.create_bucket(Bucket=world.name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket=world.name, Key="code.zip", Body=archive.getvalue())
    client.update_function_code(FunctionName=world.name, S3Bucket=world.name, S3Key="code.zip")
    assert client.invoke(FunctionName=world.name)["Payload"].read() == b'"from S3"'
    client.update_function_code(FunctionName=world.name, ZipFile=archive.getvalue())
    assert client.invoke(FunctionName=world.name)["Payload"].read() == b'"from S3"'
