from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.metrics import expected_calibration_error


def test_error_matches_a_table_done_by_hand() -> None:
    """Two bins: (0.2, wrong) is off by 0.2; (0.6, right), (1.0, wrong) by 0.3 on average."""
    confidences = np.array([0.2, 0.6, 1.0])
    correct = np.array([False, True, False])
    error = expected_calibration_error(confidences, correct, bins=2)
    assert error == pytest.approx((1 * 0.2 + 2 * 0.3) / 3)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_error_is_a_share(rows: list[tuple[float, bool]]) -> None:
    """Whatever the confidences, 0 and 1 included, the error is 0..1 and at least the overall gap."""
    confidences = np.array([confidence for confidence, _ in rows])
    correct = np.array([right for _, right in rows])
    error = expected_calibration_error(confidences, correct)
    assert abs(confidences.mean() - correct.mean()) - 1e-9 <= error <= 1 + 1e-9
