"""How good a classifier is on labelled documents, and what its confidence is worth there."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from training.errors import EvaluationError
from training.metrics import ECE_BINS, expected_calibration_error
from training.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifier.decision import Decision
    from training.corpus import LabelledDocument
    from training.dataset import Progress

_BATCH: Final = 128


class Decides(Protocol):
    """What evaluation needs of a classifier."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label it can give."""

    @property
    def model_version(self) -> str:
        """What identifies its model."""

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = ...) -> list[Decision]:
        """Decide what each document is."""


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How one label fares; precision, recall and F1 are 0..1, and 0 where they would be 0/0.

    Attributes:
        label: The label.
        precision: Share of the documents called so that are so.
        recall: Share of the documents that are so that are called so.
        f1: Harmonic mean of both.
        support: Documents that are so.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured.

    Attributes:
        model_version: The model that was measured.
        documents: Documents measured on.
        accuracy: Share labelled rightly, 0..1; a label that the model does not know is always wrong.
        macro_f1: Mean F1 over ``per_label``, 0..1.
        ece: Expected calibration error, 0..1, over ``ece_bins`` bins of equal width.
        ece_bins: Number of those bins.
        accepted: Documents whose confidence reached the threshold.
        coverage: Their share, 0..1.
        accepted_accuracy: Share of them labelled rightly; ``None`` when none was accepted.
        per_label: One entry a label that occurs as truth or as answer, in alphabetical order.
        confusion: Documents by truth (rows) and answer (columns), in the order of ``per_label``.
        unknown_labels: Labels of the corpus that the model does not know, with their documents.
    """

    model_version: str
    documents: int
    accuracy: float
    macro_f1: float
    ece: float
    ece_bins: int
    accepted: int
    coverage: float
    accepted_accuracy: float | None
    per_label: tuple[LabelScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    unknown_labels: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return asdict(self)


def evaluate(
    classifier: Decides, documents: Iterable[LabelledDocument], *, progress: Progress | None = None
) -> Evaluation:
    """Measure a classifier.

    Args:
        classifier: What to measure.
        documents: Documents it was not trained on; read once, a batch at a time, and not kept.
        progress: Told ``("evaluate", documents so far, 0)`` after each batch.

    Returns:
        The measurements.

    Raises:
        EvaluationError: There is no document.
    """
    truth: list[str] = []
    answers: list[tuple[str, float, bool]] = []
    source = iter(documents)
    while batch := list(islice(source, _BATCH)):
        truth += [document.label for document in batch]
        decisions = classifier.classify([document.pages for document in batch], reasons=0)
        answers += [(said.label, said.confidence, said.decision == "accepted") for said in decisions]
        if progress:
            progress("evaluate", len(truth), 0)
    if not truth:
        raise EvaluationError("there is no document to measure on")
    return _measure(classifier, truth, answers)


def _measure(classifier: Decides, truth: list[str], answers: list[tuple[str, float, bool]]) -> Evaluation:
    """Compare labels with answers: the label said, its confidence, and whether it was accepted."""
    said = [label for label, _, _ in answers]
    confidences = np.array([confidence for _, confidence, _ in answers])
    accepted = np.array([taken for _, _, taken in answers])
    right = np.array([told == heard for told, heard in zip(truth, said, strict=True)])
    labels = sorted({*truth, *said})
    pairs = Counter(zip(truth, said, strict=True))
    per_label = _per_label(truth, said, labels)
    taken = int(accepted.sum())
    known = frozenset(classifier.labels)
    return Evaluation(
        model_version=classifier.model_version,
        documents=len(truth),
        accuracy=float(right.mean()),
        macro_f1=float(np.mean([score.f1 for score in per_label])),
        ece=expected_calibration_error(confidences, right),
        ece_bins=ECE_BINS,
        accepted=taken,
        coverage=taken / len(truth),
        accepted_accuracy=float(right[accepted].mean()) if taken else None,
        per_label=per_label,
        confusion=tuple(tuple(pairs[told, heard] for heard in labels) for told in labels),
        unknown_labels={label: n for label, n in sorted(Counter(truth).items()) if label not in known},
    )


def _per_label(truth: list[str], answers: list[str], labels: list[str]) -> tuple[LabelScore, ...]:
    with quiet():
        columns = precision_recall_fscore_support(truth, answers, labels=labels, zero_division=0.0)
    rows = zip(labels, *(column.tolist() for column in columns), strict=True)
    return tuple(LabelScore(label, p, r, f1, int(support)) for label, p, r, f1, support in rows)
