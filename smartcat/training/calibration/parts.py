"""Parts of documents as arrays, and calibration on them, as ``smartcat.classifier.evidence`` decides."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from smartcat.classifier.rule import Link
from smartcat.training.calibration.calibration import (
    MAX_KNEE,
    MAX_SLOPE,
    MIN_SLOPE,
    PENALTY_KNEE,
    PENALTY_OFFSET,
    Calibration,
    learn_calibration,
)
from smartcat.training.calibration.page_pooling import starts_of

if TYPE_CHECKING:
    import numpy.typing as npt

_MAX_CONCENTRATION: Final = 8.0
_MIN_DECREASE: Final = 1e-6
"""Decrease of the mean log loss below which a step was the last: a thousandth of what chance does to it."""
_ENOUGH: Final = 5
"""Parts that must have so many pages for training to have seen what so many pages are worth."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Parts of documents: the pages of one document that have one best label.

    Attributes:
        documents: Index of each part's document from 0, ascending, none left out, ``(parts,)``.
        scores: Mean scores of its pages, without offsets, ``parts x labels``.
        log_weights: Logarithm of the sum of its pages' weights, up to a constant of the document.
        pages: Number of its pages.
        fullness: How nearly it has enough known features, 0..1; its probabilities are shrunk by that.
    """

    documents: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    log_weights: npt.NDArray[np.float64]
    pages: npt.NDArray[np.int64]
    fullness: npt.NDArray[np.float64]

    def of(self, chosen: npt.NDArray[np.bool_]) -> Parts:
        """Return the parts of some documents, given by a mask over documents."""
        kept = chosen[self.documents]
        renumbered = np.cumsum(chosen) - 1
        return Parts(
            renumbered[self.documents[kept]],
            self.scores[kept],
            self.log_weights[kept],
            self.pages[kept],
            self.fullness[kept],
        )

    def then(self, scores: npt.NDArray[np.float64], fullness: npt.NDArray[np.float64]) -> Parts:
        """Return these parts and, as further documents, single pages with these scores and fullness."""
        more = np.arange(len(scores), dtype=np.int64)
        first = int(self.documents[-1]) + 1 if len(self.documents) else 0
        return Parts(
            np.concatenate((self.documents, first + more)),
            np.concatenate((self.scores, scores)),
            np.concatenate((self.log_weights, np.zeros(len(more)))),
            np.concatenate((self.pages, np.ones(len(more), dtype=np.int64))),
            np.concatenate((self.fullness, fullness)),
        )

    def most_pages(self) -> int:
        """Return how many pages of one label training saw often enough to know what they are worth, >= 1."""
        return int(np.sort(self.pages)[-_ENOUGH:][0]) if len(self.pages) else 1


def make_parts(
    scores: npt.NDArray[np.float64],
    offsets: npt.NDArray[np.float64],
    log_weights: npt.NDArray[np.float64],
    documents: npt.NDArray[np.int64],
    known: npt.NDArray[np.int64],
    full: npt.NDArray[np.int64],
) -> Parts:
    """Return the parts of documents.

    Args:
        scores: Scores of the voting pages, ``pages x labels``.
        offsets: Added to each label's score before a page's best label is told, ``(labels,)``.
        log_weights: Logarithm of each page's weight, ``(pages,)``.
        documents: Index of each page's document from 0, ascending, none left out, ``(pages,)``.
        known: Known features of each part of the features, ``pages x parts``.
        full: How many of those make a document's part full, ``(parts,)``.
    """
    labels = scores.shape[1]
    key = documents * labels + (scores + offsets).argmax(axis=1)
    order = np.argsort(key, kind="stable")
    found, starts = np.unique(key[order], return_index=True)
    counts = np.diff(np.append(starts, len(order)))
    owners = found // labels
    highest = np.full(int(documents[-1]) + 1 if len(documents) else 0, -np.inf)
    np.maximum.at(highest, documents, log_weights)
    # Far below the highest a part still needs a weight above 0.
    weights = np.exp(np.maximum(log_weights - highest[documents], -700.0))[order]
    sums = np.add.reduceat(weights, starts)
    shares = weights / np.repeat(sums, counts)
    means = np.add.reduceat(scores[order] * shares[:, None], starts, axis=0)
    return Parts(
        owners, means, np.log(sums), counts, fullness(np.add.reduceat(known[order], starts, axis=0), full)
    )


def fullness(known: npt.NDArray[np.int64], full: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return how nearly rows have enough known features in each part of the features, 0..1, ``(rows,)``."""
    ratios = np.where(full > 0, known / np.maximum(full, 1), 1.0)
    nearest: npt.NDArray[np.float64] = np.minimum(ratios.min(axis=1), 1.0)
    return nearest


def distinct_pages(*columns: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Return which pages are not equal to an earlier one in all of these columns, ``(pages,)``."""
    rows = zip(*(np.ascontiguousarray(column) for column in columns), strict=True)
    seen: set[tuple[bytes, ...]] = set()
    first = np.zeros(len(columns[0]), dtype=np.bool_)
    for index, row in enumerate(rows):
        key = tuple(value.tobytes() for value in row)
        first[index] = key not in seen
        seen.add(key)
    return first


def pooled_probabilities(calibration: Calibration, parts: Parts) -> npt.NDArray[np.float64]:
    """Return the probabilities of documents, ``documents x labels``: the mean over their parts."""
    chances = calibration.probabilities(parts.scores, parts.pages)
    factor = parts.fullness[:, None]
    chances = factor * chances + (1.0 - factor) / chances.shape[1]
    starts = starts_of(parts.documents)
    shares = _shares(calibration.concentration * parts.log_weights, parts.documents, starts)
    pooled: npt.NDArray[np.float64] = np.add.reduceat(chances * shares[:, None], starts, axis=0)
    return pooled


def refine_calibration(
    start: Calibration,
    parts: Parts,
    truth: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64] | None = None,
) -> Calibration:
    """Return the calibration with the lowest log loss of the documents' pooled probabilities.

    Like :func:`smartcat.training.calibration.calibration.learn_calibration`, for documents of several parts.

    Args:
        start: Where to begin.
        parts: The documents.
        truth: Index of each document's label, ``(documents,)``.
        weights: How much each document counts, ``(documents,)``; all alike if not given.
    """
    if len(parts.documents) == len(truth) and bool((parts.fullness == 1).all()):
        # One full part each: its share is 1, so only the link and the offsets are left.
        alone = learn_calibration(parts.scores, truth, parts.pages, weights)
        return replace(start, link=alone.link, offsets=alone.offsets)
    documents, labels = len(truth), parts.scores.shape[1]
    smoothing = 1.0 / (documents + 2)
    target = np.full((documents, labels), smoothing / (labels - 1))
    target[np.arange(documents), truth] = 1.0 - smoothing
    weight = np.full(documents, 1.0) if weights is None else weights
    target *= (weight / weight.sum())[:, None]
    log_pages, starts = np.log(parts.pages)[:, None], starts_of(parts.documents)
    factor = parts.fullness[:, None]

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        above, below, knee, growth, concentration, offsets = (
            np.exp(point[0]),
            np.exp(point[1]),
            *point[2:5],
            point[5:],
        )
        distance = parts.scores + offsets - knee
        upper = distance > 0
        slopes = np.where(upper, above, below) * np.exp(growth * log_pages)
        logits = slopes * distance
        log_chances = logits - logsumexp(logits, axis=1, keepdims=True)
        chances = np.exp(log_chances)
        bend = point[0] - point[1]
        value = PENALTY_OFFSET * float((offsets**2).sum()) + PENALTY_KNEE * bend**2
        shares = _shares(concentration * parts.log_weights, parts.documents, starts)
        shrunk = factor * chances + (1.0 - factor) / labels
        pooled = np.maximum(np.add.reduceat(shrunk * shares[:, None], starts, axis=0), 1e-300)
        value -= float((target * np.log(pooled)).sum())
        pulls = (target / pooled)[parts.documents]
        wanted = factor * pulls * chances
        totals = (pulls * shrunk).sum(axis=1)
        residual = shares[:, None] * (wanted.sum(axis=1, keepdims=True) * chances - wanted)
        mean = np.add.reduceat(shares * parts.log_weights, starts)[parts.documents]
        pull = -float((shares * (parts.log_weights - mean) * totals).sum())
        slope_gradient = residual * logits
        gradient = np.concatenate(
            (
                [
                    slope_gradient[upper].sum() + 2 * PENALTY_KNEE * bend,
                    slope_gradient[~upper].sum() - 2 * PENALTY_KNEE * bend,
                    -(residual * slopes).sum(),
                    (slope_gradient * log_pages).sum(),
                    pull,
                ],
                (residual * slopes).sum(axis=0) + 2 * PENALTY_OFFSET * offsets,
            )
        )
        return value, gradient

    slope_bounds = (math.log(MIN_SLOPE), math.log(MAX_SLOPE))
    link = start.link
    first = [math.log(link.above), math.log(link.below), link.knee, link.growth, start.concentration]
    solution = minimize(
        loss,
        np.concatenate((first, start.offsets)),
        jac=True,
        # Its sums are its own: BLAS, whose kernels differ from one processor to the next, has no part in it.
        method="TNC",
        options={"ftol": _MIN_DECREASE},
        bounds=[
            slope_bounds,
            slope_bounds,
            (-MAX_KNEE, MAX_KNEE),
            (0.0, 1.0),
            (0.0, _MAX_CONCENTRATION),
            *[(-1.0, 1.0)] * labels,
        ],
    )
    above, below, knee, growth, concentration = (float(value) for value in solution.x[:5])
    return replace(
        start,
        link=Link(above=math.exp(above), below=math.exp(below), knee=knee, growth=growth),
        offsets=solution.x[5:].astype(np.float32).astype(np.float64),
        concentration=concentration,
    )


def _shares(
    logs: npt.NDArray[np.float64], documents: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    powers = np.exp(logs - np.maximum.reduceat(logs, starts)[documents])
    shares: npt.NDArray[np.float64] = powers / np.add.reduceat(powers, starts)[documents]
    return shares
