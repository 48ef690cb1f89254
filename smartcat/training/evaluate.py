"""How good a classifier is on labelled documents, and what its confidence is worth there."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from smartcat.training.answers import Answers, PageCount, Worst
from smartcat.training.coverage import TARGETS, Coverage
from smartcat.training.errors import EvaluationError
from smartcat.training.evaluation import ConfusedPair, Evaluation, LabelScore
from smartcat.training.metrics import (
    ECE_BINS,
    brier_score,
    calibration_error_by_chance,
    cohens_kappa,
    expected_calibration_error,
    reliability,
    wilson_interval,
)
from smartcat.training.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from smartcat.classifier.decision import Decision
    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.dataset import Progress

_BATCH: Final = 128

#: Pairs of labels that are told; the confusion holds them all.
PAIRS: Final = 100


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


def evaluate(
    classifier: Decides,
    documents: Iterable[LabelledDocument],
    *,
    progress: Progress | None = None,
    worst: int = 20,
    reasons: int = 0,
) -> Evaluation:
    """Measure a classifier.

    Args:
        classifier: What to measure.
        documents: Documents it was not trained on; read once, a batch at a time, and not kept.
        progress: Told ``("evaluate", documents so far, 0)`` after each batch.
        worst: Most wrongly labelled documents to name, the surest first.
        reasons: Most n-grams to name for each of those. They are words of the documents: 0 names none.

    Returns:
        The measurements.

    Raises:
        EvaluationError: There is no document.
    """
    answers, confused, pages = Answers(), Worst(worst), PageCount()
    source = iter(documents)
    while batch := list(islice(source, _BATCH)):
        decisions = classifier.classify([document.pages for document in batch], reasons=0)
        for document, decision in zip(batch, decisions, strict=True):
            answers.add(document.label, decision)
            pages.add(document.label, decision.page_labels)
            if confused.wants(document, decision):
                confused.keep(
                    document,
                    classifier.classify([document.pages], reasons=reasons)[0] if reasons else decision,
                )
        if progress:
            progress("evaluate", len(answers), 0)
    if not len(answers):
        raise EvaluationError("there is no document to measure on")
    return _measure(classifier, answers, confused, pages)


def _measure(classifier: Decides, answers: Answers, confused: Worst, pages: PageCount) -> Evaluation:
    labels, truth, confidences, accepted = (
        answers.labels,
        answers.truth,
        answers.confidences,
        answers.accepted,
    )
    right = truth == answers.answers
    documents, taken, all_right = len(answers), int(accepted.sum()), int(right.sum())
    taken_right = int(right[accepted].sum())
    confusion = _confusion(truth, answers.answers, len(labels))
    per_label = _per_label(answers, labels)
    coverage = Coverage(confidences, right)
    known = frozenset(classifier.labels)
    return Evaluation(
        model_version=classifier.model_version,
        documents=documents,
        accuracy=all_right / documents,
        accuracy_interval=wilson_interval(all_right, documents),
        macro_f1=float(np.mean([score.f1 for score in per_label])),
        kappa=cohens_kappa(confusion),
        ece=expected_calibration_error(confidences, right),
        ece_bins=ECE_BINS,
        ece_by_chance=calibration_error_by_chance(confidences),
        brier=brier_score(confidences, right),
        mean_confidence=float(confidences.mean()),
        without_evidence=documents - int(answers.evident.sum()),
        among_candidates=float(answers.offered.mean()),
        accepted=taken,
        accepted_right=taken_right,
        coverage=taken / documents,
        accepted_accuracy=_share(right, accepted),
        accepted_interval=wilson_interval(taken_right, taken),
        review=documents - taken,
        review_accuracy=_share(right, ~accepted),
        review_among_candidates=_share(answers.offered, ~accepted),
        per_label=per_label,
        confusion=tuple(map(tuple, confusion.tolist())),
        confused_pairs=_pairs(confusion, labels),
        reliability=reliability(confidences, right),
        coverage_curve=coverage.curve(),
        coverage_targets=tuple(map(coverage.at, TARGETS)),
        confused_documents=confused.documents(),
        pages=pages.score(),
        unknown_labels={score.label: score.support for score in per_label if score.label not in known},
    )


def _share(what: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> float | None:
    return float(what[among].mean()) if among.any() else None


def _confusion(
    truth: npt.NDArray[np.int64], answers: npt.NDArray[np.int64], labels: int
) -> npt.NDArray[np.int64]:
    return np.bincount(truth * labels + answers, minlength=labels * labels).reshape(labels, labels)


def _pairs(confusion: npt.NDArray[np.int64], labels: tuple[str, ...]) -> tuple[ConfusedPair, ...]:
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    told, heard = np.nonzero(mistakes)
    counts = mistakes[told, heard]
    # Stable: of equals, the alphabetically first.
    most = np.argsort(-counts, kind="stable")[:PAIRS]
    support = confusion.sum(axis=1)
    return tuple(
        ConfusedPair(labels[truth], labels[answer], documents, documents / int(support[truth]))
        for truth, answer, documents in zip(
            told[most].tolist(), heard[most].tolist(), counts[most].tolist(), strict=True
        )
    )


def _per_label(answers: Answers, labels: tuple[str, ...]) -> tuple[LabelScore, ...]:
    truth, said, accepted = answers.truth, answers.answers, answers.accepted
    places = np.arange(len(labels))
    with quiet():
        columns = precision_recall_fscore_support(truth, said, labels=places, zero_division=0.0)

    def count(which: npt.NDArray[np.int64]) -> list[int]:
        counts: list[int] = np.bincount(which, minlength=len(labels)).tolist()
        return counts

    called, reviewed, taken = count(said), count(truth[~accepted]), count(said[accepted])
    taken_right = count(said[accepted & (truth == said)])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(
        LabelScore(
            label=labels[place],
            precision=precision,
            recall=recall,
            f1=f1,
            support=int(support),
            answers=called[place],
            review=reviewed[place] / int(support) if support else None,
            accepted=taken[place],
            accepted_precision=taken_right[place] / taken[place] if taken[place] else None,
        )
        for place, (precision, recall, f1, support) in enumerate(rows)
    )
