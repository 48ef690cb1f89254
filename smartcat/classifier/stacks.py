"""From the pages of a stack to its documents: the best path by forward and backward sums.

Pure arithmetic on plain numbers; knows neither NumPy nor text. The order of the pages is everything here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from operator import mul
from typing import TYPE_CHECKING, Final, Literal

from smartcat.classifier.decision import Decision, decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.decision import Link, Page, Rule
    from smartcat.classifier.stack_rule import StackRule

_HALF: Final = 0.5
"""A document whose cuts are less probable than this is for review, whatever its label's threshold."""
_MOST_ODDS: Final = 50.0
"""Log odds of a new document beyond which a page says no more: keeps every product far from overflow."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of a stack.

    Attributes:
        first: Number of its first page, from 1.
        last: Number of its last page.
        cut: Probability that a document begins and ends exactly there, 0..1.
        confidence: ``cut`` times the confidence of the label.
        decision: ``review`` also where the label alone would be accepted but the cut is doubtful.
        alone: What the same pages would be as a document of their own; its label is the piece's.
    """

    first: int
    last: int
    cut: float
    confidence: float
    decision: Literal["accepted", "review"]
    alone: Decision

    @property
    def label(self) -> str:
        """What it is."""
        return self.alone.label

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return self.last - self.first + 1


def split(rule: Rule, pages: Sequence[Page], likenesses: Sequence[float | None] = ()) -> tuple[Piece, ...]:
    """Split a stack into its documents.

    Every path through the stack (see :class:`smartcat.classifier.stack_rule.StackRule`) counts as much as
    it is
    worth. A page opens a document if the paths in which it does outweigh the others: of all ways to cut the
    stack this is the one with the most cuts expected right. The single heaviest path was worse, since it
    cannot open a document whose label is uncertain.

    A page without evidence says nothing and belongs to the document around it. Between two documents it goes
    to the one that such pages mostly belong to, and what is left of doubt lowers ``cut`` of both.

    Args:
        rule: Labels, thresholds and what was learned of stacks.
        pages: The pages in their order; may be empty.
        likenesses: How alike each page with evidence and the one with evidence before it are, 0..1, ``None``
            where nobody can say; empty where that was not looked at.

    Returns:
        The documents in order; together they hold every page once. Takes time in proportion to pages times
        labels.
    """
    evident = [place for place, page in enumerate(pages) if page.scores]
    if not evident:
        return tuple(_piece(rule, pages, (0, len(pages)), 1.0) for _ in pages[:1])
    paths = _Paths(rule, [pages[place] for place in evident], likenesses or [None] * len(evident))
    openings = paths.openings()
    borders = [
        (0, 1.0),
        *(_border(rule, evident[opening - 1], evident[opening]) for opening in openings[1:]),
        (len(pages), 1.0),
    ]
    cuts = (paths.cut(first, end) for first, end in pairwise([*openings, len(evident)]))
    return tuple(
        _piece(rule, pages, (first, end), cut * sure * also_sure)
        for ((first, sure), (end, also_sure)), cut in zip(pairwise(borders), cuts, strict=True)
    )


def _border(rule: Rule, before: int, after: int) -> tuple[int, float]:
    """Say where a document begins that may begin with blank pages, and how sure that is.

    Args:
        rule: Says what blank pages mostly belong to.
        before: Place of the last page with evidence of the document before.
        after: Place of the first page with evidence of this one.
    """
    if after - before == 1:
        return after, 1.0
    leads = rule.stacks.blank_leads
    return (before + 1, leads) if leads > _HALF else (after, 1.0 - leads)


def overall(pieces: Sequence[Piece]) -> Decision:
    """Sum a stack up as if it were one document.

    Args:
        pieces: Its documents, at least one.

    Returns:
        Label and reasons of the document with the most pages, the first of equals; the smallest confidence;
        ``accepted`` only if all documents are; the labels of all pages; no candidates.
    """
    longest = max(pieces, key=lambda piece: piece.pages)
    return Decision(
        label=longest.label,
        confidence=min(piece.confidence for piece in pieces),
        decision="accepted" if all(piece.decision == "accepted" for piece in pieces) else "review",
        page_labels=tuple(label for piece in pieces for label in piece.alone.page_labels),
        candidates=(),
        reasons=longest.alone.reasons,
        familiarity=min(piece.alone.familiarity for piece in pieces),
        unfamiliar=any(piece.alone.unfamiliar for piece in pieces),
    )


def _piece(rule: Rule, pages: Sequence[Page], place: tuple[int, int], cut: float) -> Piece:
    first, end = place
    alone = decide(rule, pages[first:end])
    confidence = cut * alone.confidence
    threshold = rule.thresholds[rule.labels.index(alone.label)]
    certain = cut > _HALF and confidence >= threshold
    return Piece(first + 1, end, cut, confidence, alone.decision if certain else "review", alone)


class _Paths:
    """All paths through pages with evidence, summed forwards and backwards.

    Both sums are divided by the same number at each page, so that they neither vanish nor overflow, and their
    product over all labels is the same at every page (L. R. Rabiner, "A tutorial on hidden Markov models",
    1989, section V.A).
    """

    def __init__(self, rule: Rule, pages: Sequence[Page], likenesses: Sequence[float | None]) -> None:
        known, labels = rule.stacks, len(rule.labels)
        self._starts = known.starts or (1.0 / labels,) * labels
        self._ends = known.ends or (0.5,) * labels
        self._following = _Following(known.goes_on, self._ends)
        self._odds = [
            _odds(known, page.opening, alike) for page, alike in zip(pages, likenesses, strict=True)
        ]
        self._likelihoods = [_likelihoods(rule.link, known.evidence, page.scores) for page in pages]
        self._scales: list[float] = []
        self._arrivals: list[float] = []
        """What arrives at each page from all paths on which the document before it ends, scaled."""
        self._all = self._forwards()
        self._futures = self._backwards()
        """What is ahead of each page if it opens a document, scaled."""

    def openings(self) -> list[int]:
        """Return the pages that open a document on more than half of the paths, ascending; 0 is the first."""
        half = self._all / 2
        odds = enumerate(map(mul, self._arrivals, self._futures))
        return [page for page, both in odds if page == 0 or both > half]

    def cut(self, first: int, end: int) -> float:
        """Return the share of the paths on which one document begins at ``first`` and ends before ``end``."""
        mass = self._opened(first)
        for page in range(first + 1, end):
            mass = self._at(page, self._following.after(mass))
        ended = _dot(mass, self._ends)
        if end < len(self._odds):
            ended *= self._odds[end] * self._futures[end] / self._scales[end]
        return min(1.0, ended / self._all)

    def _opened(self, page: int) -> list[float]:
        arrival = self._arrivals[page]
        return [
            arrival * start * likely
            for start, likely in zip(self._starts, self._likelihoods[page], strict=True)
        ]

    def _at(self, page: int, mass: Sequence[float]) -> list[float]:
        scale = self._scales[page]
        return [value * likely / scale for value, likely in zip(mass, self._likelihoods[page], strict=True)]

    def _forwards(self) -> float:
        """Sum up the paths to each page; return the sum of all, scaled."""
        mass: list[float] = []
        for likely, odds in zip(self._likelihoods, self._odds, strict=True):
            arrival = odds * _dot(mass, self._ends) if mass else 1.0
            going = self._following.after(mass) if mass else (0.0,) * len(likely)
            here = [
                each * (arrival * start + go)
                for each, start, go in zip(likely, self._starts, going, strict=True)
            ]
            scale = math.fsum(here)
            self._scales.append(scale)
            self._arrivals.append(arrival / scale)
            mass = [value / scale for value in here]
        return _dot(mass, self._ends)

    def _backwards(self) -> list[float]:
        ahead: list[float] = list(self._ends)
        futures: list[float] = []
        for page in range(len(self._odds) - 1, -1, -1):
            likely = list(map(mul, self._likelihoods[page], ahead))
            futures.append(_dot(likely, self._starts))
            opening = self._odds[page] * futures[-1]
            scale = self._scales[page]
            going = zip(self._following.before(likely), self._ends, strict=True)
            ahead = [(go + end * opening) / scale for go, end in going]
        return futures[::-1]


class _Following:
    """How mass moves from one page to the next within a document."""

    def __init__(self, goes_on: Sequence[tuple[int, int, float]], ends: Sequence[float]) -> None:
        changing = {label for label, _, _ in goes_on}
        self._stays = [0.0 if label in changing else 1.0 - end for label, end in enumerate(ends)]
        self._moves = [
            (label, following, (1.0 - ends[label]) * chance) for label, following, chance in goes_on
        ]

    def after(self, mass: Sequence[float]) -> list[float]:
        moved = list(map(mul, mass, self._stays))
        for label, following, chance in self._moves:
            moved[following] += mass[label] * chance
        return moved

    def before(self, ahead: Sequence[float]) -> list[float]:
        moved = list(map(mul, ahead, self._stays))
        for label, following, chance in self._moves:
            moved[label] += ahead[following] * chance
        return moved


def _odds(known: StackRule, opening: float | None, alike: float | None) -> float:
    said = known.offset
    if opening is not None:
        said += known.slope * opening
    if alike is not None:
        said -= known.likeness * (alike - known.typical)
    return math.exp(max(-_MOST_ODDS, min(_MOST_ODDS, said)))


def _likelihoods(link: Link, weight: float, scores: Sequence[float]) -> list[float]:
    """Give each label's probability on a page, to the power of the weight, as a share of the best's."""
    logits = [link.logit(score) for score in scores]
    highest = max(logits)
    return [math.exp(weight * (logit - highest)) for logit in logits]


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(map(mul, left, right))
