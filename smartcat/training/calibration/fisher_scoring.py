"""Minimises the loss of calibration within bounds: Fisher scoring, without BLAS and its many ways to round.

It takes a dozen or two steps where a quasi-Newton method takes a hundred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.calibration.link_loss import CORE

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.training.calibration.link_loss import Curvature, LinkLoss

    Floats = npt.NDArray[np.float64]

_MAX_STEPS: Final = 100
_MIN_DECREASE: Final = 1e-6
"""Decrease of the mean log loss below which a step was the last: a thousandth of what chance does to it."""
_HALVINGS: Final = 30
_RIDGE: Final = 1e-9


def minimise(loss: LinkLoss, start: Floats, low: Floats, high: Floats) -> Floats:
    """Return the point with the lowest loss that Fisher scoring finds from a start.

    Args:
        loss: The loss.
        start: Within the bounds, ``(4 + labels,)``.
        low: Lower bounds, likewise.
        high: Upper bounds, likewise.
    """
    point = start
    for _ in range(_MAX_STEPS):
        here = loss.curvature(point)
        held = ((point <= low) & (here.gradient > 0)) | ((point >= high) & (here.gradient < 0))
        step = _step(here, held)
        length, decrease = 1.0, 0.0
        for _ in range(_HALVINGS):
            moved = np.clip(point + length * step, low, high)
            decrease = here.value - loss.value(moved)
            if decrease > 0:
                point = moved
                break
            length /= 2
        if decrease < _MIN_DECREASE:
            break
    return point


def _step(here: Curvature, held: npt.NDArray[np.bool_]) -> Floats:
    """Return minus the inverse of the Fisher information times the gradient; 0 for what is held at a bound.

    The offsets' part is diagonal, so they are eliminated and four equations are left.
    """
    gradient = np.where(held, 0.0, here.gradient)
    border = np.where(held[CORE:], 0.0, here.border)
    scaled = border / here.diagonal
    free = [each for each in range(CORE) if not held[each]]
    schur = [
        [float(here.core[row, column] - (scaled[row] * border[column]).sum()) for column in free]
        for row in free
    ]
    for place in range(len(free)):
        schur[place][place] += _RIDGE
    right = [float((scaled[row] * gradient[CORE:]).sum() - gradient[row]) for row in free]
    step = np.zeros(len(gradient))
    for each, found in zip(free, _solve(schur, right), strict=True):
        step[each] = found
    step[CORE:] = -gradient[CORE:] / here.diagonal - (scaled * step[:CORE, None]).sum(axis=0)
    return step


def _solve(rows: list[list[float]], right: list[float]) -> list[float]:
    """Solve a few equations by Gauss's elimination; they are positive definite, so no pivot is looked for."""
    size = len(right)
    rows, right = [list(row) for row in rows], list(right)
    for pivot in range(size):
        for row in range(pivot + 1, size):
            factor = rows[row][pivot] / rows[pivot][pivot]
            right[row] -= factor * right[pivot]
            for column in range(pivot, size):
                rows[row][column] -= factor * rows[pivot][column]
    found = [0.0] * size
    for row in reversed(range(size)):
        known = sum(rows[row][column] * found[column] for column in range(row + 1, size))
        found[row] = (right[row] - known) / rows[row][row]
    return found
