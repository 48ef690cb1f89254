"""Documents too large for the stream, through S3, the stream and the Lambda."""

from __future__ import annotations

import base64
import json
import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from producers.claims import S3ClaimStore
from producers.producer import Producer
from smartcat.stack import StackOptions
from support.cli import smartcat
from wire_format.aggregation import UserRecord, pack
from wire_format.claim_check import from_bytes
from wire_format.document import Document, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.system import System

pytestmark = [pytest.mark.e2e]

MIB = 1024 * 1024
MARKER = "Quittenbrot"
"""Stands on every page, and must stand in no log."""


def document(name: str, size: int = 2000) -> Document:
    """A document of that many characters, most of which gzip cannot shrink much."""
    words = f"{MARKER} Gehaltsabrechnung Brutto Netto Steuerklasse "
    noise = "".join(f"{number:x} " for number in _numbers(name, size // 18))
    return Document(document_id=name, pages=(words * 20, (words + noise)[:size]))


def _numbers(name: str, count: int) -> Iterator[int]:
    dice = random.Random(name)  # noqa: S311 - text of a test
    return (dice.getrandbits(64) for _ in range(count))


@pytest.fixture(scope="module")
def system(paperwork_model: Path, start_system: Callable[[Path, StackOptions], System]) -> System:
    """Start one system for all tests of this module."""
    return start_system(paperwork_model, StackOptions(name="claims", shards=1, write_units=200))


class Sender:
    """Stores documents, and puts their claims on the stream."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.s3 = system.aws.client("s3")
        self.bucket = system.stack.claims_bucket
        self._store = S3ClaimStore(system.environment["SMARTCAT_CLAIMS_BUCKET"], client=self.s3)

    def claim(self, each: Document) -> bytes:
        return self._store.store(each.document_id, to_bytes(each))

    def put(self, *records: tuple[bytes, str]) -> None:
        with Producer(
            self._system.stack.stream, client=self._system.aws.client("kinesis", attempts=1)
        ) as producer:
            for data, key in records:
                producer.put_raw(data, key)


@pytest.fixture(scope="module")
def sender(system: System) -> Sender:
    """Give what fills the stream."""
    return Sender(system)


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait for a condition, and fail with its name at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def items(system: System) -> dict[str, dict[str, Any]]:
    """Every item, by document id."""
    found = system.aws.client("dynamodb").scan(TableName=system.stack.table, ConsistentRead=True)["Items"]
    return {item["document_id"]["S"]: item for item in found}


def test_a_document_of_three_megabytes_gets_its_label(system: System, sender: Sender) -> None:
    """It fits into no record, arrives as a claim, and is labelled like any other; in an aggregate too."""
    large = document("large", 3_000_000)
    payload = to_bytes(large)
    assert len(payload) > MIB
    record = sender.claim(large)
    assert len(record) < 1000
    packed = [
        UserRecord("packed-claim", sender.claim(document("packed-claim", 100_000))),
        UserRecord("packed-plain", to_bytes(document("packed-plain"))),
    ]
    sender.put((record, "large"), (to_bytes(document("small")), "small"), (pack(packed), "packed"))
    system.wait_until_done(4)
    labels = system.outcome().labels()
    assert set(labels) == {"large", "small", "packed-claim", "packed-plain"}
    assert all(labels.values())
    assert items(system)["large"]["pages"] == {"N": "2"}
    assert system.quarantine_objects() == []


@pytest.mark.parametrize("packing", ["aggregate", "together", "single"])
def test_the_command_line_sends_large_and_small_versions_in_order(
    system: System, tmp_path: Path, packing: str
) -> None:
    """Large documents become claims, however records are packed, and the last version of each stands."""
    lines = [
        Document(document_id=f"{packing}-{number % 3}", pages=(page,), metadata={"version": str(number)})
        for number, page in enumerate(
            # Each id has a large version in between smaller ones, or the other way round.
            document(f"{packing} {number}", 3_000_000 if number % 2 else 2000).pages[1]
            for number in range(9)
        )
    ]
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"\n".join(to_bytes(line, gzip_above=None) for line in lines))
    before = len(items(system))
    done = smartcat("produce", str(file), "--packing", packing, "--json", environment=system.environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == 9
    system.wait_until_done(before + 3)
    stored = items(system)
    versions = {
        name: item["metadata"]["M"]["version"]["S"]
        for name, item in stored.items()
        if name.startswith(packing)
    }
    assert versions == {f"{packing}-{number}": str(6 + number) for number in range(3)}


def test_a_tampered_object_is_quarantined_and_its_claim_can_be_put_back(
    system: System, sender: Sender
) -> None:
    """One changed byte is a mismatch, and its neighbour is stored; with the object mended, replay helps."""
    record = sender.claim(document("tampered"))
    key = from_bytes(record).key
    whole = sender.s3.get_object(Bucket=sender.bucket, Key=key)["Body"].read()
    sender.s3.put_object(Bucket=sender.bucket, Key=key, Body=whole[:-1] + bytes([whole[-1] ^ 1]))
    sender.put((record, "tampered"), (sender.claim(document("neighbour")), "neighbour"))
    wait_until(lambda: system.quarantine_objects() and "neighbour" in items(system), "both are done")
    (kept,) = system.quarantine_objects()
    assert kept["reason"] == "claim_mismatch"
    assert base64.b64decode(kept["data"]) == record
    assert "tampered" not in items(system)

    sender.s3.put_object(Bucket=sender.bucket, Key=key, Body=whole)
    done = smartcat("replay", "--reason", "claim_mismatch", "--yes", environment=system.environment)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: "tampered" in items(system), "the document is stored after all")
    assert system.quarantine_objects() == []


def test_an_outage_of_s3_is_waited_out(system: System, sender: Sender) -> None:
    """While objects cannot be read, claims wait on the stream: none is quarantined, and none is lost."""
    before = set(items(system))
    names = [f"outage-{number}" for number in range(12)]
    records = [
        (sender.claim(document(name)) if number % 3 else to_bytes(document(name)), name)
        for number, name in enumerate(names)
    ]
    rule = {
        "service": "s3",
        "operation": "GetObject",
        "resource": sender.bucket,
        "kind": "error",
        "status": 503,
    }
    system.aws.set_faults([rule])
    sender.put(*records)
    trouble = f"GetObject from bucket {sender.bucket} failed with ServiceUnavailable"
    wait_until(lambda: trouble in logs(system), "the outage is met")
    assert set(items(system)) < before | set(names)
    system.aws.set_faults([])
    wait_until(lambda: set(items(system)) == before | set(names), "all are stored")
    wait_until(
        lambda: system.aws.gauges()["mappings"][system.stack.mapping_id]["backlog"] == 0, "all are done"
    )
    assert system.quarantine_objects() == []
    failures = sender.s3.list_objects_v2(Bucket=system.stack.failures_bucket)
    assert failures["KeyCount"] == 0


def logs(system: System) -> str:
    """Everything that the function wrote."""
    return "".join(path.read_text("utf-8") for path in system.logs.rglob("*.log"))


def test_no_log_holds_a_page_an_id_or_a_key(system: System) -> None:
    """After all that, the function's lines name neither text nor a document nor its object."""
    written = logs(system)
    assert "claim_mismatch" in written
    for secret in (MARKER, "tampered", "outage-1", "claims/"):
        assert secret not in written
