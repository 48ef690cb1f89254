"""From the pages of a document to what they say together: pure arithmetic on plain numbers.

Must know neither NumPy nor text nor thresholds. Nothing here may depend on the order of the pages, and
nothing that adds no evidence may raise a probability: a page repeated, a blank or near-blank page, a document
of another kind that was scanned into the same file.

Pages whose own best label is the same are a *part*. Within a part pages support each other; parts contradict
each other, so the document's probabilities are a mean of those of its parts. A part's weight depends on
nothing but its own pages, so the mean over the parts of two joined documents lies between the means of each,
and no label can gain by joining them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.classifier.page_means import (
    argmax,
    combine,
    in_distribution_score,
    known_share,
    page_weights,
    probabilities,
    shrunk,
)
from smartcat.classifier.rule import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.rule import Link, Pooling, Rule


@dataclass(frozen=True, slots=True)
class Part:
    """The pages of a document that have one best label.

    Attributes:
        label: Index of that label.
        pages: The pages.
        scores: Their mean scores, weighted by relevance.
        chances: Probability of each label on these pages alone.
        share: Weight in the document's probabilities, 0..1; those of all parts sum to 1.
    """

    label: int
    pages: tuple[Page, ...]
    scores: tuple[float, ...]
    chances: tuple[float, ...]
    share: float

    @property
    def confidence(self) -> float:
        """Probability of the part's own label on its pages alone, 0..1."""
        return self.chances[self.label]

    def gate_numbers(self) -> tuple[float, ...]:
        """Return the four numbers that :class:`smartcat.classifier.rule.Gate` looks at."""
        second, first = sorted(self.scores)[-2:]
        known = sum(sum(page.known) for page in self.pages)
        return first, first - second, known_share(self.pages), math.log1p(known)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the pages of a document say together.

    Attributes:
        chances: Probability of each label.
        scores: Mean scores over all voting pages, which break ties.
        familiarity: 1 where enough of the text is known; else the smallest ratio of actual to required, 0..1.
        known_share: Share of the distinct features that are known, 0..1.
        sufficient: Whether any page is more than near-blank.
        parts: The parts; none in a model without ``pooling``.
        strange: What is unknown on pages that have no vote, as pages.
    """

    chances: tuple[float, ...]
    scores: tuple[float, ...]
    familiarity: float
    known_share: float
    sufficient: bool = True
    parts: tuple[Part, ...] = ()
    strange: tuple[Page, ...] = ()

    def ranking(self) -> list[int]:
        """Return the labels, best first; where probabilities round to one number, scores decide."""
        return sorted(
            range(len(self.scores)), key=lambda index: (-self.chances[index], -self.scores[index], index)
        )

    def part_of(self, label: int) -> Part | None:
        """Return the part whose pages have this label; ``None`` if there is none."""
        return next((part for part in self.parts if part.label == label), None)

    def dissent(self, label: int) -> float:
        """Return the highest confidence of a part that has another label, 0..1; 0 if there is none."""
        return max((part.confidence for part in self.parts if part.label != label), default=0.0)


def gather(rule: Rule, pages: Sequence[Page]) -> Evidence | None:
    """Return what pages say together; ``None`` where the model knows no feature of any.

    With ``rule.pooling``, equal pages count once, and near-blank pages have no vote: of them only what is
    unknown counts, against the document. Where all pages are near-blank, each label gets the smallest of its
    probabilities on the pages, each taken alone.

    Args:
        rule: Labels, link, and what in distribution means.
        pages: The pages in any order; may be empty.
    """
    if not any(page.has_features for page in pages):
        return None
    if rule.pooling is None:
        featured = sum(page.has_features for page in pages)
        scores, familiarity = combine(pages), in_distribution_score(rule, pages)
        chances = shrunk(probabilities(scores, rule.link, featured), familiarity)
        return Evidence(chances, scores, familiarity, known_share(pages))
    distinct = list(dict.fromkeys(pages))
    voting = [page for page in distinct if _votes(page, rule.pooling)]
    if not voting:
        return _near_blank(rule, [page for page in distinct if page.has_features])
    strange = _unknown([page for page in distinct if not _votes(page, rule.pooling)])
    parts = _parts(rule.link, rule.pooling, voting)
    # Each part is judged as if all that is strange belonged to it: else joining would dilute it.
    familiarity = min(in_distribution_score(rule, [*part.pages, *strange]) for part in parts)
    pooled = tuple(
        math.fsum(part.share * chance for part, chance in zip(parts, column, strict=True))
        for column in zip(*(part.chances for part in parts), strict=True)
    )
    chances = parts[0].chances if len(parts) == 1 else pooled
    return Evidence(
        shrunk(chances, familiarity),
        combine(voting),
        familiarity,
        known_share([*voting, *strange]),
        parts=parts,
        strange=tuple(strange),
    )


def vote_weights(rule: Rule, pages: Sequence[Page]) -> list[float]:
    """Return each page's weight in the document's scores, 0..1, in page order; they sum to 1 or are all 0."""
    if rule.pooling is None:
        return page_weights(pages)
    evidence = gather(rule, pages)
    if evidence is None:
        return [0.0] * len(pages)
    if not evidence.parts:
        return page_weights(pages)
    weights = {
        page: part.share * weight
        for part in evidence.parts
        for page, weight in zip(part.pages, page_weights(part.pages), strict=True)
    }
    # The first of equal pages has the vote of all of them.
    return [weights.pop(page, 0.0) for page in pages]


def _votes(page: Page, pooling: Pooling) -> bool:
    enough = zip(page.known, pooling.min_known_features, strict=False)
    return page.has_features and all(known >= required for known, required in enough)


def _unknown(pages: Sequence[Page]) -> list[Page]:
    """Return pages that have only what is unknown on these."""
    return [
        Page(
            distinct=tuple(d - k for d, k in zip(page.distinct, page.known, strict=True)),
            known=(0,) * len(page.known),
        )
        for page in pages
    ]


def _parts(link: Link, pooling: Pooling, voting: Sequence[Page]) -> tuple[Part, ...]:
    by_label: dict[int, list[Page]] = {}
    for page in voting:
        by_label.setdefault(argmax(page.scores), []).append(page)
    labels = sorted(by_label)
    highest = max(page.relevance for page in voting)
    logs = [
        pooling.concentration * _log_sum([page.relevance - highest for page in by_label[label]])
        for label in labels
    ]
    powers = [math.exp(log - max(logs)) for log in logs]
    total = math.fsum(powers)
    parts = []
    for label, power in zip(labels, powers, strict=True):
        pages = by_label[label]
        scores = combine(pages)
        chances = probabilities(scores, link, min(len(pages), pooling.max_pages))
        chances = shrunk(chances, _fullness(pooling, pages))
        parts.append(Part(label, tuple(pages), scores, chances, power / total))
    return tuple(parts)


def _fullness(pooling: Pooling, pages: Sequence[Page]) -> float:
    """Return how nearly pages have as many known features as it takes to be sure of them, 0..1."""
    known = (sum(column) for column in zip(*(page.known for page in pages), strict=True))
    ratios = (k / full for k, full in zip(known, pooling.full_features, strict=False) if full)
    return min((ratio for ratio in ratios if ratio < 1.0), default=1.0)


def _near_blank(rule: Rule, pages: Sequence[Page]) -> Evidence:
    alone = []
    for page in pages:
        required = rule.pooling.min_known_features if rule.pooling else ()
        ratios = (known / need for known, need in zip(page.known, required, strict=False) if need)
        factor = min(1.0, in_distribution_score(rule, [page]), *ratios)
        alone.append((shrunk(probabilities(page.scores, rule.link), factor), factor))
    return Evidence(
        tuple(map(min, zip(*(chances for chances, _ in alone), strict=True))),
        combine(pages),
        min(factor for _, factor in alone),
        known_share(pages),
        sufficient=False,
    )


def _log_sum(logs: Sequence[float]) -> float:
    """Return the logarithm of a sum of exponentials."""
    highest = max(logs)
    return highest + math.log(math.fsum(math.exp(log - highest) for log in logs))
