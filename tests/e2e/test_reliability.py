"""Every record is accounted for: whatever fails on the way, each ends as one result or quarantine object."""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from producers.producer import Producer
from smartcat.cli.deployment import Deployment, DeploymentOptions, deploy
from smartcat.cli.samples.rejected_records import RejectedPayload, rejected_payloads
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from support.fault_proxy import DROP, KILL_AFTER, KILL_BEFORE, THROTTLE, FaultProxy, running_proxy
from support.system import System

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("harms services and the function as only local AWS allows"),
]

MARKER = "Quittenbrot"
"""Stands on every page, and must stand in no log."""

Start = Callable[[Path, DeploymentOptions], System]


@dataclass
class World:
    """A system, what harms it, and what was sent to it."""

    system: System
    proxy: FaultProxy
    documents: set[str] = field(default_factory=set)
    poison: list[RejectedPayload] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.s3, self.dynamodb = self.system.aws.client("s3"), self.system.aws.client("dynamodb")
        self.bucket, self.table = self.system.deployment.quarantine_bucket, self.system.deployment.table

    def send(self, name: str, count: int, *, poison: int | None = None) -> None:
        """Put documents and an aggregate, with the poison of that seed spread among them."""
        bad = rejected_payloads(poison) if poison is not None else ()
        good = [document(f"{name}-{number}") for number in range(count)]
        packed = [document(f"{name}-packed-{number}") for number in range(20)]
        self.documents |= {each.document_id for each in [*good, *packed]}
        self.poison += bad
        with Producer(
            self.system.deployment.stream, client=self.system.aws.client("kinesis", attempts=1)
        ) as producer:
            for number, each in enumerate(good):
                producer.put(each)
                if number < len(bad):
                    producer.put_raw(bad[number].data, bad[number].partition_key)
            records = [UserRecord(each.document_id, to_bytes(each)) for each in packed]
            producer.put_raw(pack(records), f"{name}-packed")

    def reconcile(self) -> None:
        """Wait until everything is done; each record must be in one place, and none with the mapping."""
        self.system.wait_until_done(len(self.documents) + len(self.poison), seconds=60)
        self.proxy.plan({})
        assert set(self.system.outcome().labels()) == self.documents
        found = Counter(base64.b64decode(entry["data"]) for entry in self.system.quarantine_objects())
        assert found == Counter(bad.data for bad in self.poison)
        assert given_up(self, self.system.deployment) == []

    def forget(self) -> None:
        """Empty the quarantine and the books."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for entry in page.get("Contents", ()):
                self.s3.delete_object(Bucket=self.bucket, Key=entry["Key"])
        self.documents.clear()
        self.poison.clear()

    def logs(self) -> str:
        """Everything that functions wrote."""
        return "".join(path.read_text("utf-8") for path in self.system.logs.rglob("*.log"))


def document(document_id: str) -> Document:
    """Make a document with the marker on its page."""
    return Document(document_id=document_id, text=f"{MARKER} Gehaltsabrechnung Brutto Netto {document_id}")


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def world(paperwork_model: Path, start_system: Start) -> Iterator[World]:
    """One system for the module, whose function reaches its data through a proxy."""
    with running_proxy() as (proxy, url):
        variables = {
            "AWS_ENDPOINT_URL_DYNAMODB": url,
            "AWS_ENDPOINT_URL_S3": url,
            "SMARTCAT_DEADLINE_RESERVE_SECONDS": "1",
        }
        options = DeploymentOptions(
            name="reliable",
            shards=2,
            write_units=400,
            batch_size=25,
            timeout_seconds=30,
            function_environment=variables,
        )
        # The model is loaded through the proxy too, so the backend must be known before the first record.
        system = start_system(paperwork_model, options)
        proxy.backend, proxy.function = system.aws.endpoint_url, system.deployment.function
        yield World(system, proxy)


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("killed", {2: KILL_BEFORE, 5: KILL_AFTER}),
        ("ailing", dict(enumerate([DROP, "503", DROP, "500", THROTTLE, DROP, DROP, "503", "429"], 1))),
    ],
)
def test_harm_changes_nothing_in_the_end(world: World, name: str, faults: Mapping[int, str]) -> None:
    """Killed processes, lost answers, failing and throttling services: each record ends in one place."""
    world.proxy.plan(faults)
    world.send(name, 100, poison=len(name) if name == "killed" else 77)
    wait_until(lambda: world.proxy.done == Counter(faults.values()), "every fault was met")
    world.reconcile()


def test_resharding_while_records_flow_loses_nothing(world: World) -> None:
    """Records before, between and after a split and a merge are all delivered, the children's last."""
    kinesis, name = world.system.aws.client("kinesis"), {"StreamName": world.system.deployment.stream}
    world.send("before", 60)
    shard = kinesis.list_shards(**name)["Shards"][0]
    middle = int(shard["HashKeyRange"]["EndingHashKey"]) // 2
    kinesis.split_shard(**name, ShardToSplit=shard["ShardId"], NewStartingHashKey=str(middle))
    world.send("between", 60)
    children = [each["ShardId"] for each in kinesis.list_shards(**name)["Shards"] if "ParentShardId" in each]
    kinesis.merge_shards(**name, ShardToMerge=children[0], AdjacentShardToMerge=children[1])
    world.send("after", 60)
    world.reconcile()


def test_a_missing_quarantine_and_a_missing_table_are_waited_for(world: World) -> None:
    """Without its bucket poison waits, without its table everything does; both come back, nothing is lost."""
    world.forget()
    world.dynamodb.delete_table(TableName=world.table)
    world.s3.delete_bucket(Bucket=world.bucket)
    world.send("orphans", 40, poison=3)
    # A record of its own goes before documents that wait for company: the bucket is missed first.
    wait_until(lambda: "failed with NoSuchBucket" in world.logs(), "the quarantine is missed")
    here = {"LocationConstraint": world.s3.meta.region_name}
    world.s3.create_bucket(Bucket=world.bucket, CreateBucketConfiguration=here)
    wait_until(lambda: "failed with ResourceNotFoundException" in world.logs(), "the table is missed")
    world.dynamodb.create_table(
        TableName=world.table,
        KeySchema=[{"AttributeName": "document_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "document_id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 50, "WriteCapacityUnits": 400},
    )
    world.reconcile()


def tamper(world: World, deployment: Deployment) -> None:
    """Change a byte of the published model; a directory that is damaged would not be published."""
    found = world.s3.list_objects_v2(Bucket=deployment.artifacts_bucket, Prefix="models/versions/")[
        "Contents"
    ]
    arrays = [entry for entry in found if not entry["Key"].endswith("manifest.json")]
    largest = max(arrays, key=lambda entry: entry["Size"])["Key"]
    content = bytearray(world.s3.get_object(Bucket=deployment.artifacts_bucket, Key=largest)["Body"].read())
    content[100] ^= 1
    world.s3.put_object(Bucket=deployment.artifacts_bucket, Key=largest, Body=bytes(content))


def test_a_function_that_cannot_start_loses_no_record(world: World, paperwork_model: Path) -> None:
    """It says why in one line; when the retries are gone, the failure destination holds the whole record."""
    tampered = cannot_start(world, "tampered", paperwork_model, {})
    tamper(world, tampered)
    unset = cannot_start(world, "unset", paperwork_model, {"SMARTCAT_TABLE": " "})
    for complaint, deployment in {"SHA-256 differs": tampered, "SMARTCAT_TABLE is not set": unset}.items():
        world.system.aws.client("kinesis").put_record(
            StreamName=deployment.stream, Data=to_bytes(document(deployment.function)), PartitionKey="k"
        )
        wait_until(lambda deployment=deployment: given_up(world, deployment), "the record is given up")
        ((record,),) = given_up(world, deployment)
        assert base64.b64decode(record) == to_bytes(document(deployment.function))
        said = [line for line in world.logs().splitlines() if complaint in line]
        assert len([line for line in said if "refusing to start" in line]) == 1


def cannot_start(world: World, name: str, model: Path, variables: dict[str, str]) -> Deployment:
    """Build a system of its own that has no retries."""
    options = DeploymentOptions(name=name, shards=1, max_retries=0, function_environment=variables)
    return deploy(world.system.aws.client, model, options)


def given_up(world: World, deployment: Deployment) -> list[list[str]]:
    """The data of the records in each object of the failure destination."""
    listed = world.s3.list_objects_v2(Bucket=deployment.failures_bucket).get("Contents", ())
    bodies = [
        world.s3.get_object(Bucket=deployment.failures_bucket, Key=entry["Key"])["Body"] for entry in listed
    ]
    events = [json.loads(json.load(body)["payload"]) for body in bodies]
    return [[each["kinesis"]["data"] for each in event["Records"]] for event in events]


def test_no_log_holds_a_page_or_a_payload(world: World) -> None:
    """After all that, no line of the functions holds page text, a document's id, their base64, or poison."""
    logs = world.logs()
    assert "batch processed" in logs
    assert "record quarantined" in logs
    plain = f'{{"v":1,"document_id":"killed-1","pages":["{MARKER}'
    assert '"hours_to_expiry"' in logs
    ids = [f"{name}-{number}" for name in ("killed", "ailing", "orphans") for number in ("17", "packed-17")]
    for secret in [MARKER, *ids, *base64_forms(MARKER), *base64_forms(plain)]:
        assert secret not in logs
    for bad in rejected_payloads(3):
        assert base64.b64encode(bad.data).decode()[:40] not in logs


def base64_forms(text: str) -> list[str]:
    """What the text looks like inside longer base64, at each of the three offsets."""
    forms = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + text.encode()).decode()
        forms.append(encoded[4 if offset else 0 : -4])
    return forms
