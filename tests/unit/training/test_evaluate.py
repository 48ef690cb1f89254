from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from classifier.decision import Decision
from training.corpus import LabelledDocument
from training.errors import EvaluationError
from training.evaluate import evaluate
from training.fit import TrainOptions, train

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Echo:
    """Answers what the first page says: label and confidence; accepts from 0.5."""

    labels = ("a", "b")
    model_version = "echo"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        assert reasons == 0
        self.batches.append(len(documents))
        return [self._decide(pages[0]) for pages in documents]

    @staticmethod
    def _decide(page: str) -> Decision:
        label, confidence = page.split()
        accepted = float(confidence) >= 0.5
        return Decision(label, float(confidence), "accepted" if accepted else "review", (label,), ())


def _document(truth: str, answer: str, confidence: float) -> LabelledDocument:
    return LabelledDocument("d", truth, (f"{answer} {confidence}",))


def test_measures_match_a_table_done_by_hand() -> None:
    """Five documents, one of a label the model does not know, one sent to review."""
    rows = [("a", "a", 0.9), ("a", "a", 0.9), ("a", "b", 0.3), ("b", "b", 0.9), ("c", "a", 0.9)]
    found = evaluate(Echo(), [_document(*row) for row in rows])
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.confusion == ((2, 1, 0), (0, 1, 0), (1, 0, 0))
    a, b, c = found.per_label
    assert (a.label, a.support) == ("a", 3)
    assert [a.precision, a.recall, a.f1] == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    assert [b.precision, b.recall, b.f1] == pytest.approx([0.5, 1.0, 2 / 3])
    assert (c.precision, c.recall, c.f1, c.support) == (0.0, 0.0, 0.0, 1)
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert (found.accepted, found.coverage, found.accepted_accuracy) == (4, 0.8, 0.75)
    # Bin of 0.9: four documents, three right, gap 0.15; bin of 0.3: one, wrong, gap 0.3.
    assert found.ece == pytest.approx((4 * 0.15 + 0.3) / 5)
    assert found.unknown_labels == {"c": 1}
    assert found.model_version == "echo"


def test_results_are_plain_data() -> None:
    """A report can be written as JSON as it is."""
    found = evaluate(Echo(), [_document("a", "a", 0.4)])
    assert json.loads(json.dumps(found.to_dict()))["accepted_accuracy"] is None
    assert found.to_dict()["per_label"][0]["label"] == "a"


def test_nothing_to_measure_on() -> None:
    """An empty corpus is an error, not an accuracy of NaN."""
    with pytest.raises(EvaluationError, match="no document"):
        evaluate(Echo(), [])


def test_documents_are_read_a_batch_at_a_time() -> None:
    """A large corpus is never held whole, and progress tells how far it is."""
    echo = Echo()
    told: list[tuple[str, int, int]] = []
    asked_before_reading: list[int] = []

    def source() -> Iterator[LabelledDocument]:
        for _ in range(300):
            asked_before_reading.append(sum(echo.batches))
            yield _document("a", "a", 1.0)

    assert evaluate(echo, source(), progress=lambda *step: told.append(step)).documents == 300
    assert asked_before_reading == [0] * 128 + [128] * 128 + [256] * 44
    assert told == [("evaluate", 128, 0), ("evaluate", 256, 0), ("evaluate", 300, 0)]


def test_a_trained_model_is_measured(documents: list[LabelledDocument]) -> None:
    """The real classifier fits the protocol."""
    trained = train(documents, options=TrainOptions(n_features=2**10))
    found = evaluate(trained.classifier(), documents)
    assert found.accuracy > 0.95
    assert found.documents == sum(sum(row) for row in found.confusion)
