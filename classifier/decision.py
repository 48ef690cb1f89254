"""From page scores to the decision on a document: pure arithmetic on plain numbers.

Must know neither NumPy nor text. Nothing here depends on the order of the pages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

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
class Decision:
    """What one document is.

    Attributes:
        label: The most probable label.
        confidence: Calibrated probability of ``label``, 0..1; 0 when no page held anything the model knows.
        decision: ``review`` when the confidence is below the model's threshold or there was no evidence.
        page_labels: The best label of each page, in page order; ``None`` for a page without evidence.
        candidates: The best labels with their probabilities, best first; the first is ``label``.
        reasons: The n-grams that carried the label, strongest first.
    """

    label: str
    confidence: float
    decision: Literal["accepted", "review"]
    page_labels: tuple[str | None, ...]
    candidates: tuple[tuple[str, float], ...]
    reasons: tuple[WordReason, ...] = ()


def shown(probability: float) -> float:
    """Cut a probability to the four decimals that are stored and printed.

    Rounded down, so that what is below a threshold never reads as if it had reached it.
    """
    return math.floor(probability * 10_000) / 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """What turns scores into decisions, the same for every document of a model.

    Attributes:
        labels: One label a class, in the order of the scores.
        intercept: Score of each class before any evidence.
        temperature: Divisor of the scores before the softmax, > 0.
        threshold: Smallest confidence that is accepted, 0..1.
    """

    labels: tuple[str, ...]
    intercept: tuple[float, ...]
    temperature: float
    threshold: float


def combine(pages: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Average the scores of a document's pages, class by class.

    Args:
        pages: Scores of the pages that have evidence, at least one page, each ``(classes,)``.

    Returns:
        ``(classes,)``; the exactly rounded sums make the order of the pages irrelevant to the last bit.
    """
    if len(pages) == 1:
        return tuple(pages[0])
    return tuple(math.fsum(column) / len(pages) for column in zip(*pages, strict=True))


def probabilities(scores: Sequence[float], temperature: float) -> tuple[float, ...]:
    """Turn scores into probabilities: softmax of ``scores / temperature``.

    Args:
        scores: Finite scores, ``(classes,)``.
        temperature: > 0; learned so that the probabilities match how often a label is right.

    Returns:
        ``(classes,)``, each 0..1, summing to 1.
    """
    highest = max(scores)
    powers = [math.exp((score - highest) / temperature) for score in scores]
    total = math.fsum(powers)
    return tuple(power / total for power in powers)


def best(scores: Sequence[float]) -> int:
    """Return the index of the highest score; the first of equals."""
    return max(range(len(scores)), key=scores.__getitem__)


def decide(rule: Rule, pages: Sequence[Sequence[float] | None]) -> Decision:
    """Decide what a document is from the scores of its pages.

    Pages without evidence do not vote. Without any evidence the label is the one that the intercepts favour
    (the nearest thing to a prior), every probability is 0 and the document goes to review.

    Args:
        rule: Labels, temperature and threshold.
        pages: Scores of each page in page order, ``None`` for a page without evidence; may be empty.

    Returns:
        The decision, without reasons.
    """
    evident = [page for page in pages if page is not None]
    scores = combine(evident) if evident else rule.intercept
    chances = probabilities(scores, rule.temperature) if evident else (0.0,) * len(scores)
    # By score, not by probability: two scores that differ may round to one probability.
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:CANDIDATES]
    confidence = chances[order[0]]
    accepted = bool(evident) and confidence >= rule.threshold
    return Decision(
        label=rule.labels[order[0]],
        confidence=confidence,
        decision="accepted" if accepted else "review",
        page_labels=tuple(None if page is None else rule.labels[best(page)] for page in pages),
        candidates=tuple((rule.labels[index], chances[index]) for index in order),
    )
