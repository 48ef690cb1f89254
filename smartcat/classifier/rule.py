"""What decisions are made of: scored pages, and what training learned about them. Plain data, no NumPy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from smartcat.classifier.segmentation_parameters import SegmentationParameters

if TYPE_CHECKING:
    from collections.abc import Sequence

GATE_NUMBERS: Final = 4
"""How many numbers of a document the gate looks at: score, margin, known share, log of known features."""


@dataclass(frozen=True, slots=True)
class Link:
    """The link function from scores to logits: linear with one knee, the same for every label.

    Margins of a support vector machine are not logits: a unit of score inside the margin and one beyond it
    are worth different amounts. Learned on held-out documents.

    Attributes:
        above: Slope above the knee, > 0.
        below: Slope below it, > 0.
        knee: The score at which the slope changes.
        growth: Exponent of the number of pages, 0..1: the same score from several pages is worth
            ``pages ** growth`` times as much as from one.
    """

    above: float = 1.0
    below: float = 1.0
    knee: float = 0.0
    growth: float = 0.0

    def logit(self, score: float, pages: int = 1) -> float:
        """Return the logit of a score; a higher score never gives a lower one.

        Args:
            score: Mean score of a document's pages.
            pages: How many pages with known features it is the mean of, >= 1.
        """
        distance = score - self.knee
        slope = self.above if distance > 0 else self.below
        return distance * slope * math.pow(pages, self.growth)


@dataclass(frozen=True, slots=True)
class Pooling:
    """How the pages of a document count together; see :mod:`smartcat.classifier.evidence`.

    Attributes:
        concentration: Exponent of a part's share of the document's relevance, >= 0: how much more the larger
            of two contradicting parts counts.
        max_pages: Most pages of one label whose agreement raises confidence, >= 1: as many as training saw.
        min_known_features: Fewest known distinct features of a page that has a vote, for each part of the
            features; a page with fewer is near-blank.
        full_features: Known distinct features, for each part of the features, from which the probabilities of
            a document's part are taken as they are; with fewer they are shrunk towards equal ones.
        max_dissent: Confidence of a part that contradicts the document's label beyond which the document
            looks like a stack, 0..1; 1 for never.
    """

    concentration: float = 1.0
    max_pages: int = 1
    min_known_features: tuple[int, ...] = ()
    full_features: tuple[int, ...] = ()
    max_dissent: float = 1.0


@dataclass(frozen=True, slots=True)
class Gate:
    """Tells documents of the model's labels from strangers, whose kind no label covers.

    Learned by leaving labels out in training. Four numbers of the pages that carry the label are kept within
    what training saw, weighed and added up: their mean score for the label, its margin to the next label, the
    share of their distinct features that the model knows, and the logarithm of one more than their number.

    Attributes:
        weights: One a number; those of score, margin and share are >= 0.
        lower: Lowest value of each number that counts.
        upper: Highest.
        threshold: The sum that a document must reach to be taken for one of the model's labels.
    """

    weights: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    threshold: float

    def admits(self, numbers: Sequence[float]) -> bool:
        """Return whether a document with these four numbers passes for one of the model's labels."""
        kept = map(max, self.lower, map(min, self.upper, numbers))
        return math.fsum(weight * number for weight, number in zip(self.weights, kept, strict=True)) >= (
            self.threshold
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """What turns scores into decisions, the same for every document of a model.

    Attributes:
        labels: One label a class, in the order of the scores.
        intercept: Score of each class without any feature.
        link: From scores to logits.
        thresholds: Smallest confidence that is accepted, for each label, 0..1; above 1 for never.
        min_known_shares: Smallest share of a document's distinct features that must be known, for each part
            of the features, 0..1; empty for no such condition.
        min_known_features: Fewest known distinct features that a document must have, for each part; empty for
            no such condition. Models with ``pooling`` ask it of each page that votes instead.
        segmentation: What was learned about page streams.
        pooling: How pages count together; ``None`` for models that take the mean of all pages.
        gate: What keeps strangers out; ``None`` where it could not be learned.
    """

    labels: tuple[str, ...]
    intercept: tuple[float, ...]
    link: Link
    thresholds: tuple[float, ...]
    min_known_shares: tuple[float, ...] = ()
    min_known_features: tuple[int, ...] = ()
    segmentation: SegmentationParameters = field(default_factory=SegmentationParameters)
    pooling: Pooling | None = None
    gate: Gate | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, scored.

    Attributes:
        scores: Score of each label; empty for a page without a feature the model knows.
        relevance: Logarithm of the page's weight in the document's scores, up to a constant.
        boundary_logit: Log odds that the page is the first of its document; ``None`` if the model has not
            learned that.
        distinct: Number of distinct features of each part.
        known: How many of those the model knows.
    """

    scores: tuple[float, ...] = ()
    relevance: float = 0.0
    boundary_logit: float | None = None
    distinct: tuple[int, ...] = ()
    known: tuple[int, ...] = ()

    @property
    def has_features(self) -> bool:
        """Whether the model knows any feature of the page."""
        return bool(self.scores)
