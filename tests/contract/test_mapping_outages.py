"""The event source mapping while Kinesis or the failure destination is down: it waits, and loses nothing."""

from __future__ import annotations

import base64
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.account import REGION
from smartcat.local_aws.event_source_mapping.mappings import EventSourceMappings
from smartcat.local_aws.lambda_runtime.host import InvokeResult
from smartcat.local_aws.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:f"


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for the module; every test has its own stream and mapping."""
    with LocalAws() as running:
        yield running


class MappingHarness:
    """A stream, and a mapping from it to a function that notes what it gets and fails on "bad"."""

    def __init__(self, aws: LocalAws, make: Callable[[str, LocalAws], Any], name: str) -> None:
        self.aws, self.name = aws, name
        self.kinesis, self.s3, self.sqs = (make(service, aws) for service in ("kinesis", "s3", "sqs"))
        self.kinesis.create_stream(StreamName=name, ShardCount=1)
        self.delivered: list[str] = []
        self.mappings = EventSourceMappings(aws.endpoint_url, self._invoke)
        self.uuid = ""

    def _invoke(self, _function: str, payload: bytes) -> InvokeResult:
        records = json.loads(payload)["Records"]
        texts = [base64.b64decode(record["kinesis"]["data"]).decode() for record in records]
        if "bad" in texts:
            return InvokeResult(200, b"{}", "Unhandled", request_id="r")
        self.delivered += texts
        return InvokeResult(200, b"{}", None, request_id="r")

    def map(self, **settings: Any) -> None:
        stream = f"arn:aws:kinesis:{REGION}:123456789012:stream/{self.name}"
        request = {"FunctionName": FUNCTION, "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON"}
        self.uuid = self.mappings.create({**request, **settings})["UUID"]

    def put(self, *texts: str) -> None:
        for text in texts:
            self.kinesis.put_record(StreamName=self.name, Data=text.encode(), PartitionKey="k")

    def gauges(self) -> dict[str, Any]:
        found: dict[str, Any] = self.mappings.gauges()["mappings"][self.uuid]
        return found

    def wait_for_fault(self) -> None:
        wait_until(lambda: self.aws.gauges()["faults"][0]["faults"], "the fault was met")


@pytest.fixture
def harness(
    local_aws: LocalAws, impatient: Callable[[str, LocalAws], Any], request: pytest.FixtureRequest
) -> Iterator[MappingHarness]:
    """Give a stream without a mapping yet."""
    made = MappingHarness(
        local_aws, impatient, "".join(c if c.isalnum() else "-" for c in request.node.name)[-100:]
    )
    yield made
    local_aws.set_faults([])
    made.mappings.stop()


ERROR: dict[str, Any] = {"kind": "error"}


@pytest.mark.parametrize("operation", ["ListShards", "GetShardIterator", "GetRecords"])
def test_a_mapping_that_begins_in_an_outage_reads_all_afterwards(
    harness: MappingHarness, operation: str
) -> None:
    """Whichever call fails first: once it is answered, every record comes once and in order."""
    harness.put("1", "2")
    harness.aws.set_faults([{"service": "kinesis", "operation": operation, **ERROR}])
    harness.map()
    harness.wait_for_fault()
    harness.put("3")
    assert harness.delivered == []
    harness.aws.set_faults([])
    wait_until(lambda: len(harness.delivered) >= 3, "all records are delivered")
    assert harness.delivered == ["1", "2", "3"]


@pytest.mark.parametrize(
    "rule", [ERROR, {"kind": "lost_answer"}, {"kind": "hang", "seconds": 0.1}], ids=lambda rule: rule["kind"]
)
def test_an_outage_of_reads_in_the_middle_loses_and_doubles_nothing(
    harness: MappingHarness, rule: dict[str, Any]
) -> None:
    """Refused, held or with its answer lost on the way: reading goes on after the last record that came."""
    harness.map()
    harness.put("1", "2")
    wait_until(lambda: len(harness.delivered) == 2, "the first records are delivered")
    harness.aws.set_faults([{"service": "kinesis", "operation": "GetRecords", **rule}])
    harness.wait_for_fault()
    harness.put("3", "4")
    harness.aws.set_faults([])
    wait_until(lambda: len(harness.delivered) >= 4, "all records are delivered")
    assert harness.delivered == ["1", "2", "3", "4"]
    assert harness.gauges()["backlog"] == 0


def test_children_born_in_an_outage_are_read_after_it(harness: MappingHarness) -> None:
    """A split while ListShards fails: parent first, then the children from their beginning."""
    harness.map()
    harness.put("1")
    wait_until(lambda: harness.delivered == ["1"], "the parent's record is delivered")
    harness.aws.set_faults([{"service": "kinesis", "operation": "ListShards", **ERROR}])
    harness.wait_for_fault()
    harness.aws.set_faults([{"service": "kinesis", "operation": "GetShardIterator", **ERROR}])
    harness.kinesis.split_shard(
        StreamName=harness.name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    harness.put("2", "3")
    harness.wait_for_fault()
    harness.aws.set_faults([])
    wait_until(lambda: len(harness.delivered) >= 3, "the children's records are delivered")
    assert harness.delivered == ["1", "2", "3"]


@pytest.mark.parametrize("service", ["s3", "sqs"])
def test_a_failure_destination_that_is_down_costs_the_message_and_not_the_stream(
    harness: MappingHarness, service: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The discarded batch is gone with a line in the log, the stream moves on, and the next one arrives."""
    name = f"failures-{service}"
    if service == "s3":
        where = {"LocationConstraint": REGION}
        harness.s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
    else:
        url = harness.sqs.create_queue(QueueName=name)["QueueUrl"]

    def arrived() -> list[Any]:
        if service == "s3":
            return list(harness.s3.list_objects_v2(Bucket=name).get("Contents", []))
        return list(harness.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))

    destination = f"arn:aws:s3:::{name}" if service == "s3" else f"arn:aws:sqs:{REGION}:123456789012:{name}"
    harness.aws.set_faults([{"service": service, **ERROR}])
    with caplog.at_level(logging.ERROR):
        harness.map(
            BatchSize=1,
            MaximumRetryAttempts=0,
            DestinationConfig={"OnFailure": {"Destination": destination}},
        )
        harness.put("bad", "after")
        wait_until(lambda: harness.delivered == ["after"], "the stream moves on")
    assert (harness.gauges()["discarded"], harness.gauges()["backlog"]) == (1, 0)
    assert "lost 1 records" in caplog.text
    assert "bad" not in caplog.text
    harness.aws.set_faults([])
    assert arrived() == []
    harness.put("bad")
    wait_until(arrived, "the next message arrives")
