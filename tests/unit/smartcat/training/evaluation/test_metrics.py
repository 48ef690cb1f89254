from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from smartcat.training.evaluation.metrics import (
    ReliabilityBin,
    brier_score,
    calibration_error_by_chance,
    expected_calibration_error,
    reliability,
    wilson_interval,
)

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1)


def test_error_matches_a_table_done_by_hand() -> None:
    """Two bins: (0.2, wrong) is off by 0.2; (0.6, right), (1.0, wrong) by 0.3 on average."""
    confidences = np.array([0.2, 0.6, 1.0])
    correct = np.array([False, True, False])
    error = expected_calibration_error(confidences, correct, bins=2)
    assert error == pytest.approx((1 * 0.2 + 2 * 0.3) / 3)


@given(ANSWERS)
def test_error_is_a_share(rows: list[tuple[float, bool]]) -> None:
    """Whatever the confidences, 0 and 1 included, the error is 0..1 and at least the overall gap."""
    confidences = np.array([confidence for confidence, _ in rows])
    correct = np.array([right for _, right in rows])
    error = expected_calibration_error(confidences, correct)
    assert abs(confidences.mean() - correct.mean()) - 1e-9 <= error <= 1 + 1e-9


def test_bins_match_a_table_done_by_hand() -> None:
    """Each bin has its documents, mean confidence and accuracy; 1 is in the last one, empty ones are not."""
    bins = reliability(np.array([0.5, 0.6, 1.0]), np.array([True, False, True]), bins=4)
    assert bins == (
        ReliabilityBin(0.5, 0.75, 2, 1, pytest.approx(0.55), 0.5),
        ReliabilityBin(0.75, 1.0, 1, 1, 1.0, 1.0),
    )


@given(ANSWERS)
def test_the_error_is_that_of_the_bins(rows: list[tuple[float, bool]]) -> None:
    """The mean gap of the bins, weighed by their documents, is the error; each mean is within its bin."""
    confidences = np.array([confidence for confidence, _ in rows])
    correct = np.array([right for _, right in rows])
    bins = reliability(confidences, correct)
    gaps = sum(row.documents * abs(row.confidence - row.accuracy) for row in bins)
    assert gaps / len(rows) == pytest.approx(expected_calibration_error(confidences, correct), abs=1e-9)
    assert all(row.lower - 1e-9 <= row.confidence <= row.upper + 1e-9 for row in bins)


def test_chance_alone_makes_the_error_it_is_said_to_make() -> None:
    """Where right and wrong are drawn by the confidence itself, the error is on average the one foretold."""
    draw = np.random.default_rng(5)
    confidences = draw.uniform(0.3, 1.0, 300)
    errors = [expected_calibration_error(confidences, draw.random(300) < confidences) for _ in range(300)]
    assert calibration_error_by_chance(confidences) == pytest.approx(np.mean(errors), rel=0.05)
    assert calibration_error_by_chance(np.array([0.0, 1.0])) == 0


def test_brier_score_matches_a_table_done_by_hand() -> None:
    """Sure and right costs nothing, sure and wrong costs 1, half sure a quarter."""
    assert brier_score(np.array([1.0, 1.0, 0.5]), np.array([True, False, True])) == pytest.approx(1.25 / 3)


@given(st.integers(1, 10**7).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_interval_is_that_of_scipy(counted: tuple[int, int]) -> None:
    """Wilson's interval as SciPy has it, around the share itself and within 0..1."""
    right, of = counted
    low, high = wilson_interval(right, of)
    expected = binomtest(right, of).proportion_ci(method="wilson")
    assert (low, high) == (pytest.approx(expected.low, abs=1e-9), pytest.approx(expected.high, abs=1e-9))
    assert 0 <= low <= right / of <= high <= 1


def test_of_nothing_nothing_is_known() -> None:
    """Without documents the share may be anything."""
    assert wilson_interval(0, 0) == (0.0, 1.0)
