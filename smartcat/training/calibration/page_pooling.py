"""Pooling: from scores of pages to scores of their examples, as the classifier does it. Arrays only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class PooledScores:
    """Examples with the scores of their pages pooled.

    Attributes:
        examples: Index of each example, ascending, ``(examples,)``.
        scores: ``examples x labels``.
        pages: Pages of each, ``(examples,)``.
    """

    examples: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    pages: npt.NDArray[np.int64]


def pool_pages(
    scores: npt.NDArray[np.float64], log_weights: npt.NDArray[np.float64], examples: npt.NDArray[np.int64]
) -> PooledScores:
    """Return the weighted mean of the scores of each example's pages.

    Args:
        scores: ``pages x labels``.
        log_weights: Logarithm of each page's weight, ``(pages,)``.
        examples: Example of each page, ascending, ``(pages,)``.
    """
    pooled, starts = np.unique(examples, return_index=True)
    if not len(pooled):
        return PooledScores(pooled, scores, pooled)
    counts = np.diff(np.append(starts, len(examples)))
    highest = np.maximum.reduceat(log_weights, starts)
    weights = np.exp(log_weights - np.repeat(highest, counts))
    weights /= np.repeat(np.add.reduceat(weights, starts), counts)
    return PooledScores(pooled, np.add.reduceat(scores * weights[:, None], starts, axis=0), counts)


def sum_pages(counts: npt.NDArray[np.int64], examples: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return sums over each example's pages, ``examples x columns``, in the order of :func:`pool_pages`."""
    _, starts = np.unique(examples, return_index=True)
    summed: npt.NDArray[np.int64] = np.add.reduceat(counts, starts, axis=0)
    return summed


def starts_of(documents: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the place of the first row of each document.

    Args:
        documents: Document of each row, ascending, at least one, ``(rows,)``.
    """
    return np.flatnonzero(np.append(True, documents[1:] != documents[:-1]))
