"""Page stream segmentation: from the pages of several documents to the documents.

Posterior decoding of a hidden Markov model by the forward-backward algorithm. Pure arithmetic on plain
numbers; must know neither NumPy nor text. The order of the pages matters here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from operator import mul
from typing import TYPE_CHECKING, Final, Literal

from smartcat.classifier.decision import WHYS, Decision, decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.decision import Why
    from smartcat.classifier.rule import Link, Page, Rule
    from smartcat.classifier.segmentation_parameters import SegmentationParameters

_HALF: Final = 0.5
"""A document whose boundaries are less probable than this is for review, whatever its label's threshold."""
_MAX_BOUNDARY_LOGIT: Final = 50.0
"""Log odds of a boundary are clipped to this, which keeps every product far from overflow."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One document of a page stream.

    Attributes:
        first: Number of its first page, from 1.
        last: Number of its last page.
        boundary_probability: Probability that a document begins and ends exactly there, 0..1.
        confidence: ``boundary_probability`` times the confidence of the label.
        decision: ``review`` also where the label alone would be accepted but the boundaries are doubtful.
        document_decision: The decision on the same pages as a document of their own; its label is the
            segment's.
    """

    first: int
    last: int
    boundary_probability: float
    confidence: float
    decision: Literal["accepted", "review"]
    document_decision: Decision

    @property
    def label(self) -> str:
        """Label of the document."""
        return self.document_decision.label

    @property
    def why(self) -> Why | None:
        """Why it is for review: what the pages alone say, or that doubt about the boundaries is too great."""
        if self.decision == "accepted":
            return None
        return self.document_decision.why or "below_threshold"

    @property
    def pages(self) -> int:
        """Number of its pages."""
        return self.last - self.first + 1


def segment_pages(
    rule: Rule, pages: Sequence[Page], similarities: Sequence[float | None] = ()
) -> tuple[Segment, ...]:
    """Return the documents of a page stream.

    Every path through the page stream counts by its weight (see
    :class:`smartcat.classifier.segmentation_parameters.SegmentationParameters`). A page begins a document if
    its posterior probability of doing so, over all paths, is above one half: among all segmentations this one
    has the most boundary decisions expected right. The single most probable path (Viterbi) did worse, since
    it cannot place a boundary before a document whose label is uncertain.

    A page without known features is no evidence and belongs to the document around it. Between two documents
    it goes to the one that such pages mostly belong to, and the remaining doubt lowers the
    ``boundary_probability`` of both.

    Args:
        rule: Labels, thresholds and what was learned about page streams.
        pages: The pages in their order; may be empty.
        similarities: Similarity of each page with features to the one with features before it, 0..1; ``None``
            where it is undefined; empty where it was not computed.

    Returns:
        The documents in order; together they hold every page once. Takes time in proportion to pages times
        labels.
    """
    featured = [index for index, page in enumerate(pages) if page.has_features]
    if not featured:
        return tuple(_segment(rule, pages, (0, len(pages)), 1.0) for _ in pages[:1])
    posterior = _ForwardBackward(
        rule, [pages[index] for index in featured], similarities or [None] * len(featured)
    )
    starts = posterior.document_starts()
    boundaries = [
        (0, 1.0),
        *(_boundary(rule, featured[start - 1], featured[start]) for start in starts[1:]),
        (len(pages), 1.0),
    ]
    probabilities = (posterior.segment(first, end) for first, end in pairwise([*starts, len(featured)]))
    return tuple(
        _segment(rule, pages, (first, end), probability * certainty * next_certainty)
        for ((first, certainty), (end, next_certainty)), probability in zip(
            pairwise(boundaries), probabilities, strict=True
        )
    )


def _boundary(rule: Rule, before: int, after: int) -> tuple[int, float]:
    """Return the index of a document's first page, which may be blank, and the probability of that choice.

    Args:
        rule: Holds where blank pages mostly belong.
        before: Index of the last page with features of the document before.
        after: Index of the first page with features of this one.
    """
    if after - before == 1:
        return after, 1.0
    begins = rule.segmentation.blank_begins
    return (before + 1, begins) if begins > _HALF else (after, 1.0 - begins)


def summarize(segments: Sequence[Segment]) -> Decision:
    """Return one decision on a page stream as a whole.

    Args:
        segments: Its documents, at least one.

    Returns:
        Label and reasons of the document with the most pages, the first of equals; the smallest confidence;
        ``accepted`` only if all documents are, else the first of the reasons (in the order of
        :data:`smartcat.classifier.decision.WHYS`) that one of them has; the labels of all pages, and no
        candidates.
    """
    whys = {segment.why for segment in segments}
    longest = max(segments, key=lambda segment: segment.pages)
    return Decision(
        label=longest.label,
        confidence=min(segment.confidence for segment in segments),
        decision="accepted" if all(segment.decision == "accepted" for segment in segments) else "review",
        page_labels=tuple(label for segment in segments for label in segment.document_decision.page_labels),
        candidates=(),
        reasons=longest.document_decision.reasons,
        known_share=min(segment.document_decision.known_share for segment in segments),
        is_in_distribution=all(segment.document_decision.is_in_distribution for segment in segments),
        why=next((why for why in WHYS if why in whys), None),
    )


def _segment(
    rule: Rule, pages: Sequence[Page], indices: tuple[int, int], boundary_probability: float
) -> Segment:
    first, end = indices
    document = decide(rule, pages[first:end])
    confidence = boundary_probability * document.confidence
    threshold = rule.thresholds[rule.labels.index(document.label)]
    certain = boundary_probability > _HALF and confidence >= threshold
    decision = document.decision if certain else "review"
    return Segment(first + 1, end, boundary_probability, confidence, decision, document)


class _ForwardBackward:
    """The scaled forward-backward algorithm over the pages with features.

    The forward variables (alpha) of a page are divided by their sum, its scale, and the backward variables
    (beta) by the same scale, so that neither underflows or overflows, and the product of both, summed over
    labels, is the same at every page (L. R. Rabiner, "A tutorial on hidden Markov models", 1989, section
    V.A).
    """

    def __init__(self, rule: Rule, pages: Sequence[Page], similarities: Sequence[float | None]) -> None:
        parameters, labels = rule.segmentation, len(rule.labels)
        self._start_probabilities = parameters.start_probabilities or (1.0 / labels,) * labels
        self._end_probabilities = parameters.end_probabilities or (0.5,) * labels
        self._transitions = _Transitions(parameters.transitions, self._end_probabilities)
        self._boundary_odds = [
            _boundary_odds(parameters, page.boundary_logit, similarity)
            for page, similarity in zip(pages, similarities, strict=True)
        ]
        self._emissions = [_emissions(rule.link, parameters.label_weight, page.scores) for page in pages]
        self._scales: list[float] = []
        self._forward_boundary: list[float] = []
        """Scaled forward sum at each page over all paths on which the document before it has ended."""
        self._total = self._forward()
        self._backward_boundary = self._backward()
        """Scaled backward sum from each page if it begins a document."""

    def document_starts(self) -> list[int]:
        """Return the pages that begin a document with a posterior above 0.5, ascending, and page 0."""
        half = self._total / 2
        posteriors = enumerate(map(mul, self._forward_boundary, self._backward_boundary))
        return [page for page, posterior in posteriors if page == 0 or posterior > half]

    def segment(self, first: int, end: int) -> float:
        """Return the posterior probability that pages ``first`` to ``end - 1`` are exactly one document."""
        alpha = self._alpha_at_start(first)
        for page in range(first + 1, end):
            alpha = self._emit(page, self._transitions.forward(alpha))
        ended = _dot(alpha, self._end_probabilities)
        if end < len(self._boundary_odds):
            ended *= self._boundary_odds[end] * self._backward_boundary[end] / self._scales[end]
        return min(1.0, ended / self._total)

    def _alpha_at_start(self, page: int) -> list[float]:
        boundary = self._forward_boundary[page]
        return [
            boundary * start * emission
            for start, emission in zip(self._start_probabilities, self._emissions[page], strict=True)
        ]

    def _emit(self, page: int, alpha: Sequence[float]) -> list[float]:
        scale = self._scales[page]
        return [
            value * emission / scale for value, emission in zip(alpha, self._emissions[page], strict=True)
        ]

    def _forward(self) -> float:
        """Fill in the scales and the forward sums at boundaries; return the scaled sum over all paths."""
        alpha: list[float] = []
        for emissions, odds in zip(self._emissions, self._boundary_odds, strict=True):
            boundary = odds * _dot(alpha, self._end_probabilities) if alpha else 1.0
            continued = self._transitions.forward(alpha) if alpha else (0.0,) * len(emissions)
            unscaled = [
                emission * (boundary * start + value)
                for emission, start, value in zip(
                    emissions, self._start_probabilities, continued, strict=True
                )
            ]
            scale = math.fsum(unscaled)
            self._scales.append(scale)
            self._forward_boundary.append(boundary / scale)
            alpha = [value / scale for value in unscaled]
        return _dot(alpha, self._end_probabilities)

    def _backward(self) -> list[float]:
        """Return the backward sums at boundaries."""
        beta: list[float] = list(self._end_probabilities)
        boundaries: list[float] = []
        for page in range(len(self._boundary_odds) - 1, -1, -1):
            emitted = list(map(mul, self._emissions[page], beta))
            boundaries.append(_dot(emitted, self._start_probabilities))
            boundary = self._boundary_odds[page] * boundaries[-1]
            scale = self._scales[page]
            continued = zip(self._transitions.backward(emitted), self._end_probabilities, strict=True)
            beta = [(value + end * boundary) / scale for value, end in continued]
        return boundaries[::-1]


class _Transitions:
    """The transition matrix within a document, sparse: most labels only keep themselves."""

    def __init__(
        self, transitions: Sequence[tuple[int, int, float]], end_probabilities: Sequence[float]
    ) -> None:
        changing = {label for label, _, _ in transitions}
        self._diagonal = [
            0.0 if label in changing else 1.0 - end for label, end in enumerate(end_probabilities)
        ]
        self._others = [
            (label, following, (1.0 - end_probabilities[label]) * probability)
            for label, following, probability in transitions
        ]

    def forward(self, alpha: Sequence[float]) -> list[float]:
        """Return the forward variables one page on, before its emissions."""
        moved = list(map(mul, alpha, self._diagonal))
        for label, following, probability in self._others:
            moved[following] += alpha[label] * probability
        return moved

    def backward(self, emitted: Sequence[float]) -> list[float]:
        """Return the backward variables one page back, from those times the emissions."""
        moved = list(map(mul, emitted, self._diagonal))
        for label, following, probability in self._others:
            moved[label] += emitted[following] * probability
        return moved


def _boundary_odds(
    parameters: SegmentationParameters, boundary_logit: float | None, similarity: float | None
) -> float:
    logit = parameters.boundary_bias
    if boundary_logit is not None:
        logit += parameters.boundary_weight * boundary_logit
    if similarity is not None:
        logit -= parameters.similarity_weight * (similarity - parameters.typical_similarity)
    return math.exp(max(-_MAX_BOUNDARY_LOGIT, min(_MAX_BOUNDARY_LOGIT, logit)))


def _emissions(link: Link, label_weight: float, scores: Sequence[float]) -> list[float]:
    """Return each label's probability on a page to the power of the weight, relative to the best label's."""
    logits = [link.logit(score) for score in scores]
    highest = max(logits)
    return [math.exp(label_weight * (logit - highest)) for logit in logits]


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(map(mul, left, right))
