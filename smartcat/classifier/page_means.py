"""Weighted means of page scores, their probabilities, and how familiar pages are: the arithmetic of evidence.

Pure, on plain numbers; must know neither NumPy nor which pages have a vote.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.rule import Link, Page, Rule


def argmax(scores: Sequence[float]) -> int:
    """Return the index of the highest score; the first of equals."""
    return max(range(len(scores)), key=scores.__getitem__)


def page_weights(pages: Sequence[Page]) -> list[float]:
    """Return each page's weight in the mean of all pages, 0..1: the softmax of relevance.

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
    """Return the mean of the pages' scores, weighted by relevance.

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


def shrunk(chances: tuple[float, ...], factor: float) -> tuple[float, ...]:
    """Return the probabilities, drawn towards the uniform distribution where the factor is below 1."""
    if factor == 1.0:
        return chances
    return tuple(factor * chance + (1.0 - factor) / len(chances) for chance in chances)


def in_distribution_score(rule: Rule, pages: Sequence[Page]) -> float:
    """Return how nearly pages reach what the rule requires to be known of a document.

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


def known_share(pages: Sequence[Page]) -> float:
    """Return the share of the pages' distinct features that the model knows, 0..1; 0 without any."""
    distinct = sum(sum(page.distinct) for page in pages)
    return sum(sum(page.known) for page in pages) / distinct if distinct else 0.0
