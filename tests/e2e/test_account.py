"""Documents in, results out: every id is accounted for, and the last version of a document stands."""

import json
from pathlib import Path

import pytest

from smartcat.wire_format.document import Document, to_bytes
from support.cli import smartcat
from support.deployed_system import DeployedSystem

pytestmark = [pytest.mark.e2e]

PLACE = ("shard_id", "sequence_number", "sub_sequence_number", "arrived_at", "classified_at", "expires_at")
"""Fields of a result that say where and when, not what."""


def document(name: str, version: int = 0) -> Document:
    """Make a document whose version can be read in its result."""
    text = f"Gehaltsabrechnung Brutto Netto Steuerklasse {version}"
    return Document(document_id=name, pages=(text, "Seite 2"), metadata={"version": str(version)})


def versions(deployed: DeployedSystem, names: list[str]) -> list[str | None]:
    """The version that each document's result is of; None without a result."""
    items = deployed.items(names)
    return [items[name]["metadata"]["M"]["version"]["S"] if name in items else None for name in names]


def test_every_document_that_was_accepted_has_a_result(deployed: DeployedSystem, tmp_path: Path) -> None:
    """What `smartcat produce` counts as accepted is in the table, labelled, and nothing was put aside."""
    names = [deployed.name(f"accounted-{number}") for number in range(120)]
    lines = [to_bytes(document(name), gzip_above=None) for name in names]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    done = smartcat("produce", str(tmp_path / "in.jsonl"), "--json", environment=deployed.environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == len(names)
    deployed.wait_for(names)
    items = deployed.items(names)
    assert set(items) == set(names)
    assert all(item["label"]["S"] and item["pages"]["N"] == "2" for item in items.values())
    assert deployed.quarantined("accounted") == []
    assert deployed.given_up() == []


def test_a_later_version_overwrites_and_a_repetition_changes_nothing(deployed: DeployedSystem) -> None:
    """Three versions of each document, each put twice: one item a document, that of the last version."""
    names = [deployed.name(f"twice-{number}") for number in range(20)]
    for version in range(3):
        with deployed.producer() as producer:
            for name in [*names, *names]:
                producer.put(document(name, version))
    deployed.wait_until(lambda: set(versions(deployed, names)) == {"2"}, "the last version stands")
    before = deployed.items(names)
    with deployed.producer() as producer:
        for name in names:
            producer.put(document(name, 2))

    def newer() -> bool:
        items = deployed.items(names)
        return all(items[name]["sequence_number"] != before[name]["sequence_number"] for name in names)

    deployed.wait_until(newer, "the repetition is done")
    for name, item in deployed.items(names).items():
        assert {**item, **dict.fromkeys(PLACE)} == {**before[name], **dict.fromkeys(PLACE)}
