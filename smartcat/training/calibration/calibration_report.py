"""All that held-out scores teach: calibration, thresholds, and the quality of the decisions they make."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from smartcat.classifier.manifest import LabelFacts
from smartcat.training.calibration.calibration import learn_calibration
from smartcat.training.calibration.page_pooling import pool_pages, sum_pages
from smartcat.training.calibration.thresholds import choose_thresholds
from smartcat.training.errors import TrainingError
from smartcat.training.evaluation.metrics import expected_calibration_error
from smartcat.training.solver_context import ignore_solver_warnings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.training.calibration.calibration import Calibration
    from smartcat.training.calibration.page_pooling import PooledScores
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.hyperparameters import TrainingOptions

_RELEVANCE_POWERS: Final = (0.0, 1.0, 2.0, 3.0)
"""What the log odds of a page's relevance may be multiplied by; 0 leaves all pages equal."""
_OUT_OF_DISTRIBUTION: Final = 0.01
"""Share of the held-out documents that may count as out of distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationReport:
    """What was learned from held-out documents.

    Attributes:
        calibration: From scores to probabilities.
        relevance_power: What the log odds of page relevance are multiplied by; 0 for no such column.
        thresholds: Smallest confidence to accept, for each label.
        min_known_share: Smallest share of known features of an in-distribution document, for each part.
        min_known_features: Fewest known features of an in-distribution document, for each part.
        labels: Precision and recall of each label.
        documents: Examples held out.
        without_evidence: Those of them without a known feature: wrong, for review, with a confidence of 0.
        accuracy: Share of them classified correctly.
        log_loss: Mean negative logarithm of the right label's probability, of those with a known feature.
        full_accuracy: Accuracy before pruning and rounding.
        ece: Expected calibration error.
        coverage: Share accepted.
        precision: Share of the accepted that was classified correctly; 0 where none was accepted.
        confidence: Mean confidence.
        known_share: Mean share of known features, of those that have any.
    """

    calibration: Calibration
    relevance_power: float
    thresholds: tuple[float, ...]
    min_known_share: tuple[float, ...]
    min_known_features: tuple[int, ...]
    labels: dict[str, LabelFacts]
    documents: int
    accuracy: float
    log_loss: float
    full_accuracy: float
    ece: float
    coverage: float
    precision: float
    confidence: float
    known_share: float
    without_evidence: int = 0


def calibration_report(data: Dataset, held_out: HeldOutScores, options: TrainingOptions) -> CalibrationReport:
    """Learn from held-out scores all that turns scores into decisions, and measure those decisions.

    Args:
        data: The data set.
        held_out: Its held-out pages, scored.
        options: Thresholds wanted.

    Returns:
        What was learned, and how good the decisions are on the same documents.

    Raises:
        TrainingError: No held-out page shares a feature with the others.
    """
    has_features = held_out.known.any(axis=1)
    examples = data.examples[held_out.pages][has_features]
    if not len(examples):
        raise TrainingError("no document shares a word with the others, so no confidence can be learned")
    scores, relevance = held_out.scores[has_features], held_out.relevance[has_features]
    powers = _RELEVANCE_POWERS if relevance.any() else _RELEVANCE_POWERS[:1]
    fits = [_calibrate(data, scores, power * relevance, examples) for power in powers]
    losses = [
        fit.log_loss(pooled.scores, data.targets[pooled.examples], pooled.pages) for pooled, fit in fits
    ]
    best = int(np.argmin(losses))
    pooled, calibration = fits[best]
    truth = data.targets[pooled.examples]
    full, full_calibration = _calibrate(
        data, held_out.full_scores[has_features], powers[best] * relevance, examples
    )
    probabilities = calibration.probabilities(pooled.scores, pooled.pages)
    predicted, confidences = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = predicted == truth
    thresholds = _thresholds(options, confidences, predicted, right, len(data.labels))
    # A page without a known feature has no vote, but its unknown features count.
    pages = np.isin(data.examples[held_out.pages], examples)
    known = sum_pages(held_out.known[pages], data.examples[held_out.pages][pages])
    distinct = sum_pages(held_out.distinct[pages], data.examples[held_out.pages][pages])
    shares = np.where(distinct > 0, known / np.maximum(distinct, 1), 1.0)
    min_share, min_features = _in_distribution_minimum(shares), _in_distribution_minimum(known)
    accepted = confidences >= np.array(thresholds)[predicted]
    accepted &= np.all((shares >= min_share) & (known >= min_features), axis=1)
    report = CalibrationReport(
        calibration=calibration,
        relevance_power=powers[best],
        thresholds=thresholds,
        min_known_share=tuple(min_share.tolist()),
        min_known_features=tuple(min_features.tolist()),
        labels=_label_facts(data, truth, predicted),
        documents=len(truth),
        accuracy=float(right.mean()),
        log_loss=losses[best],
        full_accuracy=float(((full.scores + full_calibration.offsets).argmax(axis=1) == truth).mean()),
        ece=expected_calibration_error(confidences, right),
        coverage=float(accepted.mean()),
        precision=float(right[accepted].mean()) if accepted.any() else 0.0,
        confidence=float(confidences.mean()),
        known_share=float((known.sum(axis=1) / distinct.sum(axis=1)).mean()),
    )
    lost = np.setdiff1d(data.examples[held_out.pages], examples)
    return count_without_evidence(report, [data.labels[target] for target in data.targets[lost]])


def count_without_evidence(report: CalibrationReport, labels: Sequence[str]) -> CalibrationReport:
    """Return the report with the figures of all held-out documents, those without a known feature included.

    The classifier sends them to review with a confidence of 0, whatever they are: they count as wrong, and
    their calibration error is 0. Nothing can be learned from them.

    Args:
        report: What was learned from the others, and their figures.
        labels: The label of each document without a known feature.
    """
    judged = report.documents / (report.documents + len(labels))
    lost = Counter(labels)
    return replace(
        report,
        documents=report.documents + len(labels),
        without_evidence=len(labels),
        accuracy=report.accuracy * judged,
        full_accuracy=report.full_accuracy * judged,
        ece=report.ece * judged,
        coverage=report.coverage * judged,
        confidence=report.confidence * judged,
        labels={
            label: facts.model_copy(
                update={
                    "held_out": facts.held_out + lost[label],
                    "recall": facts.recall * facts.held_out / max(1, facts.held_out + lost[label]),
                }
            )
            for label, facts in report.labels.items()
        },
    )


def _calibrate(
    data: Dataset,
    scores: npt.NDArray[np.float64],
    log_weights: npt.NDArray[np.float64],
    examples: npt.NDArray[np.int64],
) -> tuple[PooledScores, Calibration]:
    """Pool pages to examples, and calibrate on the examples and on each of their pages alone.

    A document may come with all its pages or with one of them, and its confidence has to be honest either
    way. The pages of an example count as much together as the example does.
    """
    pooled = pool_pages(scores, log_weights, examples)
    of_several = pooled.pages > 1
    page_examples = np.searchsorted(pooled.examples, examples)
    alone = of_several[page_examples]
    calibration = learn_calibration(
        np.concatenate((pooled.scores, scores[alone])),
        data.targets[np.concatenate((pooled.examples, examples[alone]))],
        np.concatenate((pooled.pages, np.ones(int(alone.sum()), dtype=np.int64))),
        np.concatenate((np.ones(len(pooled.examples)), 1.0 / pooled.pages[page_examples][alone])),
    )
    return pooled, calibration


def _thresholds(
    options: TrainingOptions,
    confidences: npt.NDArray[np.float64],
    predicted: npt.NDArray[np.int64],
    right: npt.NDArray[np.bool_],
    labels: int,
) -> tuple[float, ...]:
    if options.target_precision is None:
        return (options.review_below,) * labels
    return choose_thresholds(
        confidences, predicted, right, labels, options.target_precision, at_least=options.review_below
    )


def _in_distribution_minimum(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the value that all but the out-of-distribution share of the documents reach, part by part."""
    return np.asarray(np.quantile(values, _OUT_OF_DISTRIBUTION, axis=0, method="lower"))


def _label_facts(
    data: Dataset, truth: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64]
) -> dict[str, LabelFacts]:
    with ignore_solver_warnings():
        precision, recall, _, support = precision_recall_fscore_support(
            truth, predicted, labels=range(len(data.labels)), zero_division=0.0
        )
    examples = data.examples_per_label()
    return {
        label: LabelFacts(
            documents=examples[label],
            held_out=int(support[index]),
            precision=float(precision[index]),
            recall=float(recall[index]),
        )
        for index, label in enumerate(data.labels)
    }
