"""From page scores to the decision on a document: pure arithmetic on plain numbers.

Must know neither NumPy nor text. Nothing here depends on the order of the pages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal

from smartcat.classifier.stack_rule import StackRule

if TYPE_CHECKING:
    from collections.abc import Sequence

CANDIDATES: Final = 3


@dataclass(frozen=True, slots=True)
class WordReason:
    """One n-gram that carried the label.

    Attributes:
        word: The n-gram as it was counted (lowercased, single spaces).
        weight: Its exact share of the label's document score, > 0; the unit is that of the margin.
    """

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What another model says of the same document; it decides nothing.

    Attributes:
        label: Its most probable label.
        confidence: Its calibrated probability of that, 0..1.
        decision: What it would have decided.
        model_version: Which model it is.
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
        confidence: Calibrated probability of ``label``, 0..1; 0 when no page held anything the model knows.
        decision: ``review`` when the confidence is below the label's threshold, when the text is unfamiliar,
            or when there was no evidence.
        page_labels: The best label of each page, in page order; ``None`` for a page without evidence.
        candidates: The best labels with their probabilities, best first; the first is ``label``.
        reasons: The n-grams that carried the label, strongest first.
        familiarity: Share of the document's distinct features that the model knows, 0..1; 0 without text.
        unfamiliar: Whether that is less than the model can judge by; the probabilities are damped then.
        second: What the shadow model says, where there is one.
    """

    label: str
    confidence: float
    decision: Literal["accepted", "review"]
    page_labels: tuple[str | None, ...]
    candidates: tuple[tuple[str, float], ...]
    reasons: tuple[WordReason, ...] = ()
    familiarity: float = 1.0
    unfamiliar: bool = False
    second: SecondOpinion | None = None


def shown(probability: float) -> float:
    """Cut a probability to the four decimals that are stored and printed.

    Rounded down, so that what is below a threshold never reads as if it had reached it.
    """
    nearest = round(probability, 4)
    return nearest if nearest <= probability else round(nearest - 0.0001, 4)


@dataclass(frozen=True, slots=True)
class Link:
    """From scores to logits: a line with a knee, the same for every label.

    Margins of a support vector machine are not logits: a score that misses the margin and one that is past
    it are worth different amounts. Learned on held-out documents.

    Attributes:
        above: Slope above the knee, > 0.
        below: Slope below it, > 0.
        knee: The score at which the slopes change.
        growth: How much more the same score is worth from several pages than from one: ``pages ** growth``
            times as much, 0..1.
    """

    above: float = 1.0
    below: float = 1.0
    knee: float = 0.0
    growth: float = 0.0

    def logit(self, score: float, pages: int = 1) -> float:
        """Turn a score into a logit; a higher score never gives a lower one.

        Args:
            score: Mean score of a document's pages.
            pages: How many pages with evidence it is the mean of, >= 1.
        """
        distance = score - self.knee
        slope = self.above if distance > 0 else self.below
        return distance * slope * math.pow(pages, self.growth)


@dataclass(frozen=True, slots=True)
class Rule:
    """What turns scores into decisions, the same for every document of a model.

    Attributes:
        labels: One label a class, in the order of the scores.
        intercept: Score of each class before any evidence.
        link: From scores to logits.
        thresholds: Smallest confidence that is accepted, for each label, 0..1; above 1 for never.
        familiar: Smallest share of a document's distinct features that must be known, for each part of the
            features, 0..1; empty for no such condition.
        evidence: Fewest known distinct features that a document must have, for each part; empty for no such
            condition.
        stacks: What was learned of how documents follow one another in a stack.
    """

    labels: tuple[str, ...]
    intercept: tuple[float, ...]
    link: Link
    thresholds: tuple[float, ...]
    familiar: tuple[float, ...] = ()
    evidence: tuple[int, ...] = ()
    stacks: StackRule = field(default_factory=StackRule)


@dataclass(frozen=True, slots=True)
class Page:
    """What the scores say of one page.

    Attributes:
        scores: Score of each label; empty for a page on which nothing is known.
        weight: How much the page's vote weighs beside others', a logarithm.
        opening: Log odds that the page is the first of its document; ``None`` if the model does not say.
        distinct: Distinct features of each part.
        known: How many of those the model knows.
    """

    scores: tuple[float, ...] = ()
    weight: float = 0.0
    opening: float | None = None
    distinct: tuple[int, ...] = ()
    known: tuple[int, ...] = ()


def votes(pages: Sequence[Page]) -> list[float]:
    """Give each page's share in the document's scores, 0..1; those of pages with evidence sum to 1."""
    weights = [page.weight for page in pages if page.scores]
    if not weights:
        return [0.0] * len(pages)
    highest = max(weights)
    powers = [math.exp(page.weight - highest) if page.scores else 0.0 for page in pages]
    total = math.fsum(powers)
    return [power / total for power in powers]


def combine(pages: Sequence[Page]) -> tuple[float, ...]:
    """Average the scores of a document's pages, each as its vote weighs.

    Args:
        pages: The pages, at least one of them with evidence.

    Returns:
        ``(labels,)``; the exactly rounded sums make the order of the pages irrelevant to the last bit.
    """
    evident = [page for page in pages if page.scores]
    if len(evident) == 1:
        return evident[0].scores
    shares = votes(evident)
    columns = zip(*(page.scores for page in evident), strict=True)
    return tuple(
        math.fsum(share * score for share, score in zip(shares, column, strict=True)) for column in columns
    )


def probabilities(scores: Sequence[float], link: Link, pages: int = 1) -> tuple[float, ...]:
    """Turn scores into probabilities: softmax of their logits.

    Args:
        scores: Finite scores, ``(labels,)``.
        link: From scores to logits.
        pages: How many pages with evidence the scores are the mean of, >= 1.

    Returns:
        ``(labels,)``, each 0..1, summing to 1.
    """
    logits = [link.logit(score, pages) for score in scores]
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    total = math.fsum(powers)
    return tuple(power / total for power in powers)


def best(scores: Sequence[float]) -> int:
    """Return the index of the highest score; the first of equals."""
    return max(range(len(scores)), key=scores.__getitem__)


def trust(rule: Rule, pages: Sequence[Page]) -> float:
    """Say how far probabilities count, given how much of a document is known.

    Returns:
        1 where the share and the number of known features reach what the rule asks for in each part of the
        features; else the smallest ratio of what there is to what is asked, 0..1. A document that has no
        feature of some part is not judged by the share there.
    """
    distinct = [sum(column) for column in zip(*(page.distinct for page in pages), strict=True)]
    known = [sum(column) for column in zip(*(page.known for page in pages), strict=True)]
    shares = ((k / d, floor) for k, d, floor in zip(known, distinct, rule.familiar, strict=False) if d)
    ratios = (have / asked for have, asked in chain(shares, zip(known, rule.evidence, strict=False)) if asked)
    return min((ratio for ratio in ratios if ratio < 1.0), default=1.0)


def decide(rule: Rule, pages: Sequence[Page]) -> Decision:
    """Decide what a document is from the scores of its pages.

    Pages without evidence do not vote. Without any evidence the label is the one that the intercepts favour
    (the nearest thing to a prior), every probability is 0 and the document goes to review. Where less of the
    text is known than in nearly all documents of the training kind, in share or in number, the probabilities
    are drawn towards equal ones by as much as the text falls short, and the document goes to review whatever
    they say.

    Args:
        rule: Labels, link, thresholds and what counts as familiar.
        pages: The pages in their order; may be empty.

    Returns:
        The decision, without reasons.
    """
    evident = sum(bool(page.scores) for page in pages)
    scores = combine(pages) if evident else rule.intercept
    trusted = trust(rule, pages) if evident else 0.0
    # By score, not by probability: two scores that differ may round to one probability.
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:CANDIDATES]
    chances = (0.0,) * len(scores)
    if evident:
        chances = _damped(probabilities(scores, rule.link, evident), trusted)
    confidence = chances[order[0]]
    accepted = evident > 0 and trusted == 1.0 and confidence >= rule.thresholds[order[0]]
    return Decision(
        label=rule.labels[order[0]],
        confidence=confidence,
        decision="accepted" if accepted else "review",
        page_labels=tuple(rule.labels[best(page.scores)] if page.scores else None for page in pages),
        candidates=tuple((rule.labels[index], chances[index]) for index in order),
        familiarity=_overall(pages),
        unfamiliar=trusted < 1.0,
    )


def _damped(chances: tuple[float, ...], trusted: float) -> tuple[float, ...]:
    if trusted == 1.0:
        return chances
    return tuple(trusted * chance + (1.0 - trusted) / len(chances) for chance in chances)


def _overall(pages: Sequence[Page]) -> float:
    distinct = sum(sum(page.distinct) for page in pages)
    return sum(sum(page.known) for page in pages) / distinct if distinct else 0.0
