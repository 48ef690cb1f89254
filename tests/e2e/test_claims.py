"""Documents too large for the stream, through S3, the stream and the Lambda."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING

import pytest

from producers.claims import S3ClaimStore
from smartcat.wire_format.claim_check import from_bytes
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from support.cli import smartcat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.deployed_system import DeployedSystem

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


class Sender:
    """Stores documents, and puts their claims on the stream."""

    def __init__(self, deployed: DeployedSystem) -> None:
        self._deployed = deployed
        self.s3 = deployed.client("s3")
        self.bucket = deployed.deployment.claims_bucket
        self._store = S3ClaimStore(deployed.environment["SMARTCAT_CLAIMS_BUCKET"], client=self.s3)

    def claim(self, each: Document) -> bytes:
        return self._store.store(each.document_id, to_bytes(each))

    def put(self, *records: tuple[bytes, str]) -> None:
        with self._deployed.producer() as producer:
            for data, key in records:
                producer.put_raw(data, key)


@pytest.fixture(scope="module")
def sender(deployed: DeployedSystem) -> Sender:
    """Give what fills the stream."""
    return Sender(deployed)


def test_a_document_of_three_megabytes_gets_its_label(deployed: DeployedSystem, sender: Sender) -> None:
    """It fits into no record, arrives as a claim, and is labelled like any other; in an aggregate too."""
    names = [deployed.name(role) for role in ("large", "small", "claim-in-pack", "plain-in-pack")]
    large, small, packed_claim, packed_plain = names
    payload = to_bytes(document(large, 3_000_000))
    assert len(payload) > MIB
    record = sender.claim(document(large, 3_000_000))
    assert len(record) < 1000
    packed = [
        UserRecord(packed_claim, sender.claim(document(packed_claim, 100_000))),
        UserRecord(packed_plain, to_bytes(document(packed_plain))),
    ]
    aggregate = deployed.name("pack")
    sender.put((record, large), (to_bytes(document(small)), small), (pack(packed), aggregate))
    deployed.wait_for(names)
    items = deployed.items(names)
    assert all(items[name]["label"]["S"] for name in names)
    assert items[large]["pages"] == {"N": "2"}
    assert [entry for name in names for entry in deployed.quarantined(name)] == []


@pytest.mark.parametrize("packing", ["aggregate", "together", "single"])
def test_the_command_line_sends_large_and_small_versions_in_order(
    deployed: DeployedSystem, tmp_path: Path, packing: str
) -> None:
    """Large documents become claims, however records are packed, and the last version of each stands."""
    names = [deployed.name(f"{packing}-{number}") for number in range(3)]
    lines = [
        Document(document_id=names[number % 3], pages=(page,), metadata={"version": str(number)})
        for number, page in enumerate(
            # Each id has a large version in between smaller ones, or the other way round.
            document(f"{packing} {number}", 3_000_000 if number % 2 else 2000).pages[1]
            for number in range(9)
        )
    ]
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"\n".join(to_bytes(line, gzip_above=None) for line in lines))
    done = smartcat("produce", str(file), "--packing", packing, "--json", environment=deployed.environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == 9

    def versions() -> dict[str, str]:
        return {name: item["metadata"]["M"]["version"]["S"] for name, item in deployed.items(names).items()}

    last = {name: str(6 + number) for number, name in enumerate(names)}
    deployed.wait_until(lambda: versions() == last, "the last version of each stands")


def test_a_tampered_object_is_quarantined_and_its_claim_can_be_put_back(
    deployed: DeployedSystem, sender: Sender
) -> None:
    """One changed byte is a mismatch, and its neighbour is stored; with the object mended, replay helps."""
    name, neighbour = deployed.name("tampered"), deployed.name("neighbour")
    record = sender.claim(document(name))
    key = from_bytes(record).key
    whole = sender.s3.get_object(Bucket=sender.bucket, Key=key)["Body"].read()
    sender.s3.put_object(Bucket=sender.bucket, Key=key, Body=whole[:-1] + bytes([whole[-1] ^ 1]))
    sender.put((record, name), (sender.claim(document(neighbour)), neighbour))
    deployed.wait_for([neighbour], quarantined=1, part=name)
    (kept,) = deployed.quarantined(name)
    assert kept["reason"] == "claim_mismatch"
    assert base64.b64decode(kept["data"]) == record
    assert deployed.items([name]) == {}

    sender.s3.put_object(Bucket=sender.bucket, Key=key, Body=whole)
    chosen = ("--reason", "claim_mismatch", "--id", name)
    done = smartcat("replay", *chosen, "--yes", environment=deployed.environment)
    assert done.returncode == 0, done.stderr
    deployed.wait_for([name])
    assert deployed.quarantined(name) == []


@pytest.mark.local_only("S3 is made to fail")
def test_an_outage_of_s3_is_waited_out(deployed: DeployedSystem, sender: Sender) -> None:
    """While objects cannot be read, claims wait on the stream: none is quarantined, and none is lost."""
    system = deployed.system
    names = [deployed.name(f"outage-{number}") for number in range(12)]
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
    deployed.wait_until(lambda: trouble in logs(deployed), "the outage is met")
    assert len(deployed.items(names)) < len(names)
    system.aws.set_faults([])
    deployed.wait_for(names)
    deployed.wait_until(
        lambda: system.aws.gauges()["mappings"][system.deployment.mapping_id]["backlog"] == 0, "all are done"
    )
    assert deployed.quarantined("outage") == []
    assert deployed.given_up() == []


def logs(deployed: DeployedSystem) -> str:
    """Everything that the function wrote."""
    return "".join(path.read_text("utf-8") for path in deployed.system.logs.rglob("*.log"))


@pytest.mark.local_only("reads the function's log where local AWS writes it")
def test_no_log_holds_a_page_an_id_or_a_key(deployed: DeployedSystem) -> None:
    """After all that, the function's lines name neither text nor a document nor its object."""
    written = logs(deployed)
    assert "claim_mismatch" in written
    for secret in (MARKER, "tampered", "outage-1", "claims/"):
        assert secret not in written
