from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from smartcat.training.fitting.pruning import affordable, strongest, to_int8

WEIGHTS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 30), st.integers(1, 4)),
    elements=st.floats(-100, 100, width=32),
)


def test_what_fits_matches_a_division_done_by_hand() -> None:
    """A feature of ten columns takes 9 bytes compressed as int8, and 41 as float32; one always fits."""
    assert affordable(9_000, 10, "int8") == 1000
    assert affordable(41_000, 10, "float32") == 1000
    assert affordable(1, 5000, "int8") == 1


def test_the_features_with_the_largest_weight_for_any_label_are_kept() -> None:
    """A weight against a label counts as much as one for it; the places ascend, of equals the first stay."""
    weights = np.array([[0.1, 0.2], [-3.0, 0.0], [1.0, 1.0], [0.0, 2.0], [1.0, 0.0]], dtype=np.float32)
    assert strongest(weights, 2).tolist() == [1, 3]
    assert strongest(weights, 3).tolist() == [1, 2, 3]
    assert strongest(weights, 9).tolist() == [0, 1, 2, 3, 4]


@given(WEIGHTS, st.integers(1, 30))
def test_nothing_that_is_left_out_is_stronger_than_what_is_kept(weights: np.ndarray, keep: int) -> None:
    """As many as fit, in order, and the weakest of them is at least as strong as all others."""
    places = strongest(weights, keep)
    strength = np.abs(weights).max(axis=1)
    assert len(places) == min(keep, len(weights))
    assert np.all(np.diff(places) > 0)
    others = np.setdiff1d(np.arange(len(weights)), places)
    assert not len(others) or strength[others].max() <= strength[places].min()


@given(WEIGHTS)
def test_a_rounded_weight_is_within_half_a_scale(weights: np.ndarray) -> None:
    """Each column has a scale of its own, above 0, and its largest weight is plus or minus 127."""
    rounded, scale = to_int8(weights)
    assert (rounded.dtype, scale.dtype, scale.shape) == (np.int8, np.float32, weights.shape[1:])
    assert np.all(scale > 0)
    error = np.abs(rounded.astype(np.float64) * scale - weights)
    assert np.all(error <= scale * 0.5001)
    largest = np.abs(rounded.astype(int)).max(axis=0)
    assert np.all((largest == 127) | (np.abs(weights).max(axis=0) < 1e-35))


@pytest.mark.parametrize("value", [0.0, 1e-44, -1e-44])
def test_a_column_without_a_scale_is_nought(value: float) -> None:
    """Where float32 cannot hold the scale, the weights are as good as nothing."""
    rounded, scale = to_int8(np.full((3, 1), value, dtype=np.float32))
    assert rounded.tolist() == [[0]] * 3
    assert scale.tolist() == [1.0]
