"""Real text through the whole path: 20 Newsgroups, from the command line to the table."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from smartcat.cli.deployment import DeploymentOptions
from support.cli import smartcat
from support.system import System

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.corpus,
    pytest.mark.local_only("needs a model of this corpus, and Terraform owns the model elsewhere"),
]

DOCUMENTS = 2511
"""Every third of the 7,532 posts of the test side: as much evidence, for a third of the time."""


def test_every_document_is_stored_once_with_the_label_it_has_offline(
    corpora: Path, tmp_path: Path, start_system: Callable[[Path, DeploymentOptions], System]
) -> None:
    """Unseen posts are stored, each with the label `smartcat classify` gives, at least 83 % right."""
    corpus, model, test_side = corpora / "newsgroups20.jsonl.gz", tmp_path / "model", tmp_path / "test.jsonl"
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["split"] == "test"][::3]
    test_side.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    # In passes, as for corpora beyond memory: half the time, and that path is met as a user would meet it.
    options = ("--split", "train", "--quick", "--stream", "--out", str(model))
    trained = smartcat("train", str(corpus), *options)
    assert trained.returncode == 0, trained.stderr

    system = start_system(model, DeploymentOptions(shards=4, write_units=1000))
    produced = smartcat("produce", str(test_side), "--json", environment=system.environment)
    assert produced.returncode == 0, produced.stderr
    assert json.loads(produced.stdout)["accepted"] == DOCUMENTS
    system.wait_until_done(DOCUMENTS)

    stored = system.outcome()
    classified = smartcat("classify", "--model", str(model), "--reasons", "0", str(test_side))
    offline = {line["document_id"]: line["label"] for line in map(json.loads, classified.stdout.splitlines())}
    assert stored.quarantined == ()
    assert len(stored.results) == len(offline) == DOCUMENTS
    assert stored.labels() == offline
    right = sum(stored.labels()[row["id"]] == row["label"] for row in rows)
    assert right / DOCUMENTS >= 0.83
