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
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

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
class Prediction:
    """One document: what somebody said it is, and what the classifier says."""

    document_id: str
    truth: str
    decision: Decision


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


def predict(
    classifier: Decides, documents: Iterable[LabelledDocument], *, progress: Progress | None = None
) -> Iterator[Prediction]:
    """Classify labelled documents, a batch at a time.

    Args:
        classifier: What to ask.
        documents: Read once, as far as the predictions are taken.
        progress: Told ``("evaluate", documents so far, 0)`` after each batch.

    Yields:
        One prediction a document, in order, without reasons.
    """
    source = iter(documents)
    done = 0
    while batch := list(islice(source, _BATCH)):
        decisions = classifier.classify([document.pages for document in batch], reasons=0)
        for document, decision in zip(batch, decisions, strict=True):
            yield Prediction(document.document_id, document.label, decision)
        done += len(batch)
        if progress:
            progress("evaluate", done, 0)


def evaluate(
    classifier: Decides, documents: Iterable[LabelledDocument], *, progress: Progress | None = None
) -> Evaluation:
    """Measure a classifier.

    Args:
        classifier: What to measure.
        documents: Documents it was not trained on; read once.
        progress: As for :func:`predict`.

    Returns:
        The measurements.

    Raises:
        EvaluationError: There is no document.
    """
    return measure(classifier, predict(classifier, documents, progress=progress))


def measure(classifier: Decides, predictions: Iterable[Prediction]) -> Evaluation:
    """Measure predictions that were already made; see :func:`evaluate`."""
    truth, answers, confidences, accepted = _columns(predictions)
    if not truth:
        raise EvaluationError("there is no document to measure on")
    labels = sorted({*truth, *answers})
    right = np.array([told == said for told, said in zip(truth, answers, strict=True)])
    pairs = Counter(zip(truth, answers, strict=True))
    per_label = _per_label(truth, answers, labels)
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
        confusion=tuple(tuple(pairs[told, said] for said in labels) for told in labels),
        unknown_labels={label: n for label, n in sorted(Counter(truth).items()) if label not in known},
    )


def _columns(
    predictions: Iterable[Prediction],
) -> tuple[list[str], list[str], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    truth: list[str] = []
    answers: list[str] = []
    confidences: list[float] = []
    accepted: list[bool] = []
    for prediction in predictions:
        truth.append(prediction.truth)
        answers.append(prediction.decision.label)
        confidences.append(prediction.decision.confidence)
        accepted.append(prediction.decision.decision == "accepted")
    return truth, answers, np.array(confidences, dtype=np.float64), np.array(accepted, dtype=np.bool_)


def _per_label(truth: list[str], answers: list[str], labels: list[str]) -> tuple[LabelScore, ...]:
    with quiet():
        columns = precision_recall_fscore_support(truth, answers, labels=labels, zero_division=0.0)
    rows = zip(labels, *(column.tolist() for column in columns), strict=True)
    return tuple(LabelScore(label, p, r, f1, int(support)) for label, p, r, f1, support in rows)
