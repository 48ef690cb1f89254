"""Learning page stream segmentation: how documents of a stream begin, continue and end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.format_limits import MAX_TRANSITIONS_PER_LABEL
from smartcat.classifier.page_similarity import page_similarity
from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.training.segmentation.forward_algorithm import LabelledStreams
from smartcat.training.segmentation.quasi_newton import minimise

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.training.calibration.calibration import Calibration
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset

_MAX_PAGES: Final = 5000
"""Held-out pages that the weights are learned on, at most, roughly: four numbers need no more."""
_END_SMOOTHING: Final = 5.0
"""Pages of a label whose ends count as much as those of all labels together."""
_START_SMOOTHING: Final = 0.5
"""Added to the count of each label's starts, so that no label is impossible."""
_MIN_PROBABILITY: Final = 1e-4
"""Neither the end of a document nor its continuation is less probable than this."""
_MIN_LIKELIHOOD: Final = 1e-30
_NEWTON_STEPS: Final = 50
_SHORTEST: Final = 1e-4
_RIDGE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class LearnedSegmentation:
    """What was learned of page streams.

    Attributes:
        rule: See :class:`smartcat.classifier.segmentation_parameters.SegmentationParameters`.
        slope: What the margin of a first page is multiplied by to be a log odds, >= 0.
        offset: What is then added.
    """

    rule: SegmentationParameters
    slope: float = 1.0
    offset: float = 0.0


def learn_segmentation(
    data: Dataset, held_out: HeldOutScores, calibration: Calibration, *, with_first_pages: bool, seed: int
) -> LearnedSegmentation:
    """Learn how the documents of a page stream begin, continue and end.

    The transitions are counted over all documents. How much the evidence on the pages weighs against them is
    learned on streams concatenated from held-out documents: once in the order of the corpus, where neighbours
    may be similar, and once shuffled, for the order of a stream is unknown. The weights maximize the
    likelihood of the true boundaries, whatever the labels.

    Args:
        data: The data set.
        held_out: Its held-out pages, scored.
        calibration: From their scores to probabilities.
        with_first_pages: Whether enough documents have several pages to learn from.
        seed: Seed of the shuffling.

    Returns:
        What was learned; without ``with_first_pages`` only the labels that documents start with.
    """
    labels = len(data.labels)
    first_pages = data.first_pages
    rule = SegmentationParameters(
        blank_begins=_blank_leads(data.blank_first, data.blank_last),
        start_probabilities=_start_probabilities(data.page_targets[first_pages], labels),
    )
    if not with_first_pages:
        return LearnedSegmentation(rule)
    rule = replace(
        rule,
        end_probabilities=_end_probabilities(data.page_targets, first_pages, labels),
        transitions=_transitions(data.page_targets, first_pages, labels),
    )
    first = first_pages[held_out.pages]
    slope, offset = _platt_scaling(held_out.first_page_margin, first)
    orders = _orders(first, seed)
    similarities = [_similarities(data.distinctive_words, held_out.pages[order]) for order in orders]
    typical = _mean(np.concatenate(similarities))
    log_likelihoods = _log_likelihoods(held_out.scores, calibration)
    streams = [
        LabelledStreams(
            log_likelihoods[order],
            _boundary_evidence(slope * held_out.first_page_margin[order] + offset, typical - similarity),
            first[order],
            rule,
        )
        for order, similarity in zip(orders, similarities, strict=True)
    ]
    weights = _fit_weights(streams, sum(map(len, orders)))
    rule = replace(
        rule,
        label_weight=weights[0],
        boundary_weight=weights[1],
        similarity_weight=weights[2],
        typical_similarity=typical,
        boundary_bias=weights[3],
    )
    return LearnedSegmentation(rule, slope, offset)


def _blank_leads(first: int, last: int) -> float:
    """Return the probability that a blank page between two documents belongs to the second.

    One imaginary blank page, the back of a sheet three times out of four, is added to those counted.
    """
    return round((first + 0.25) / (first + last + 1), 8)


def _start_probabilities(targets: npt.NDArray[np.int64], labels: int) -> tuple[float, ...]:
    """Return how often documents start with each label, ``(labels,)``."""
    counted = np.bincount(targets, minlength=labels) + _START_SMOOTHING
    return _rounded(counted / counted.sum())


def _end_probabilities(
    targets: npt.NDArray[np.int64], first_pages: npt.NDArray[np.bool_], labels: int
) -> tuple[float, ...]:
    """Return how often a document ends with a page of each label, ``(labels,)``."""
    last_pages = np.append(first_pages[1:], True)
    pages = np.bincount(targets, minlength=labels)
    ended = np.bincount(targets[last_pages], minlength=labels)
    shares = (ended + _END_SMOOTHING * last_pages.mean()) / (pages + _END_SMOOTHING)
    return _rounded(np.clip(shares, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY))


def _transitions(
    targets: npt.NDArray[np.int64], first_pages: npt.NDArray[np.bool_], labels: int
) -> tuple[tuple[int, int, float], ...]:
    """Return how often which label follows which within a document, for labels that another one follows."""
    steps = zip(pairwise(targets.tolist()), first_pages[1:].tolist(), strict=True)
    counted = Counter(pair for pair, starts in steps if not starts)
    counted = Counter(dict(counted.most_common(MAX_TRANSITIONS_PER_LABEL * labels)))
    changing = {label for label, following in counted if label != following}
    pages = Counter[int]()
    for (label, _), times in counted.items():
        pages[label] += times
    return tuple(
        (label, following, round(times / pages[label], 8))
        for (label, following), times in sorted(counted.items())
        if label in changing
    )


def _rounded(probabilities: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Return probabilities with as many digits as are worth storing."""
    return tuple(round(float(probability), 8) for probability in probabilities)


def _platt_scaling(margins: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and offset from margins to log odds (J. Platt, "Probabilistic outputs for SVMs", 1999).

    Newton's method: two numbers need no BLAS, whose kernels round differently.
    """
    smoothing = 1.0 / (len(truth) + 2)
    target = np.where(truth, 1.0 - smoothing, smoothing)

    slope, offset = 1.0, 0.0
    for _ in range(_NEWTON_STEPS):
        log_odds = slope * margins + offset
        chances = np.exp(-np.logaddexp(0.0, -log_odds))
        error, bend = chances - target, chances * (1.0 - chances) + _RIDGE
        gradient = float((error * margins).sum()), float(error.sum())
        curvature = float((bend * margins**2).sum()), float((bend * margins).sum()), float(bend.sum())
        determinant = curvature[0] * curvature[2] - curvature[1] ** 2 + _RIDGE
        steps = (
            (curvature[1] * gradient[1] - curvature[2] * gradient[0]) / determinant,
            (curvature[1] * gradient[0] - curvature[0] * gradient[1]) / determinant,
        )
        length, here = 1.0, _log_loss(log_odds, target)
        while length > _SHORTEST:
            moved = (
                min(max(slope + length * steps[0], 0.0), 50.0),
                min(max(offset + length * steps[1], -20.0), 20.0),
            )
            if _log_loss(moved[0] * margins + moved[1], target) < here:
                slope, offset = moved
                break
            length /= 2
        else:
            break
    return slope, offset


def _log_loss(log_odds: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> float:
    return float((np.logaddexp(0.0, log_odds) - target * log_odds).sum())


def _log_likelihoods(scores: npt.NDArray[np.float64], calibration: Calibration) -> npt.NDArray[np.float64]:
    """Return the logarithm of each label's probability on each page, less that of the best."""
    probabilities = calibration.probabilities(scores, np.ones(len(scores), dtype=np.int64))
    logarithms = np.log(np.maximum(probabilities, _MIN_LIKELIHOOD))
    relative: npt.NDArray[np.float64] = logarithms - logarithms.max(axis=1, keepdims=True)
    return relative


def _orders(first: npt.NDArray[np.bool_], seed: int) -> list[npt.NDArray[np.int64]]:
    """Return two orders of the pages, document after document: as in the corpus, and shuffled."""
    documents = list(pairwise([*np.flatnonzero(first).tolist(), len(first)]))
    documents = documents[:: -(-len(first) // _MAX_PAGES)]
    shuffled = np.random.default_rng(seed).permutation(len(documents)).tolist()
    return [
        np.concatenate([np.arange(*documents[number]) for number in order])
        for order in (range(len(documents)), shuffled)
    ]


def _similarities(
    distinctive_words: Sequence[npt.NDArray[np.uint32]], pages: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the similarity of each page to the one before it, NaN where it is not defined."""
    words = [distinctive_words[page] for page in pages.tolist()]
    similarities = [
        page_similarity(len(np.intersect1d(before, here, assume_unique=True)), len(before), len(here))
        for before, here in pairwise(words)
    ]
    return np.array([np.nan, *similarities], dtype=np.float64)


def _mean(similarities: npt.NDArray[np.float64]) -> float:
    known = similarities[~np.isnan(similarities)]
    return round(float(known.mean()), 6) if len(known) else 0.0


def _boundary_evidence(
    first_page_log_odds: npt.NDArray[np.float64], dissimilarity: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return what the log odds of a boundary are a weighted sum of, ``pages x 3``."""
    constant = np.ones(len(first_page_log_odds))
    return np.column_stack((first_page_log_odds, np.nan_to_num(dissimilarity), constant))


def _fit_weights(streams: Sequence[LabelledStreams], pages: int) -> list[float]:
    """Return the weights; a penalty worth one page keeps them near the prior where there is little data."""

    def loss(point: npt.NDArray[np.float64]) -> float:
        penalty = point[0] ** 2 + (point[1] - 1.0) ** 2 + 0.01 * point[2] ** 2 + 0.1 * point[3] ** 2
        losses = (each.negative_log_likelihood(point[0], point[1:]) for each in streams)
        return (sum(losses) + float(penalty)) / pages

    bounds = [(0.0, 3.0), (0.0, 10.0), (0.0, 50.0), (-15.0, 15.0)]
    return [round(float(value), 6) for value in minimise(loss, [0.3, 1.0, 5.0, 0.0], bounds)]
