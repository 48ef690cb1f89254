from __future__ import annotations

import numpy as np
import pytest

from smartcat.training.calibration.honesty import (
    calibration_error_interval,
    is_rough,
    label_noise,
    labels_look_wrong,
)
from smartcat.training.evaluation.metrics import expected_calibration_error


def drawn(flipped: float, documents: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Draw confidences of a calibrated model, and what is right of labels of which some were flipped."""
    draw = np.random.default_rng(6)
    confidences = 1 / (1 + np.exp(-draw.normal(3, 1.5, documents)))
    right = (draw.uniform(size=documents) < confidences) & (draw.uniform(size=documents) >= flipped)
    return confidences, right


@pytest.mark.parametrize(("flipped", "wrong"), [(0.0, False), (0.02, False), (0.15, True), (0.2, True)])
def test_wrong_labels_show_where_a_model_is_surest(flipped: float, wrong: bool) -> None:  # noqa: FBT001
    """A fifth of the labels flipped is a fifth of the surest mistaken; a hard task alone is no alarm."""
    confidences, right = drawn(flipped)
    assert labels_look_wrong(confidences, right) == wrong
    assert label_noise(confidences, right) == pytest.approx(flipped, abs=0.04)


def test_a_handful_of_mistakes_is_no_alarm() -> None:
    """Two of the surest ten may be chance."""
    confidences = np.linspace(1.0, 0.5, 40)
    right = np.ones(40, dtype=np.bool_)
    right[[2, 7]] = False
    assert not labels_look_wrong(confidences, right)


def test_the_interval_holds_the_error_and_narrows_with_documents() -> None:
    """A bootstrap that is the same at every call."""
    widths = []
    for documents in (100, 2000):
        confidences, right = drawn(0.2, documents)
        low, high = calibration_error_interval(confidences, right)
        assert low <= expected_calibration_error(confidences, right) <= high
        assert (low, high) == calibration_error_interval(confidences, right)
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_few_documents_are_rough() -> None:
    """Fewer than fifty a label, or an accuracy known to within more than three points either way."""
    assert is_rough(499, 10, (0.95, 0.97))
    assert is_rough(500, 2, (0.80, 0.87))
    assert not is_rough(500, 10, (0.95, 0.97))
