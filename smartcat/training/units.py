"""From scores of pages to scores of what they are pages of, as the classifier combines them. Arrays only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Units with the scores of their pages combined.

    Attributes:
        units: Index of each unit, ascending, ``(units,)``.
        scores: ``units x labels``.
        pages: Pages of each, ``(units,)``.
    """

    units: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    pages: npt.NDArray[np.int64]


def combine_pages(
    scores: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], owners: npt.NDArray[np.int64]
) -> Units:
    """Average the scores of each unit's pages, each as its vote weighs.

    Args:
        scores: ``pages x labels``.
        weights: Logarithm of each page's weight, ``(pages,)``.
        owners: Unit of each page, ascending, ``(pages,)``.
    """
    units, starts = np.unique(owners, return_index=True)
    if not len(units):
        return Units(units, scores, units)
    counts = np.diff(np.append(starts, len(owners)))
    highest = np.maximum.reduceat(weights, starts)
    votes = np.exp(weights - np.repeat(highest, counts))
    votes /= np.repeat(np.add.reduceat(votes, starts), counts)
    return Units(units, np.add.reduceat(scores * votes[:, None], starts, axis=0), counts)


def sum_pages(counts: npt.NDArray[np.int64], owners: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Add up each unit's pages, ``units x columns``; the units are those of :func:`combine_pages`."""
    _, starts = np.unique(owners, return_index=True)
    summed: npt.NDArray[np.int64] = np.add.reduceat(counts, starts, axis=0)
    return summed
