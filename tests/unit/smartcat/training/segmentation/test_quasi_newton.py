"""A minimum of a few numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.training.segmentation.quasi_newton import minimise

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

INSIDE = st.floats(-4, 4)


@settings(max_examples=40)
@given(st.tuples(INSIDE, INSIDE), st.floats(0.1, 20), st.floats(-0.9, 0.9))
def test_the_bottom_of_a_bowl_is_found_within_its_bounds(
    bottom: tuple[float, float], steep: float, tilt: float
) -> None:
    """Wherever it is; where it is out of bounds along one axis, the best point on the bound is found."""

    def bowl(point: npt.NDArray[np.float64]) -> float:
        x, y = point[0] - bottom[0], (point[1] - bottom[1]) * steep
        return float(x * x + y * y + tilt * x * y)

    found = minimise(bowl, [0.0, 0.0], [(-5, 5), (-5, 5)])
    assert found == pytest.approx(bottom, abs=0.01 * (1 + 1 / steep))
    bounded = minimise(bowl, [-5.0, 0.0], [(-5, -4.5), (-50, 50)])
    assert bounded[0] == pytest.approx(-4.5, abs=0.01)
    best = bottom[1] - tilt * (-4.5 - bottom[0]) / (2 * steep)
    assert bounded[1] == pytest.approx(best, abs=0.01 * (1 + 1 / steep))


def test_a_narrow_valley_is_followed_to_its_end() -> None:
    """Rosenbrock's function, from its usual start."""
    found = minimise(
        lambda point: float((1 - point[0]) ** 2 + 100 * (point[1] - point[0] ** 2) ** 2),
        [-1.2, 1.0],
        [(-3, 3), (-3, 3)],
    )
    assert found == pytest.approx([1, 1], abs=0.02)
