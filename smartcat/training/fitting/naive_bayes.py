"""Complement naive Bayes (Rennie et al. 2003), in one call or from batches. Arrays in, weights out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr

_SMOOTHING: Final = 0.1


def naive_bayes_weights(matrix: Csr, targets: npt.NDArray[np.int64], labels: int) -> npt.NDArray[np.float32]:
    """Return the weights of a naive Bayes whose scores have a standard deviation of 1, ``kept x labels``."""
    weights = _weights(_sums(matrix, targets, labels))
    return _scaled(weights, float((matrix @ weights.T).std()))


class BatchNaiveBayes:
    """The same from batches: the first pass fits it, the second measures the deviation of its scores."""

    def __init__(self, labels: int, kept: int) -> None:
        """Start before the first pass.

        Args:
            labels: Number of labels.
            kept: Number of features.
        """
        self._sums = np.zeros((labels, kept))
        self._weights: npt.NDArray[np.float64] | None = None
        self._count = self._total = self._squares = 0.0

    def partial_fit(self, matrix: Csr, targets: npt.NDArray[np.int64], epoch: int) -> None:
        """Learn from a batch.

        Args:
            matrix: CSR matrix of features, ``pages x kept``.
            targets: Index of each page's label, ``(pages,)``.
            epoch: Number of the pass over the data, from 0; passes after the second change nothing.
        """
        if epoch == 0:
            self._sums += _sums(matrix, targets, len(self._sums))
        elif epoch == 1:
            if self._weights is None:
                self._weights = _weights(self._sums)
            scores = matrix @ self._weights.T
            self._count += scores.size
            self._total += float(scores.sum())
            self._squares += float((scores * scores).sum())

    def weights(self) -> npt.NDArray[np.float32]:
        """Return what :func:`naive_bayes_weights` returns, once two passes were taken."""
        weights = _weights(self._sums) if self._weights is None else self._weights
        mean = self._total / max(1.0, self._count)
        deviation = max(0.0, self._squares / max(1.0, self._count) - mean * mean) ** 0.5
        return _scaled(weights, deviation)


def _sums(matrix: Csr, targets: npt.NDArray[np.int64], labels: int) -> npt.NDArray[np.float64]:
    """Return the sum of the rows of each label, ``labels x kept``."""
    ones = csr_matrix((np.ones(len(targets)), (targets, np.arange(len(targets)))), (labels, len(targets)))
    sums: npt.NDArray[np.float64] = (ones @ matrix).toarray()
    return sums


def _weights(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the unscaled weights for the sums of the labels, ``labels x kept``."""
    others = sums.sum(axis=0) - sums + _SMOOTHING
    weights: npt.NDArray[np.float64] = -np.log(others / others.sum(axis=1, keepdims=True))
    weights -= weights.mean(axis=0)
    weights /= np.abs(weights).sum(axis=1, keepdims=True)
    return weights


def _scaled(weights: npt.NDArray[np.float64], deviation: float) -> npt.NDArray[np.float32]:
    scaled: npt.NDArray[np.float32] = (weights.T / deviation if deviation else weights.T).astype(np.float32)
    return scaled
