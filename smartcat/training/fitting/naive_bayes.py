"""Complement naive Bayes (Rennie et al. 2003), in one call or from batches. Arrays in, weights out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr

_SMOOTHING: Final = 0.1
_SCALED_ON: Final = 2000


def naive_bayes_weights(matrix: Csr, targets: npt.NDArray[np.int64], labels: int) -> npt.NDArray[np.float32]:
    """Return the weights of a naive Bayes whose scores have a standard deviation of 1, ``kept x labels``.

    The deviation is that of at most 2,000 rows, evenly spaced.
    """
    weights = _weights(_sums(matrix, targets, labels))
    rows = matrix.shape[0]
    scores = matrix[np.linspace(0, rows - 1, num=min(rows, _SCALED_ON)).astype(np.int64)] @ weights
    return _scaled(weights, float(scores.std(dtype=np.float64)))


class BatchNaiveBayes:
    """The same from batches: the first pass fits it, the second measures the deviation of its scores."""

    def __init__(self, labels: int, kept: int) -> None:
        """Start before the first pass.

        Args:
            labels: Number of labels.
            kept: Number of features.
        """
        self._sums = csr_matrix((labels, kept), dtype=np.float64)
        self._weights: npt.NDArray[np.float32] | None = None
        self._count = self._total = self._squares = 0.0

    def partial_fit(self, matrix: Csr, targets: npt.NDArray[np.int64], epoch: int) -> None:
        """Learn from a batch.

        Args:
            matrix: CSR matrix of features, ``pages x kept``.
            targets: Index of each page's label, ``(pages,)``.
            epoch: Number of the pass over the data, from 0; passes after the second change nothing.
        """
        if epoch == 0:
            self._sums += _sums(matrix, targets, self._sums.shape[0])
        elif epoch == 1:
            if self._weights is None:
                self._weights = _weights(self._sums)
            scores = (matrix @ self._weights).astype(np.float64)
            self._count += scores.size
            self._total += float(scores.sum())
            self._squares += float((scores * scores).sum())

    def weights(self) -> npt.NDArray[np.float32]:
        """Return what :func:`naive_bayes_weights` returns, once two passes were taken."""
        weights = _weights(self._sums) if self._weights is None else self._weights
        mean = self._total / max(1.0, self._count)
        deviation = max(0.0, self._squares / max(1.0, self._count) - mean * mean) ** 0.5
        return _scaled(weights, deviation)


def _sums(matrix: Csr, targets: npt.NDArray[np.int64], labels: int) -> Csr:
    """Return the sum of the rows of each label, CSR, ``labels x kept``."""
    ones = csr_matrix((np.ones(len(targets)), (targets, np.arange(len(targets)))), (labels, len(targets)))
    return ones @ matrix


def _weights(sums: Csr) -> npt.NDArray[np.float32]:
    """Return the unscaled weights for the sums of the labels, ``kept x labels``.

    A weight is minus the logarithm of the feature's share in all other labels, centred over the labels. Most
    labels lack most features, and there it is that of the sum of all: a logarithm is taken for each feature
    that a label has, not for each that it might have.
    """
    labels, kept = sums.shape
    smoothed = np.asarray(sums.sum(axis=0)).ravel() + _SMOOTHING
    of_label = np.repeat(np.arange(labels), np.diff(sums.indptr))
    lacking = -np.log1p(-sums.data / smoothed[sums.indices])
    shares = np.log(smoothed.sum() - np.bincount(of_label, weights=sums.data, minlength=labels))
    weights = np.empty((kept, labels), dtype=np.float32)
    weights[:] = shares - shares.mean()
    weights -= (np.bincount(sums.indices, weights=lacking, minlength=kept) / labels)[:, None]
    weights[sums.indices, of_label] += lacking
    weights /= np.abs(weights).sum(axis=0, dtype=np.float64)
    return weights


def _scaled(weights: npt.NDArray[np.float32], deviation: float) -> npt.NDArray[np.float32]:
    return weights / np.float32(deviation) if deviation else weights
