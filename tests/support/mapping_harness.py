"""A stream, a Python function in this process, and the mapping between them, worked through boto3."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from moto.kinesis.models import kinesis_backends

from smartcat.local_aws.account import ACCOUNT_ID, REGION
from smartcat.local_aws.lambda_runtime.host import InvokeResult, LambdaHost, function_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smartcat.local_aws.local_aws import LocalAws

FIRST_SHARD = "shardId-000000000000"


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


class PythonHost(LambdaHost):
    """A Lambda host that also knows functions of this process, which need no archive and no start."""

    functions: ClassVar[dict[str, Callable[[bytes], InvokeResult]]] = {}

    def has_function(self, reference: str) -> bool:
        """Whether a name or ARN is known."""
        return function_name(reference) in self.functions or super().has_function(reference)

    def invoke(self, reference: str, payload: bytes) -> InvokeResult:
        """Run a function of this process, or of another."""
        function = self.functions.get(function_name(reference))
        return function(payload) if function else super().invoke(reference, payload)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record as the function received it."""

    shard: str
    number: str
    key: str
    data: str


def react(records: list[Delivered]) -> object:
    """Do what the records say: "bad" raises, "fail" is reported, anything else succeeds."""
    if any(record.data == "bad" for record in records):
        raise ValueError("bad")
    failures = [{"itemIdentifier": record.number} for record in records if record.data == "fail"]
    return {"batchItemFailures": failures}


@dataclass
class MappingHarness:
    """A one-shard stream and a function that keeps a journal.

    Attributes:
        local: Where everything is.
        clients: boto3 clients by service.
        respond: What the function does with a batch; what it raises is the function's error.
        throttled: While set, the function is not invoked.
        calls: Every batch that the function received, in the order of the invocations' starts.
    """

    local: LocalAws
    clients: dict[str, Any]
    name: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:12]}")
    respond: Callable[[list[Delivered]], object] = react
    throttled: bool = False
    calls: list[list[Delivered]] = field(default_factory=list)
    uuid: str = ""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        PythonHost.functions[self.name] = self._invoke

    def _invoke(self, payload: bytes) -> InvokeResult:
        if self.throttled:
            return InvokeResult(429, b"", throttled=True)
        batch = [
            Delivered(
                record["eventID"].split(":")[0],
                record["kinesis"]["sequenceNumber"],
                record["kinesis"]["partitionKey"],
                base64.b64decode(record["kinesis"]["data"]).decode(),
            )
            for record in json.loads(payload)["Records"]
        ]
        with self._lock:
            self.calls.append(batch)
        request_id = str(uuid.uuid4())
        try:
            return InvokeResult(200, json.dumps(self.respond(batch)).encode(), request_id=request_id)
        except Exception as problem:  # noqa: BLE001 - as Lambda, which makes any of them a function error
            content = json.dumps({"errorType": type(problem).__name__}).encode()
            return InvokeResult(200, content, "Unhandled", request_id=request_id)

    @property
    def stream_arn(self) -> str:
        """The stream's ARN."""
        return f"arn:aws:kinesis:{REGION}:{ACCOUNT_ID}:stream/{self.name}"

    @property
    def function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{self.name}"

    def create_stream(self, shards: int = 1) -> None:
        """Create the stream."""
        self.clients["kinesis"].create_stream(StreamName=self.name, ShardCount=shards)

    def put(self, *data: str, key: str | None = None) -> None:
        """Put records, in order; each is its own partition key unless there is one for all."""
        self.put_keyed((key or each, each) for each in data)

    def put_keyed(self, records: Iterable[tuple[str, str]]) -> None:
        """Put records, each with its partition key, in one request, of which local AWS keeps the order."""
        entries = [{"PartitionKey": key, "Data": data} for key, data in records]
        answer = self.clients["kinesis"].put_records(StreamName=self.name, Records=entries)
        assert answer["FailedRecordCount"] == 0

    def age(self, seconds: float) -> None:
        """Let every record in the stream have arrived so much earlier."""
        for shard in kinesis_backends[ACCOUNT_ID][REGION].streams[self.name].shards.values():
            for each in shard.records.values():
                each.created_at -= seconds
                each.created_at_datetime -= timedelta(seconds=seconds)

    def split(self, shard: str = FIRST_SHARD, at: int = 2**127) -> None:
        """Split a shard at a hash."""
        self.clients["kinesis"].split_shard(
            StreamName=self.name, ShardToSplit=shard, NewStartingHashKey=str(at)
        )

    def merge(self, first: str, second: str) -> None:
        """Merge two shards."""
        self.clients["kinesis"].merge_shards(
            StreamName=self.name, ShardToMerge=first, AdjacentShardToMerge=second
        )

    def open_shards(self) -> list[dict[str, Any]]:
        """The shards that take records, by hash."""
        shards = self.clients["kinesis"].list_shards(StreamName=self.name)["Shards"]
        live = [shard for shard in shards if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
        return sorted(live, key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))

    def map(self, **settings: Any) -> dict[str, Any]:
        """Create the mapping, and return the API's answer."""
        request = {
            "FunctionName": self.name,
            "EventSourceArn": self.stream_arn,
            "StartingPosition": "TRIM_HORIZON",
        }
        answer: dict[str, Any] = self.clients["lambda"].create_event_source_mapping(**{**request, **settings})
        self.uuid = answer["UUID"]
        return answer

    def state(self) -> str:
        """The mapping's state as the API shows it."""
        return str(self.clients["lambda"].get_event_source_mapping(UUID=self.uuid)["State"])

    def settle(self) -> None:
        """Wait until the last change is done."""
        wait_until(lambda: self.state() in {"Enabled", "Disabled"}, "the change is done")

    def update(self, **settings: Any) -> dict[str, Any]:
        """Change the mapping, and return the API's answer at once."""
        answer: dict[str, Any] = self.clients["lambda"].update_event_source_mapping(
            UUID=self.uuid, **settings
        )
        return answer

    def delete(self) -> None:
        """Delete the mapping if there is one, and wait until it is gone."""
        if self.uuid in self.local.gauges()["mappings"] and self.state() != "Deleting":
            self.clients["lambda"].delete_event_source_mapping(UUID=self.uuid)
        wait_until(lambda: self.uuid not in self.local.gauges()["mappings"], "the mapping is deleted")

    def gauges(self) -> dict[str, Any]:
        """The mapping's gauges."""
        found: dict[str, Any] = self.local.gauges()["mappings"][self.uuid]
        return found

    def wait_for(self, *, delivered: int, discarded: int = 0) -> None:
        """Wait for so many records to be finished, and check that there are exactly as many."""
        expected = (delivered, discarded, 0)

        def counts() -> tuple[int, int, int]:
            gauges = self.gauges()
            return gauges["records_delivered"], gauges["discarded"], gauges["backlog"]

        # The gauges are not one snapshot: a backlog read a moment before the counts is waited for.
        wait_until(
            lambda: (found := counts()) == expected or found[:2] > expected[:2],
            f"{delivered} delivered and {discarded} discarded",
        )
        found = counts()
        assert found == expected, found

    def batches(self) -> list[list[str]]:
        """The data of each batch."""
        return [[record.data for record in batch] for batch in self.calls]

    def received(self) -> list[Delivered]:
        """All records, as often as they came."""
        return [record for batch in self.calls for record in batch]
