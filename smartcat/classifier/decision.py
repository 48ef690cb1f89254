"""From page scores to the decision on a document: pure arithmetic on plain numbers.

Must know neither NumPy nor text. No label or confidence here may depend on the order of the pages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal

from smartcat.classifier.segmentation_parameters import SegmentationParameters

if TYPE_CHECKING:
    from collections.abc import Sequence

CANDIDATES: Final = 3
"""Most candidate labels of a decision."""


@dataclass(frozen=True, slots=True)
class WordReason:
    """What contributed to the label: an n-gram of words, or a word where features are n-grams of characters.

    Attributes:
        word: The word or n-gram as it was counted (in form, lowercased, single spaces); of a word of more
            than 40 characters the beginning and an ellipsis.
        weight: Its exact contribution to the label's document score, > 0, in the unit of the margin.
    """

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class ShadowDecision:
    """The decision of a shadow model on the same document; it changes nothing.

    Attributes:
        label: The shadow model's most probable label.
        confidence: Its calibrated probability of that label, 0..1.
        decision: What it would have decided.
        model_version: The shadow model's version.
    """

    label: str
    confidence: float
    decision: Literal["accepted", "review"]
    model_version: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What one document is.

    Attributes:
        label: The most probable label.
        confidence: Calibrated probability of ``label``, 0..1; 0 when no page has a feature the model knows.
        decision: ``review`` when the confidence is below the label's threshold, when the text is out of
            distribution, or when no page has a known feature.
        page_labels: The best label of each page, in page order; ``None`` for a page without known features.
        candidates: The best labels with their probabilities, best first; the first is ``label``.
        reasons: The words or n-grams that contributed most to the label, strongest first.
        known_share: Share of the document's distinct features that the model knows, 0..1; 0 without text.
        is_in_distribution: Whether enough of the text is known to be judged by the model; where not, the
            probabilities are shrunk towards equal ones.
        shadow: The shadow model's decision, where there is a shadow model.
    """

    label: str
    confidence: float
    decision: Literal["accepted", "review"]
    page_labels: tuple[str | None, ...]
    candidates: tuple[tuple[str, float], ...]
    reasons: tuple[WordReason, ...] = ()
    known_share: float = 1.0
    is_in_distribution: bool = True
    shadow: ShadowDecision | None = None


def round_probability(probability: float) -> float:
    """Return a probability with the four decimals that are stored and printed.

    Rounded down, so that what is below a threshold never reads as if it had reached it.
    """
    nearest = round(probability, 4)
    return nearest if nearest <= probability else round(nearest - 0.0001, 4)


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
            no such condition.
        segmentation: What was learned about page streams.
    """

    labels: tuple[str, ...]
    intercept: tuple[float, ...]
    link: Link
    thresholds: tuple[float, ...]
    min_known_shares: tuple[float, ...] = ()
    min_known_features: tuple[int, ...] = ()
    segmentation: SegmentationParameters = field(default_factory=SegmentationParameters)


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


def page_weights(pages: Sequence[Page]) -> list[float]:
    """Return each page's weight in the document's scores, 0..1: the softmax of relevance.

    Those of pages with features sum to 1; those of the others are 0.
    """
    relevances = [page.relevance for page in pages if page.has_features]
    if not relevances:
        return [0.0] * len(pages)
    highest = max(relevances)
    powers = [math.exp(page.relevance - highest) if page.has_features else 0.0 for page in pages]
    total = math.fsum(powers)
    return [power / total for power in powers]


def combine(pages: Sequence[Page]) -> tuple[float, ...]:
    """Return the scores of a document: the mean of its pages' scores, weighted by relevance.

    Args:
        pages: The pages, at least one of them with features.

    Returns:
        ``(labels,)``; the exactly rounded sums make the order of the pages irrelevant to the last bit.
    """
    featured = [page for page in pages if page.has_features]
    if len(featured) == 1:
        return featured[0].scores
    weights = page_weights(featured)
    columns = zip(*(page.scores for page in featured), strict=True)
    return tuple(
        math.fsum(weight * score for weight, score in zip(weights, column, strict=True)) for column in columns
    )


def probabilities(scores: Sequence[float], link: Link, pages: int = 1) -> tuple[float, ...]:
    """Return the probabilities of scores: the softmax of their logits.

    Args:
        scores: Finite scores, ``(labels,)``.
        link: From scores to logits.
        pages: How many pages with known features the scores are the mean of, >= 1.

    Returns:
        ``(labels,)``, each 0..1, summing to 1.
    """
    logits = [link.logit(score, pages) for score in scores]
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    total = math.fsum(powers)
    return tuple(power / total for power in powers)


def argmax(scores: Sequence[float]) -> int:
    """Return the index of the highest score; the first of equals."""
    return max(range(len(scores)), key=scores.__getitem__)


def in_distribution_score(rule: Rule, pages: Sequence[Page]) -> float:
    """Return how nearly a document reaches what the rule requires to be known of it.

    Returns:
        1 where the share and the number of known features reach what the rule requires in each part of the
        features: the document is in distribution. Else the smallest ratio of actual to required, 0..1. The
        share is not required of a part of which the document has no feature.
    """
    distinct = [sum(column) for column in zip(*(page.distinct for page in pages), strict=True)]
    known = [sum(column) for column in zip(*(page.known for page in pages), strict=True)]
    shares = (
        (k / d, required) for k, d, required in zip(known, distinct, rule.min_known_shares, strict=False) if d
    )
    counts = zip(known, rule.min_known_features, strict=False)
    ratios = (actual / required for actual, required in chain(shares, counts) if required)
    return min((ratio for ratio in ratios if ratio < 1.0), default=1.0)


def decide(rule: Rule, pages: Sequence[Page]) -> Decision:
    """Decide what a document is from the scores of its pages.

    Pages without known features have no weight. If no page has any, the label is the one that the intercepts
    favour (the nearest thing to a prior), every probability is 0 and the document goes to review. Where less
    of the text is known than in nearly all documents like those of training, in share or in number, the
    document is out of distribution: its probabilities are shrunk towards equal ones by as much as the text
    falls short, and it goes to review whatever they are.

    Args:
        rule: Labels, link, thresholds, and what in distribution means.
        pages: The pages in their order; may be empty.

    Returns:
        The decision, without reasons.
    """
    featured = sum(page.has_features for page in pages)
    scores = combine(pages) if featured else rule.intercept
    in_distribution = in_distribution_score(rule, pages) if featured else 0.0
    # By score, not by probability: two different scores may round to one probability.
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:CANDIDATES]
    chances = (0.0,) * len(scores)
    if featured:
        chances = _shrunk(probabilities(scores, rule.link, featured), in_distribution)
    confidence = chances[order[0]]
    accepted = featured > 0 and in_distribution == 1.0 and confidence >= rule.thresholds[order[0]]
    return Decision(
        label=rule.labels[order[0]],
        confidence=confidence,
        decision="accepted" if accepted else "review",
        page_labels=tuple(rule.labels[argmax(page.scores)] if page.has_features else None for page in pages),
        candidates=tuple((rule.labels[index], chances[index]) for index in order),
        known_share=_known_share(pages),
        is_in_distribution=in_distribution == 1.0,
    )


def _shrunk(chances: tuple[float, ...], factor: float) -> tuple[float, ...]:
    """Return the probabilities, drawn towards the uniform distribution where the factor is below 1."""
    if factor == 1.0:
        return chances
    return tuple(factor * chance + (1.0 - factor) / len(chances) for chance in chances)


def _known_share(pages: Sequence[Page]) -> float:
    distinct = sum(sum(page.distinct) for page in pages)
    return sum(sum(page.known) for page in pages) / distinct if distinct else 0.0
