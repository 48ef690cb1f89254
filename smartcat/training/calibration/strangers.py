"""What left-out labels teach about strangers: the gate, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.calibration.gate import admitted, learn_gate
from smartcat.training.calibration.held_out_documents import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.classifier.rule import Gate, Rule
    from smartcat.training.calibration.calibration import Calibration
    from smartcat.training.calibration.held_out_documents import Findings
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.left_out_labels import LeftOutScores


@dataclass(frozen=True, slots=True, eq=False)
class Strangers:
    """Documents of left-out labels: their confidence, and whether nothing else sends them to review.

    Attributes:
        confidences: Confidence of each, 0..1, ``(strangers,)``.
        passed: Whether a gate that was learned without its label admits it, and nothing else but the
            threshold would send it to review.
        own_review: Share of the own held-out documents that the gate sends to review, 0..1.
    """

    confidences: npt.NDArray[np.float64]
    passed: npt.NDArray[np.bool_]
    own_review: float

    def accepted_from(self, threshold: float) -> StrangerFacts:
        """Return how many would be accepted with a threshold."""
        accepted = self.passed & (self.confidences >= threshold)
        return StrangerFacts(len(accepted), float(accepted.mean()), self.own_review)


@dataclass(frozen=True, slots=True)
class StrangerFacts:
    """What became of documents of left-out labels.

    Attributes:
        documents: How many there were, >= 1.
        accepted: Share of them that would be accepted, 0..1.
        own_review: Share of the own held-out documents that the gate sends to review, 0..1.
    """

    documents: int
    accepted: float
    own_review: float


def learn_from_strangers(
    rule: Rule,
    calibration: Calibration,
    power: float,
    data: Dataset,
    held_out: HeldOutScores,
    left_out: Sequence[LeftOutScores],
    own: Findings,
) -> tuple[Gate | None, Strangers | None]:
    """Return the gate, and the strangers that it was learned from.

    Args:
        rule: What decides, gate and threshold apart.
        calibration: Holds the offsets of the labels.
        power: What the log odds of page relevance are multiplied by.
        data: The data set.
        held_out: Its held-out pages; the relevance of a page does not depend on its label.
        left_out: Pages of left-out labels; each entry is held apart when the gate is judged.
        own: What the rule finds in own held-out documents.

    Returns:
        The gate, or ``None`` where there is too little to learn it from; the strangers, or ``None`` without.
    """
    relevance = np.zeros(len(data.examples))
    relevance[held_out.pages] = power * held_out.relevance
    found = []
    for group in left_out:
        rows = np.isin(data.examples[group.pages], data.examples[group.pages][group.known.any(axis=1)])
        if not rows.any():
            continue
        pages, labels = group.pages[rows], tuple(rule.labels[label] for label in group.own_labels)
        own_rule = replace(
            rule,
            labels=labels,
            intercept=(0.0,) * len(labels),
            thresholds=rule.thresholds[: len(labels)],
        )
        scores = group.scores[rows] + calibration.offsets[group.own_labels]
        found.append(
            find(
                own_rule,
                scores,
                relevance[pages],
                group.known[rows],
                group.distinct[rows],
                data.examples[pages],
            )
        )
    if not found:
        return None, None
    own_numbers = _numbers(own)
    gate = learn_gate(own_numbers, np.concatenate([_numbers(each) for each in found]))
    passed = []
    for each in found:
        apart = None
        if gate is not None and len(found) > 1:
            apart = learn_gate(
                own_numbers, np.concatenate([_numbers(other) for other in found if other is not each])
            )
        passed.append(passes(rule, each, apart))
    own_review = 0.0 if gate is None else 1.0 - float(admitted(gate, own_numbers).mean())
    confidences = np.concatenate([each.confidence for each in found])
    return gate, Strangers(confidences, np.concatenate(passed), own_review)


def _numbers(found: Findings) -> npt.NDArray[np.float64]:
    """Return the numbers of documents that could be accepted at all."""
    candidates = found.sufficient & ~np.isnan(found.gate_numbers[:, 0])
    numbers: npt.NDArray[np.float64] = found.gate_numbers[candidates]
    return numbers


def passes(rule: Rule, found: Findings, gate: Gate | None) -> npt.NDArray[np.bool_]:
    """Return which documents nothing but the threshold of confidence sends to review, ``(documents,)``.

    Args:
        rule: What decides, gate and threshold apart.
        found: What it finds in the documents.
        gate: The gate; ``None`` for none.
    """
    passed = found.sufficient & (found.familiarity == 1.0) & ~np.isnan(found.gate_numbers[:, 0])
    if rule.pooling is not None:
        passed &= found.dissent <= rule.pooling.max_dissent
    if gate is not None:
        passed &= admitted(gate, np.nan_to_num(found.gate_numbers))
    admitted_ones: npt.NDArray[np.bool_] = passed
    return admitted_ones
