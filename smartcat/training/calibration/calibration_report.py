"""All that held-out scores teach: calibration, pooling, gate, threshold, and how good the decisions are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from smartcat.classifier.manifest import LabelFacts
from smartcat.classifier.rule import Pooling, Rule
from smartcat.training.calibration.held_out_pages import HeldOutPages, low_quantile
from smartcat.training.calibration.parts import pooled_probabilities
from smartcat.training.calibration.strangers import learn_from_strangers, passes
from smartcat.training.calibration.thresholds import choose_threshold
from smartcat.training.evaluation.metrics import expected_calibration_error, wilson_interval
from smartcat.training.solver_context import ignore_solver_warnings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.classifier.rule import Gate
    from smartcat.training.calibration.calibration import Calibration
    from smartcat.training.calibration.strangers import StrangerFacts
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.hyperparameters import TrainingOptions
    from smartcat.training.left_out_labels import LeftOutScores

_STACKS: Final = 0.01
"""Share of the held-out documents of several pages that may look like a stack."""
_UNSEEN_DISSENT: Final = 0.5
"""Pages that are less sure of another label than this never make a stack, whatever training saw."""


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationReport:
    """What was learned from held-out documents.

    Shares and means are of decisions by calibrations that have not seen the documents either.

    Attributes:
        calibration: From scores to probabilities.
        relevance_power: What the log odds of page relevance are multiplied by; 0 for no such column.
        threshold: Smallest confidence to accept.
        pooling: How pages count together.
        min_known_share: Smallest share of known features of an in-distribution document, for each part.
        gate: What keeps strangers out; ``None`` where it was not learned.
        strangers: What the gate is worth; ``None`` likewise.
        labels: Precision and recall of each label.
        documents: Examples held out.
        without_evidence: Those of them without a known feature: wrong, for review, with a confidence of 0.
        accuracy: Share of them classified correctly.
        accuracy_interval: 95 % interval of it.
        log_loss: Mean negative logarithm of the right label's probability, of those with a known feature.
        full_accuracy: Accuracy before pruning and rounding.
        ece: Expected calibration error.
        coverage: Share accepted.
        precision: Share of the accepted that was classified correctly; 0 where none was accepted.
        confidence: Mean confidence.
        known_share: Mean share of known features, of those that have any.
        confidences: Confidence of each held-out document with a known feature, ``(documents,)``.
        right: Whether it was classified correctly.
    """

    calibration: Calibration
    relevance_power: float
    threshold: float
    pooling: Pooling
    min_known_share: tuple[float, ...]
    gate: Gate | None
    strangers: StrangerFacts | None
    labels: dict[str, LabelFacts]
    documents: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    log_loss: float
    full_accuracy: float
    ece: float
    coverage: float
    precision: float
    confidence: float
    known_share: float
    confidences: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    without_evidence: int = 0


def calibration_report(
    data: Dataset,
    held_out: HeldOutScores,
    options: TrainingOptions,
    left_out: Sequence[LeftOutScores] = (),
) -> CalibrationReport:
    """Learn from held-out scores all that turns scores into decisions, and measure those decisions.

    Args:
        data: The data set.
        held_out: Its held-out pages, scored.
        options: Thresholds wanted.
        left_out: Pages of labels that were left out of a fit, to learn the gate from; may be empty.

    Returns:
        What was learned, and how good the decisions are on the same documents.

    Raises:
        TrainingError: No held-out page shares a feature with the others.
    """
    pages = HeldOutPages(data, held_out)
    power = pages.learn_relevance()
    calibration, parts = pages.calibrate(power)
    pooling = Pooling(
        concentration=calibration.concentration,
        max_pages=parts.most_pages(),
        min_known_features=pages.min_known_features,
        full_features=pages.full_features,
    )
    rule = Rule(
        labels=data.labels,
        intercept=(0.0,) * len(data.labels),
        link=calibration.link,
        thresholds=(options.review_below,) * len(data.labels),
        pooling=pooling,
    )
    # Twice: what is familiar is asked of documents as pooling sees them.
    part_shares = pages.find(rule, calibration, power).part_shares
    min_share = tuple(low_quantile(part_shares).tolist())
    found = pages.find(replace(rule, min_known_shares=min_share), calibration, power)
    several, dissent = pages.several_pages(), _UNSEEN_DISSENT
    if several.any():
        dissent = max(dissent, float(np.quantile(found.dissent[several], 1 - _STACKS, method="higher")))
    rule = replace(rule, pooling=replace(pooling, max_dissent=dissent), min_known_shares=min_share)
    predicted, confidences = pages.cross_fitted(calibration, parts, found)
    right = predicted == pages.truth
    gate, strangers = learn_from_strangers(rule, calibration, power, data, held_out, left_out, found)
    passed = passes(rule, found, gate)
    threshold = options.review_below
    if options.target_precision is not None:
        threshold = choose_threshold(
            confidences[passed],
            right[passed],
            options.target_precision,
            at_least=options.review_below,
        )
    accepted = passed & (confidences >= threshold)
    report = CalibrationReport(
        calibration=calibration,
        relevance_power=power,
        threshold=threshold,
        pooling=replace(pooling, max_dissent=dissent),
        min_known_share=min_share,
        gate=gate,
        strangers=None if strangers is None else strangers.accepted_from(threshold),
        labels=_label_facts(data, pages.truth, predicted),
        documents=len(right),
        accuracy=float(right.mean()),
        accuracy_interval=wilson_interval(int(right.sum()), len(right)),
        log_loss=_log_loss(pooled_probabilities(calibration, parts), pages.voting_truth),
        full_accuracy=min(1.0, float(right.mean()) + pages.cost_of_storing(power)),
        ece=expected_calibration_error(confidences, right),
        coverage=float(accepted.mean()),
        precision=float(right[accepted].mean()) if accepted.any() else 0.0,
        confidence=float(confidences.mean()),
        known_share=float(found.known_share.mean()),
        confidences=confidences,
        right=right,
    )
    lost = np.setdiff1d(data.examples[held_out.pages], pages.examples)
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
        accuracy_interval=wilson_interval(int(report.right.sum()), report.documents + len(labels)),
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


def _log_loss(chances: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    return float(-np.log(np.clip(chances[np.arange(len(truth)), truth], 1e-12, 1.0)).mean())


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
