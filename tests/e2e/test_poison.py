"""Poison among good documents, through the stream and the Lambda."""

import base64
import json

import pytest

from smartcat.cli.samples.rejected_records import rejected_payloads
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from support.cli import smartcat
from support.deployed_system import DeployedSystem

pytestmark = [pytest.mark.e2e]


def good(name: str) -> Document:
    """Make a document that is no poison."""
    return Document(document_id=name, pages=("Gehaltsabrechnung Brutto Netto", ""))


def test_each_poison_is_quarantined_whole_and_its_neighbours_are_stored(deployed: DeployedSystem) -> None:
    """Poison lands in S3 byte for byte with its reason; the documents around it land in the table."""
    poison = rejected_payloads(deployed.run)
    names = [deployed.name(f"good-{number}") for number in range(len(poison) + 1)]
    with deployed.producer() as producer:
        for name, payload in zip(names, poison, strict=False):
            producer.put(good(name))
            producer.put_raw(payload.data, payload.partition_key)
        producer.put(good(names[-1]))
    deployed.wait_for(names, quarantined=len(poison), part="poison")

    objects = deployed.quarantined("poison")
    found = {base64.b64decode(entry["data"]): entry["reason"] for entry in objects}
    assert found == {payload.data: payload.expected_reason for payload in poison}
    assert len(objects) == len(poison)
    assert deployed.quarantined("good") == []


def test_documents_of_an_aggregate_are_stored_and_its_poison_is_quarantined(deployed: DeployedSystem) -> None:
    """One bad user record in a KPL aggregate does not take the others with it."""
    names = [deployed.name(f"packed-{number}") for number in range(20)]
    records = [UserRecord(name, to_bytes(Document(document_id=name, text="Grundbuch"))) for name in names]
    bad = names.pop(7)
    records[7] = UserRecord(bad, b"{}")
    with deployed.producer() as producer:
        producer.put_raw(pack(records), deployed.name("packed"))
    deployed.wait_for(names, quarantined=1, part=bad)
    assert deployed.items([bad]) == {}
    assert [entry["reason"] for entry in deployed.quarantined("packed")] == ["invalid_document"]


def test_results_are_read_by_the_command_line(deployed: DeployedSystem) -> None:
    """`smartcat results` shows one document, lists some, and says which id has no result."""
    name = deployed.name("read")
    with deployed.producer() as producer:
        producer.put(good(name))
    deployed.wait_for([name])
    one = smartcat("results", "get", name, "--json", environment=deployed.environment)
    assert json.loads(one.stdout)["document_id"] == name
    assert json.loads(one.stdout)["page_labels"][1] is None
    shown = smartcat("results", "get", name, environment=deployed.environment)
    assert name in shown.stdout
    listed = smartcat("results", "list", "--limit", "1", "--json", environment=deployed.environment)
    assert len(listed.stdout.splitlines()) == 1
    missing = smartcat("results", "get", "never-sent", environment=deployed.environment)
    assert missing.returncode == 1
    assert missing.stderr.startswith("error: never-sent: no result")


@pytest.mark.local_only("reads the function's log where local AWS writes it")
def test_no_page_text_is_logged(deployed: DeployedSystem) -> None:
    """The function's logs hold no word of any page and no payload."""
    poison = rejected_payloads(deployed.run)
    with deployed.producer() as producer:
        producer.put(good(deployed.name("logged")))
        producer.put_raw(poison[0].data, deployed.name("logged-poison"))
    deployed.wait_for([deployed.name("logged")], quarantined=1, part="logged-poison")
    logs = "".join(path.read_text("utf-8") for path in deployed.system.logs.rglob("*.log"))
    assert "batch processed" in logs
    assert "record quarantined" in logs
    assert "Gehaltsabrechnung" not in logs
    assert not any(base64.b64encode(payload.data).decode()[:40] in logs for payload in poison)
