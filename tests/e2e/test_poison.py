"""Poison among good documents, through the stream and the Lambda."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from producers.producer import Producer
from smartcat.samples.poison import poison_payloads
from smartcat.stack import StackOptions
from support.cli import smartcat
from support.system import System
from wire_format.aggregation import UserRecord, pack
from wire_format.document import Document, to_bytes

pytestmark = [pytest.mark.e2e]


def good(number: int) -> Document:
    """Make a document that is no poison."""
    return Document(document_id=f"good-{number}", pages=("Gehaltsabrechnung Brutto Netto", ""))


@pytest.fixture(scope="module")
def system(paperwork_model: Path, start_system: Callable[[Path, StackOptions], System]) -> System:
    """Start one system for all tests of this module."""
    return start_system(paperwork_model, StackOptions(name="poison", shards=1, write_units=200))


def test_each_poison_is_quarantined_whole_and_its_neighbours_are_stored(system: System) -> None:
    """Poison lands in S3 byte for byte with its reason; the documents around it land in the table."""
    poison = poison_payloads(5)
    with Producer(system.stack.stream, client=system.aws.client("kinesis", attempts=1)) as producer:
        for number, payload in enumerate(poison):
            producer.put(good(number))
            producer.put_raw(payload.data, payload.partition_key)
        producer.put(good(len(poison)))
    system.wait_until_done(2 * len(poison) + 1)

    objects = system.quarantine_objects()
    found = {base64.b64decode(entry["data"]): entry["reason"] for entry in objects}
    assert found == {payload.data: payload.expected_reason for payload in poison}
    assert len(objects) == len(poison)
    assert set(system.outcome().labels()) == {f"good-{number}" for number in range(len(poison) + 1)}


def test_documents_of_an_aggregate_are_stored_and_its_poison_is_quarantined(system: System) -> None:
    """One bad user record in a KPL aggregate does not take the others with it."""
    before = len(system.outcome().results)
    quarantined = len(system.quarantine_objects())
    records = [
        UserRecord(f"packed-{n}", to_bytes(Document(document_id=f"packed-{n}", text="Grundbuch")))
        for n in range(20)
    ]
    records[7] = UserRecord("packed-7", b"{}")
    with Producer(system.stack.stream, client=system.aws.client("kinesis", attempts=1)) as producer:
        producer.put_raw(pack(records), "packed")
    system.wait_until_done(before + quarantined + 20)
    stored = {name for name in system.outcome().labels() if name.startswith("packed-")}
    assert stored == {f"packed-{n}" for n in range(20) if n != 7}
    newest = [entry for entry in system.quarantine_objects() if entry["partition_key"] == "packed-7"]
    assert [entry["reason"] for entry in newest] == ["invalid_document"]


def test_results_are_read_by_the_command_line(system: System) -> None:
    """`smartcat results` shows one document, lists all, and says which id has no result."""
    one = smartcat("results", "get", "good-0", "--json", environment=system.environment)
    assert json.loads(one.stdout)["document_id"] == "good-0"
    assert json.loads(one.stdout)["page_labels"][1] is None
    shown = smartcat("results", "get", "good-0", environment=system.environment)
    assert "good-0" in shown.stdout
    listed = smartcat("results", "list", "--limit", "3", "--json", environment=system.environment)
    assert len(listed.stdout.splitlines()) == 3
    missing = smartcat("results", "get", "never-sent", environment=system.environment)
    assert missing.returncode == 1
    assert missing.stderr.startswith("error: never-sent: no result")


def test_no_page_text_is_logged(system: System) -> None:
    """The function's logs hold no word of any page and no payload."""
    logs = "".join(path.read_text("utf-8") for path in system.logs.rglob("*.log"))
    assert "REPORT" in logs
    assert "Gehaltsabrechnung" not in logs
    assert not any(base64.b64encode(payload.data).decode()[:40] in logs for payload in poison_payloads(5))
