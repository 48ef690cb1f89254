"""Evaluation of a classifier on labelled documents: accuracy, calibration, coverage and mistakes."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from smartcat.training.errors import EvaluationError
from smartcat.training.evaluation.coverage import TARGETS, Coverage
from smartcat.training.evaluation.metrics import (
    ECE_BINS,
    brier_score,
    calibration_error_by_chance,
    cohens_kappa,
    expected_calibration_error,
    reliability,
    wilson_interval,
)
from smartcat.training.evaluation.predictions import PageAccuracy, Predictions, WorstMistakes
from smartcat.training.evaluation.results import ConfusedPair, Evaluation, LabelScore
from smartcat.training.solver_context import ignore_solver_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from smartcat.classifier.decision import Decision
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.corpus.learned_texts import LearnedTexts
    from smartcat.training.progress import Progress

_BATCH: Final = 128

#: Confused pairs of labels that are listed; the confusion matrix holds them all.
MAX_PAIRS: Final = 100


class Classifies(Protocol):
    """What evaluation needs of a classifier."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label it can give."""

    @property
    def model_version(self) -> str:
        """The version of its model."""

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = ...) -> list[Decision]:
        """Return the decision on each document."""


def evaluate(
    classifier: Classifies,
    documents: Iterable[LabelledDocument],
    *,
    progress: Progress | None = None,
    worst: int = 20,
    reasons: int = 0,
    learned: LearnedTexts | None = None,
) -> Evaluation:
    """Measure a classifier.

    Args:
        classifier: What to measure.
        documents: Documents it was not trained on; read once, a batch at a time, and not kept.
        progress: Called with ``("evaluate", documents so far, 0)`` after each batch.
        worst: Most misclassified documents to name, the highest confidence first.
        reasons: Most n-grams to name for each of those. They are words of the documents: 0 names none.
        learned: Knows which texts the model was learned from; ``None`` where that is not known.

    Returns:
        The measurements.

    Raises:
        EvaluationError: There is no document.
    """
    predictions, mistakes, pages = Predictions(), WorstMistakes(worst), PageAccuracy()
    source, seen = iter(documents), 0
    while batch := list(islice(source, _BATCH)):
        decisions = classifier.classify([document.pages for document in batch], reasons=0)
        if learned is not None:
            seen += sum(map(learned.holds, batch))
        for document, decision in zip(batch, decisions, strict=True):
            predictions.add(document.label, decision)
            pages.add(document.label, decision.page_labels)
            if mistakes.qualifies(document, decision):
                mistakes.add(
                    document,
                    classifier.classify([document.pages], reasons=reasons)[0] if reasons else decision,
                )
        if progress:
            progress("evaluate", len(predictions), 0)
    if not len(predictions):
        raise EvaluationError("there is no document to measure on")
    measured = _measure(classifier, predictions, mistakes, pages)
    return replace(measured, learned_from=None if learned is None else seen)


def _measure(
    classifier: Classifies, predictions: Predictions, mistakes: WorstMistakes, pages: PageAccuracy
) -> Evaluation:
    labels, truth, confidences, accepted = (
        predictions.labels,
        predictions.truth,
        predictions.confidences,
        predictions.accepted,
    )
    right = truth == predictions.predicted
    documents, accepted_count, right_count = len(predictions), int(accepted.sum()), int(right.sum())
    accepted_right = int(right[accepted].sum())
    confusion = _confusion_matrix(truth, predictions.predicted, len(labels))
    per_label = _per_label(predictions, labels)
    coverage = Coverage(confidences, right)
    known = frozenset(classifier.labels)
    return Evaluation(
        model_version=classifier.model_version,
        documents=documents,
        accuracy=right_count / documents,
        accuracy_interval=wilson_interval(right_count, documents),
        macro_f1=float(np.mean([score.f1 for score in per_label])),
        kappa=cohens_kappa(confusion),
        ece=expected_calibration_error(confidences, right),
        ece_bins=ECE_BINS,
        ece_by_chance=calibration_error_by_chance(confidences),
        brier=brier_score(confidences, right),
        mean_confidence=float(confidences.mean()),
        without_evidence=documents - int(predictions.has_features.sum()),
        among_candidates=float(predictions.in_candidates.mean()),
        accepted=accepted_count,
        accepted_right=accepted_right,
        coverage=accepted_count / documents,
        accepted_accuracy=_share(right, accepted),
        accepted_interval=wilson_interval(accepted_right, accepted_count),
        review=documents - accepted_count,
        review_by_why=predictions.whys,
        review_accuracy=_share(right, ~accepted),
        review_among_candidates=_share(predictions.in_candidates, ~accepted),
        per_label=per_label,
        confusion=tuple(map(tuple, confusion.tolist())),
        confused_pairs=_pairs(confusion, labels),
        reliability=reliability(confidences, right),
        coverage_curve=coverage.curve(),
        coverage_targets=tuple(map(coverage.at, TARGETS)),
        confused_documents=mistakes.documents(),
        pages=pages.score(),
        unknown_labels={score.label: score.support for score in per_label if score.label not in known},
    )


def _share(values: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_]) -> float | None:
    return float(values[mask].mean()) if mask.any() else None


def _confusion_matrix(
    truth: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64], labels: int
) -> npt.NDArray[np.int64]:
    return np.bincount(truth * labels + predicted, minlength=labels * labels).reshape(labels, labels)


def _pairs(confusion: npt.NDArray[np.int64], labels: tuple[str, ...]) -> tuple[ConfusedPair, ...]:
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    true, predicted = np.nonzero(mistakes)
    counts = mistakes[true, predicted]
    # Stable: of equals, the alphabetically first.
    most_frequent = np.argsort(-counts, kind="stable")[:MAX_PAIRS]
    support = confusion.sum(axis=1)
    return tuple(
        ConfusedPair(labels[truth], labels[answer], documents, documents / int(support[truth]))
        for truth, answer, documents in zip(
            true[most_frequent].tolist(),
            predicted[most_frequent].tolist(),
            counts[most_frequent].tolist(),
            strict=True,
        )
    )


def _per_label(predictions: Predictions, labels: tuple[str, ...]) -> tuple[LabelScore, ...]:
    truth, predicted, accepted = predictions.truth, predictions.predicted, predictions.accepted
    with ignore_solver_warnings():
        columns = precision_recall_fscore_support(
            truth, predicted, labels=np.arange(len(labels)), zero_division=0.0
        )

    def count(which: npt.NDArray[np.int64]) -> list[int]:
        counts: list[int] = np.bincount(which, minlength=len(labels)).tolist()
        return counts

    answers, reviewed, taken = count(predicted), count(truth[~accepted]), count(predicted[accepted])
    taken_right = count(predicted[accepted & (truth == predicted)])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(
        LabelScore(
            label=labels[index],
            precision=precision,
            recall=recall,
            f1=f1,
            support=int(support),
            answers=answers[index],
            review=reviewed[index] / int(support) if support else None,
            accepted=taken[index],
            accepted_precision=taken_right[index] / taken[index] if taken[index] else None,
        )
        for index, (precision, recall, f1, support) in enumerate(rows)
    )
