"""German text: which of seven federal courts wrote a page."""

import gzip
import json
from pathlib import Path

import pytest

from support.cli import smartcat

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.corpus,
    pytest.mark.local_only("needs a model of this corpus, and Terraform owns the model elsewhere"),
]


def test_german_court_pages_are_classified(corpora: Path, tmp_path: Path) -> None:
    """Every page of the corpus gets an answer offline, and at least 93 % of the unseen ones are right."""
    corpus, model = corpora / "german_federal_courts_pages.jsonl.gz", tmp_path / "model"
    trained = smartcat("train", str(corpus), "--split", "train", "--quick", "--out", str(model))
    assert trained.returncode == 0, trained.stderr
    classified = smartcat("classify", "--model", str(model), str(corpus))
    assert classified.returncode == 0, classified.stderr
    labels = {line["document_id"]: line["label"] for line in map(json.loads, classified.stdout.splitlines())}
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert labels.keys() == {row["id"] for row in rows}
    unseen = [row for row in rows if row["split"] == "test"]
    assert sum(labels[row["id"]] == row["label"] for row in unseen) / len(unseen) >= 0.93
