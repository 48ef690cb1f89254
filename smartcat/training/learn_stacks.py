"""Learning how the documents of a stack begin, go on and end. Arrays in, a rule out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize

from smartcat.classifier.format_limits import MAX_TRANSITIONS_PER_LABEL
from smartcat.classifier.page_similarity import page_similarity
from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.training.practice_stacks import PracticeStacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.training.calibrate import Calibration
    from smartcat.training.dataset import Dataset
    from smartcat.training.held_out import HeldOut

_MOST_PAGES: Final = 5000
"""Held-out pages that the weights are learned on, at most, roughly: four numbers need no more."""
_FEW: Final = 5.0
"""Pages of a label whose ends count as much as those of all labels together."""
_HALF: Final = 0.5
"""What each label's beginnings are counted up by, so that no label is impossible."""
_RAREST: Final = 1e-4
"""Neither the end of a document nor its going on is less probable than this."""
_FAINTEST: Final = 1e-30


@dataclass(frozen=True, slots=True)
class StackLessons:
    """What was learned of stacks.

    Attributes:
        rule: See :class:`smartcat.classifier.segmentation_parameters.SegmentationParameters`.
        slope: What the margin of opening is multiplied by to be a log odds, >= 0.
        offset: What is then added.
    """

    rule: SegmentationParameters
    slope: float = 1.0
    offset: float = 0.0


def learn_stacks(
    data: Dataset, held: HeldOut, calibration: Calibration, *, opening: bool, seed: int
) -> StackLessons:
    """Learn how the documents of a stack begin, go on and end.

    The transitions are counted over all documents. How much the evidence on the pages weighs against them is
    learned on stacks glued together from held-out documents: once in the order of the corpus, where
    neighbours may be alike, and once shuffled, for nobody knows what order a stack will have. The weights are
    those that make the true cuts most probable, whatever the labels.

    Args:
        data: The data set.
        held: Its held-out pages, scored.
        calibration: From their scores to probabilities.
        opening: Whether enough documents have several pages to learn from.
        seed: Seed of the shuffling.

    Returns:
        What was learned; without ``opening`` no more than what documents begin with.
    """
    opens = data.first_pages
    rule = SegmentationParameters(
        blank_begins=_blank_leads(data.blank_first, data.blank_last),
        start_probabilities=_starts(data.page_targets[opens], len(data.labels)),
    )
    if not opening:
        return StackLessons(rule)
    rule = replace(
        rule,
        end_probabilities=_ends(data.page_targets, opens, len(data.labels)),
        transitions=_goes_on(data.page_targets, opens, len(data.labels)),
    )
    first = opens[held.pages]
    slope, offset = _log_odds(held.opening, first)
    orders = _orders(first, seed)
    alike = [_likenesses(data.telling, held.pages[order]) for order in orders]
    typical = _mean(np.concatenate(alike))
    evidence = _evidence(held.scores, calibration)
    practice = [
        PracticeStacks(
            evidence[order],
            _clues(slope * held.opening[order] + offset, typical - likenesses),
            first[order],
            rule,
        )
        for order, likenesses in zip(orders, alike, strict=True)
    ]
    weights = _weigh(practice, sum(map(len, orders)))
    rule = replace(
        rule,
        label_weight=weights[0],
        boundary_weight=weights[1],
        similarity_weight=weights[2],
        typical_similarity=typical,
        boundary_bias=weights[3],
    )
    return StackLessons(rule, slope, offset)


def _blank_leads(first: int, last: int) -> float:
    """Give the probability that a blank page between two documents belongs to the second.

    One imagined blank page, the back of a sheet three times out of four, goes with those counted.
    """
    return round((first + 0.25) / (first + last + 1), 8)


def _starts(targets: npt.NDArray[np.int64], labels: int) -> tuple[float, ...]:
    """Count which labels documents begin with."""
    counted = np.bincount(targets, minlength=labels) + _HALF
    return _rounded(counted / counted.sum())


def _ends(targets: npt.NDArray[np.int64], opens: npt.NDArray[np.bool_], labels: int) -> tuple[float, ...]:
    """Count how often a document ends with a page of each label."""
    closes = np.append(opens[1:], True)
    pages = np.bincount(targets, minlength=labels)
    ended = np.bincount(targets[closes], minlength=labels)
    shares = (ended + _FEW * closes.mean()) / (pages + _FEW)
    return _rounded(np.clip(shares, _RAREST, 1 - _RAREST))


def _goes_on(
    targets: npt.NDArray[np.int64], opens: npt.NDArray[np.bool_], labels: int
) -> tuple[tuple[int, int, float], ...]:
    """Count which label follows which within a document, for labels that another one follows somewhere."""
    steps = zip(pairwise(targets.tolist()), opens[1:].tolist(), strict=True)
    counted = Counter(pair for pair, begins in steps if not begins)
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


def _rounded(chances: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Shorten probabilities to what is worth storing."""
    return tuple(round(float(chance), 8) for chance in chances)


def _log_odds(margins: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Find the line from margins to log odds (J. Platt, "Probabilistic outputs for SVMs", 1999)."""
    doubt = 1.0 / (len(truth) + 2)
    target = np.where(truth, 1.0 - doubt, doubt)

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        odds = point[0] * margins + point[1]
        value = np.logaddexp(0.0, odds) - target * odds
        error = np.exp(-np.logaddexp(0.0, -odds)) - target
        return float(value.mean()), np.array([(error * margins).mean(), error.mean()])

    found = minimize(loss, [1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0.0, 50.0), (-20.0, 20.0)])
    return float(found.x[0]), float(found.x[1])


def _evidence(scores: npt.NDArray[np.float64], calibration: Calibration) -> npt.NDArray[np.float64]:
    """Give the logarithm of each label's probability on each page, less that of the best."""
    chances = calibration.probabilities(scores, np.ones(len(scores), dtype=np.int64))
    logarithms = np.log(np.maximum(chances, _FAINTEST))
    lead: npt.NDArray[np.float64] = logarithms - logarithms.max(axis=1, keepdims=True)
    return lead


def _orders(first: npt.NDArray[np.bool_], seed: int) -> list[npt.NDArray[np.int64]]:
    """Lay documents out as pages one behind the other: as they come, and shuffled."""
    documents = list(pairwise([*np.flatnonzero(first).tolist(), len(first)]))
    documents = documents[:: -(-len(first) // _MOST_PAGES)]
    shuffled = np.random.default_rng(seed).permutation(len(documents)).tolist()
    return [
        np.concatenate([np.arange(*documents[number]) for number in order])
        for order in (range(len(documents)), shuffled)
    ]


def _likenesses(
    telling: Sequence[npt.NDArray[np.uint32]], pages: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Give the likeness of each page to the one before it, NaN where nobody can say."""
    words = [telling[page] for page in pages.tolist()]
    found = [
        page_similarity(len(np.intersect1d(before, here, assume_unique=True)), len(before), len(here))
        for before, here in pairwise(words)
    ]
    return np.array([np.nan, *found], dtype=np.float64)


def _mean(likenesses: npt.NDArray[np.float64]) -> float:
    known = likenesses[~np.isnan(likenesses)]
    return round(float(known.mean()), 6) if len(known) else 0.0


def _clues(opening: npt.NDArray[np.float64], unlike: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Put together what the log odds of a new document are a weighted sum of, ``pages x 3``."""
    return np.column_stack((opening, np.nan_to_num(unlike), np.ones(len(opening))))


def _weigh(practice: Sequence[PracticeStacks], pages: int) -> list[float]:
    """Find the weights; one page's worth of doubt keeps them small where there is little to learn from."""

    def loss(point: npt.NDArray[np.float64]) -> float:
        doubt = point[0] ** 2 + (point[1] - 1.0) ** 2 + 0.01 * point[2] ** 2 + 0.1 * point[3] ** 2
        return (sum(stacks.surprise(point[0], point[1:]) for stacks in practice) + float(doubt)) / pages

    bounds = [(0.0, 3.0), (0.0, 10.0), (0.0, 50.0), (-15.0, 15.0)]
    found = minimize(loss, [0.3, 1.0, 5.0, 0.0], method="L-BFGS-B", bounds=bounds, tol=1e-7)
    return [round(float(value), 6) for value in found.x]
