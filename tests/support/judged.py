"""Evaluations of a classifier that says what it is told to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from smartcat.classifier.decision import Decision, WordReason
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.evaluation.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartcat.training.evaluation.results import Evaluation


class Echo:
    """Answers what the first page says: label, confidence, and the label of each page; accepts from 0.5.

    As the real one, it has no page labels where the confidence is 0. Its one reason is the word "because".
    """

    model_version = "echo"

    def __init__(self, labels: tuple[str, ...] = ("a", "b")) -> None:
        self.labels = labels
        self.batches: list[int] = []
        self.explained = 0

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        if reasons:
            self.explained += len(documents)
        else:
            self.batches.append(len(documents))
        because = (WordReason("because", 1.0),) if reasons else ()
        return [self._decide(pages, because) for pages in documents]

    def _decide(self, pages: Sequence[str], because: tuple[WordReason, ...]) -> Decision:
        label, confidence = json.loads(pages[0])
        others = [(other, (1 - confidence) / 2) for other in self.labels if other != label]
        return Decision(
            label,
            confidence,
            "accepted" if confidence >= 0.5 else "review",
            (label if confidence else None, *(page or None for page in pages[1:])),
            ((label, confidence), *others[:2]),
            because,
        )


def echoed(truth: str, answer: str, confidence: float, name: str = "d", *pages: str) -> LabelledDocument:
    """Give a document that ``Echo`` answers so; further pages get the label that they say, "" for none."""
    return LabelledDocument(name, truth, (json.dumps([answer, confidence]), *pages))


def judged(
    rows: Iterable[tuple[str, str, float]], *, labels: tuple[str, ...] = ("a", "b"), reasons: int = 0
) -> Evaluation:
    """Evaluate answers given as (truth, answer, confidence); the documents are d0, d1, and so on."""
    documents = [echoed(*row, f"d{number}") for number, row in enumerate(rows)]
    return evaluate(Echo(labels), documents, reasons=reasons)
