"""Evaluations with what people put into labels and ids."""

from dataclasses import replace

import pytest

from smartcat.cli.evaluation_report.html_report import RecordPosition
from smartcat.cli.evaluation_report.model_card import ModelCard
from smartcat.training.evaluation.results import Evaluation
from support.judged import judged

#: Labels that mean something to a terminal, to HTML or to a template.
HOSTILE = ("[bold]bill[/bold]", "<script>alert(1)</script>", "{{ 7 * 7 }}", "[/]", ":key:")


@pytest.fixture
def hostile() -> Evaluation:
    """Six documents of five labels: two wrong, one for review, one of a label nobody knows, a reason each."""
    rows = [(label, label, 0.9) for label in HOSTILE[:3]]
    rows += [(HOSTILE[3], HOSTILE[1], 0.95), (HOSTILE[4], HOSTILE[2], 0.3), ("<b>new", HOSTILE[0], 0.6)]
    found = judged(rows, labels=HOSTILE, reasons=1)
    bad = [
        replace(document, document_id=f"<img src=x>{number}\x1b[2J\u202e", reasons=("</td><i>word",))
        for number, document in enumerate(found.confused_documents)
    ]
    return replace(found, confused_documents=tuple(bad))


@pytest.fixture
def model_card() -> ModelCard:
    """A model that tells everything of itself."""
    return ModelCard(
        "<model>", "0123456789ab", 5, (0.5, 0.75, 2.0), 1200, 1300, 0.99, "2026-01-01T00:00:00+00:00"
    )


@pytest.fixture
def source() -> RecordPosition:
    """Two files, one split, a fixed time."""
    return RecordPosition(("<corpus>.jsonl", "more.jsonl"), "test", "2026-01-02T03:04:05+00:00")
