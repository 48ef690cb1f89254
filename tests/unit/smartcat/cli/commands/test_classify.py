import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from support.labelled import labelled_documents

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model of contracts, invoices and letters."""
    path = tmp_path_factory.mktemp("classify") / "model"
    train(labelled_documents(), options=TrainingOptions.quick()).save(path, created_at="2026-01-01")
    return str(path)


@pytest.fixture
def lines(tmp_path: Path) -> str:
    """An invoice and a letter, alone and as a stack."""
    invoice, letter = "amount total due payment tax", "dear sincerely regards meeting wishes"
    rows = [
        {"id": "invoice", "text": invoice},
        {"id": "both", "pages": [invoice, "", letter, letter], "stack": True},
        {"id": "letter", "text": letter},
    ]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def test_a_line_may_say_that_it_is_a_stack(model: str, lines: str, command: Command) -> None:
    """Answers come in the order of the lines; a stack's holds its documents, as they would be alone."""
    done = command("classify", lines, "--model", model, "--reasons", "2")
    invoice, both, letter = map(json.loads, done.out.splitlines())
    assert [row["document_id"] for row in (invoice, both, letter)] == ["invoice", "both", "letter"]
    assert "documents" not in invoice
    for each in (invoice, both, letter, *both["documents"]):
        assert (each["why"] is None) == (each["decision"] == "accepted")
    assert [(each["first"], each["last"], each["label"]) for each in both["documents"]] == [
        (1, 2, "invoice"),
        (3, 4, "letter"),
    ]
    first = both["documents"][0]
    assert first["reasons"] == invoice["reasons"]
    assert first["confidence"] <= min(first["cut"], invoice["confidence"])
    assert (both["label"], both["page_labels"]) == ("invoice", ["invoice", None, "letter", "letter"])
    assert both["confidence"] == min(each["confidence"] for each in both["documents"])


def test_all_documents_can_be_stacks(model: str, lines: str, command: Command) -> None:
    """With the option even a single page is a stack, of one document."""
    done = command("classify", lines, "--model", model, "--stack")
    assert [len(json.loads(line)["documents"]) for line in done.out.splitlines()] == [1, 2, 1]
