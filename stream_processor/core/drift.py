"""Whether documents still look like those the model was trained on. Pure: decisions in, five gauges out."""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.classifier.decision import Decision

MIN_DOCUMENTS: Final = 200
"""Fewer documents than this show no mix of labels: chance alone would look like drift."""
WINDOW_DOCUMENTS: Final = 2000
"""Documents that the gauges look back on, roughly: older ones fade."""


class TrainingBaseline(NamedTuple):
    """What the model met in training.

    Attributes:
        label_mix: Share of each label, summing to 1; empty if not known.
        confidence: Mean confidence on held-out documents, 0..1.
        familiarity: Mean share of their features that the model knew, 0..1.
    """

    label_mix: Mapping[str, float] = MappingProxyType({})
    confidence: float = 1.0
    familiarity: float = 1.0


class DriftGauges(NamedTuple):
    """How far documents are from those of training.

    Attributes:
        label_mix_distance: Share of the documents that would need another label for the mix to be that of
            training (total variation distance), 0..1.
        confidence: Mean confidence, 0..1.
        confidence_shift: The same less that of held-out documents in training, -1..1.
        unknown: Mean share of features that the model does not know, 0..1.
        unknown_shift: The same less that of held-out documents in training, -1..1.
    """

    label_mix_distance: float
    confidence: float
    confidence_shift: float
    unknown: float
    unknown_shift: float


class Drift:
    """Remembers the documents of a warm environment, the recent ones best."""

    def __init__(self, expected: TrainingBaseline) -> None:
        self._expected = expected
        self._seen = 0
        self._weight = 0.0
        self._labels: defaultdict[str, float] = defaultdict(float)
        self._confidence = 0.0
        self._familiarity = 0.0

    def observe(self, decisions: Sequence[Decision]) -> None:
        """Take note of decisions, except those without any evidence: they show nothing of labels."""
        seen = [decision for decision in decisions if decision.confidence > 0]
        if not seen:
            return
        self._fade(len(seen))
        self._seen += len(seen)
        self._weight += len(seen)
        for decision in seen:
            self._labels[decision.label] += 1
            self._confidence += decision.confidence
            self._familiarity += decision.known_share

    def gauges(self) -> DriftGauges | None:
        """Return how far documents have drifted; ``None`` until there are enough of them."""
        if self._seen < MIN_DOCUMENTS:
            return None
        confidence = self._confidence / self._weight
        unknown = 1.0 - self._familiarity / self._weight
        return DriftGauges(
            label_mix_distance=self._distance(),
            confidence=confidence,
            confidence_shift=confidence - self._expected.confidence,
            unknown=unknown,
            unknown_shift=unknown - (1.0 - self._expected.familiarity),
        )

    def _fade(self, arriving: int) -> None:
        kept = max(0.0, 1.0 - arriving / WINDOW_DOCUMENTS)
        self._weight *= kept
        self._confidence *= kept
        self._familiarity *= kept
        for label in self._labels:
            self._labels[label] *= kept

    def _distance(self) -> float:
        expected = self._expected.label_mix
        names = {*expected, *self._labels}
        gaps = (abs(self._labels.get(name, 0.0) / self._weight - expected.get(name, 0.0)) for name in names)
        return sum(gaps) / 2
