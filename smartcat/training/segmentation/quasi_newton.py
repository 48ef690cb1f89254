"""Minimises a smooth function of a handful of numbers within bounds: BFGS, without BLAS and its roundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_MAX_STEPS: Final = 60
_MIN_DECREASE: Final = 1e-8
_DIFFERENCE: Final = 1e-6
_SHORTEST: Final = 1e-6


def minimise(
    function: Callable[[Floats], float], start: Sequence[float], bounds: Sequence[tuple[float, float]]
) -> Floats:
    """Return the point with the lowest value that is found from a start.

    The inverse Hessian is that of Broyden, Fletcher, Goldfarb and Shanno (Nocedal and Wright, "Numerical
    Optimization", 2006, equation 6.17); variables at a bound that would leave it are held.

    Args:
        function: Smooth; its gradient is taken by finite differences.
        start: Within the bounds.
        bounds: The lowest and the highest value of each variable.
    """
    low, high = np.array(bounds, dtype=np.float64).T
    point = np.array(start, dtype=np.float64)
    value, inverse = function(point), np.eye(len(point))
    gradient = _gradient(function, point, value, high)
    for _ in range(_MAX_STEPS):
        held = ((point <= low) & (gradient > 0)) | ((point >= high) & (gradient < 0))
        free = np.where(held, 0.0, 1.0)
        step = -np.einsum("ij,j->i", inverse * free[:, None] * free, gradient)
        length, moved, lower = 1.0, point, value
        while length > _SHORTEST and lower >= value:
            moved = np.clip(point + length * step, low, high)
            lower = function(moved)
            length /= 2
        if value - lower < _MIN_DECREASE:
            return moved if lower < value else point
        there = _gradient(function, moved, lower, high)
        inverse = _updated(inverse, moved - point, there - gradient)
        point, value, gradient = moved, lower, there
    return point


def _gradient(function: Callable[[Floats], float], point: Floats, value: float, high: Floats) -> Floats:
    """Return the gradient by differences, backwards where a bound is near."""
    gradient = np.zeros(len(point))
    for place in range(len(point)):
        shift = _DIFFERENCE if point[place] + _DIFFERENCE <= high[place] else -_DIFFERENCE
        moved = point.copy()
        moved[place] += shift
        gradient[place] = (function(moved) - value) / shift
    return gradient


def _updated(inverse: Floats, step: Floats, change: Floats) -> Floats:
    curvature = float((step * change).sum())
    if curvature <= 0:
        return inverse
    scale = 1.0 / curvature
    left = np.eye(len(step)) - scale * step[:, None] * change
    updated: Floats = np.einsum("ij,jk,lk->il", left, inverse, left) + scale * step[:, None] * step
    return updated
