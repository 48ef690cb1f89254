"""Poison among good documents, through the stream and the Lambda."""

import base64
import json

import pytest

from smartcat.cli.samples.poison import poison_payloads
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from support.cli import smartcat
from support.deployment import Deployment

pytestmark = [pytest.mark.e2e]


def good(name: str) -> Document:
    """Make a document that is no poison."""
    return Document(document_id=name, pages=("Gehaltsabrechnung Brutto Netto", ""))


def test_each_poison_is_quarantined_whole_and_its_neighbours_are_stored(deployment: Deployment) -> None:
    """Poison lands in S3 byte for byte with its reason; the documents around it land in the table."""
    poison = poison_payloads(deployment.run)
    names = [deployment.name(f"good-{number}") for number in range(len(poison) + 1)]
    with deployment.producer() as producer:
        for name, payload in zip(names, poison, strict=False):
            producer.put(good(name))
            producer.put_raw(payload.data, payload.partition_key)
        producer.put(good(names[-1]))
    deployment.wait_for(names, quarantined=len(poison), part="poison")

    objects = deployment.quarantined("poison")
    found = {base64.b64decode(entry["data"]): entry["reason"] for entry in objects}
    assert found == {payload.data: payload.expected_reason for payload in poison}
    assert len(objects) == len(poison)
    assert deployment.quarantined("good") == []


def test_documents_of_an_aggregate_are_stored_and_its_poison_is_quarantined(deployment: Deployment) -> None:
    """One bad user record in a KPL aggregate does not take the others with it."""
    names = [deployment.name(f"packed-{number}") for number in range(20)]
    records = [UserRecord(name, to_bytes(Document(document_id=name, text="Grundbuch"))) for name in names]
    bad = names.pop(7)
    records[7] = UserRecord(bad, b"{}")
    with deployment.producer() as producer:
        producer.put_raw(pack(records), deployment.name("packed"))
    deployment.wait_for(names, quarantined=1, part=bad)
    assert deployment.items([bad]) == {}
    assert [entry["reason"] for entry in deployment.quarantined("packed")] == ["invalid_document"]


def test_results_are_read_by_the_command_line(deployment: Deployment) -> None:
    """`smartcat results` shows one document, lists some, and says which id has no result."""
    name = deployment.name("read")
    with deployment.producer() as producer:
        producer.put(good(name))
    deployment.wait_for([name])
    one = smartcat("results", "get", name, "--json", environment=deployment.environment)
    assert json.loads(one.stdout)["document_id"] == name
    assert json.loads(one.stdout)["page_labels"][1] is None
    shown = smartcat("results", "get", name, environment=deployment.environment)
    assert name in shown.stdout
    listed = smartcat("results", "list", "--limit", "1", "--json", environment=deployment.environment)
    assert len(listed.stdout.splitlines()) == 1
    missing = smartcat("results", "get", "never-sent", environment=deployment.environment)
    assert missing.returncode == 1
    assert missing.stderr.startswith("error: never-sent: no result")


@pytest.mark.local_only("reads the function's log where local AWS writes it")
def test_no_page_text_is_logged(deployment: Deployment) -> None:
    """The function's logs hold no word of any page and no payload."""
    poison = poison_payloads(deployment.run)
    with deployment.producer() as producer:
        producer.put(good(deployment.name("logged")))
        producer.put_raw(poison[0].data, deployment.name("logged-poison"))
    deployment.wait_for([deployment.name("logged")], quarantined=1, part="logged-poison")
    logs = "".join(path.read_text("utf-8") for path in deployment.system.logs.rglob("*.log"))
    assert "batch processed" in logs
    assert "record quarantined" in logs
    assert "Gehaltsabrechnung" not in logs
    assert not any(base64.b64encode(payload.data).decode()[:40] in logs for payload in poison)
