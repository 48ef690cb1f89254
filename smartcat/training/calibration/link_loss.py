"""The loss that the calibration minimises, and its curvature. Arrays in, arrays out, no BLAS between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

CORE: Final = 4
"""A point begins with the logarithms of both slopes, the knee and the growth; one offset a label follows."""
_BLOCK: Final = 2**15
"""Scores at a time: all that is computed from them stays in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Curvature:
    """The loss around a point.

    Attributes:
        value: The loss.
        gradient: Its gradient, ``(4 + labels,)``.
        core: Fisher information of the first four, ``4 x 4``.
        border: That of the first four with the offsets, ``4 x labels``.
        diagonal: At least that of the offsets: twice the diagonal bounds the whole matrix, since that is the
            Laplacian of a graph; ``(labels,)``.
    """

    value: float
    gradient: Floats
    core: Floats
    border: Floats
    diagonal: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LinkLoss:
    """The mean log loss of probabilities by a link and offsets, with penalties that keep both small.

    Attributes:
        scores: ``documents x labels``.
        truth: Index of each document's label.
        log_pages: Logarithm of how many pages each score is the mean of, ``(documents,)``.
        weight: Share of each document, ``(documents,)``; they add up to 1.
        smoothing: Probability that a document carries another label than its own.
        offset_penalty: Times the squared offsets.
        knee_penalty: Times the squared difference of the slopes' logarithms.
    """

    scores: Floats
    truth: npt.NDArray[np.int64]
    log_pages: Floats
    weight: Floats
    smoothing: float
    offset_penalty: float
    knee_penalty: float

    def value(self, point: Floats) -> float:
        """Return the loss at a point."""
        total = self._penalty(point)
        for block in self._blocks(point):
            total += float((block.weight * block.loss).sum())
        return total

    def curvature(self, point: Floats) -> Curvature:
        """Return the loss, its gradient and its curvature at a point."""
        labels = self.scores.shape[1]
        share = self.smoothing / (labels - 1)
        value, core = self._penalty(point), np.zeros((CORE, CORE))
        gradient, border = np.zeros(CORE + labels), np.zeros((CORE, labels))
        diagonal = np.zeros(labels)
        several_pages = bool(self.log_pages.any())
        for block in self._blocks(point):
            slopes, logits = block.slopes, block.logits
            chances = block.exponentials / block.total[:, None]
            value += float((block.weight * block.loss).sum())
            residual = chances - share
            residual[np.arange(len(residual)), block.truth] -= 1.0 - self.smoothing - share
            residual *= block.weight[:, None]
            above = np.where(block.upper, logits, 0.0)
            steps = (above, logits - above, -slopes, block.log_pages[:, None] * logits)
            used = CORE if several_pages else CORE - 1
            gradient[CORE:] += _of_columns(residual, slopes)
            shares = chances * block.weight[:, None]
            weighted = [chances * step for step in steps[:used]]
            means = [each.sum(axis=1) for each in weighted]
            of_offsets = shares * slopes
            for row in range(used):
                gradient[row] += _of_all(residual, steps[row])
                border[row] += _of_columns(of_offsets, steps[row] - means[row][:, None])
                for column in range(row, used):
                    second = np.einsum("ij,ij->i", weighted[row], steps[column])
                    core[row, column] += (block.weight * (second - means[row] * means[column])).sum()
            diagonal += 2.0 * _of_columns(of_offsets, slopes * (1.0 - chances))
        bend, offsets = point[0] - point[1], point[CORE:]
        gradient[:2] += 2 * self.knee_penalty * bend * np.array([1.0, -1.0])
        gradient[CORE:] += 2 * self.offset_penalty * offsets
        core[0, 0] += 2 * self.knee_penalty
        core[1, 1] += 2 * self.knee_penalty
        core[0, 1] -= 2 * self.knee_penalty
        core += np.triu(core, 1).T
        return Curvature(value, gradient, core, border, diagonal + 2 * self.offset_penalty)

    def _penalty(self, point: Floats) -> float:
        bend = float(point[0] - point[1])
        return self.offset_penalty * float((point[CORE:] ** 2).sum()) + self.knee_penalty * bend**2

    def _blocks(self, point: Floats) -> Iterator[_Block]:
        documents, labels = self.scores.shape
        above, below, knee, growth = np.exp(point[0]), np.exp(point[1]), point[2], point[3]
        share = self.smoothing / (labels - 1)
        rows = max(1, _BLOCK // labels)
        for start in range(0, documents, rows):
            part = slice(start, start + rows)
            distance = self.scores[part] + (point[CORE:] - knee)
            upper = distance > 0
            log_pages = self.log_pages[part]
            slopes = np.where(upper, above, below) * np.exp(growth * log_pages)[:, None]
            distance *= slopes
            highest = distance.max(axis=1)
            exponentials = np.exp(distance - highest[:, None])
            total = exponentials.sum(axis=1)
            of_truth = distance[np.arange(len(distance)), self.truth[part]]
            target = share * distance.sum(axis=1) + (1.0 - self.smoothing - share) * of_truth
            loss = np.log(total) + highest - target
            yield _Block(
                truth=self.truth[part],
                log_pages=log_pages,
                weight=self.weight[part],
                upper=upper,
                slopes=slopes,
                logits=distance,
                loss=loss,
                exponentials=exponentials,
                total=total,
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Some documents at a point.

    Attributes:
        truth: Index of each one's label.
        log_pages: See :class:`LinkLoss`.
        weight: Likewise.
        upper: Which scores are above the knee, ``documents x labels``.
        slopes: Slope of each.
        logits: Logit of each.
        loss: Log loss of each document.
        exponentials: What the probabilities are proportional to.
        total: Their sum over the labels.
    """

    truth: npt.NDArray[np.int64]
    log_pages: Floats
    weight: Floats
    upper: npt.NDArray[np.bool_]
    slopes: Floats
    logits: Floats
    loss: Floats
    exponentials: Floats
    total: Floats


# NumPy's einsum adds in an order of its own, the same for every BLAS.
def _of_columns(left: Floats, right: Floats) -> Floats:
    sums: Floats = np.einsum("ij,ij->j", left, right)
    return sums


def _of_all(left: Floats, right: Floats) -> float:
    return float(np.einsum("ij,ij->", left, right))
