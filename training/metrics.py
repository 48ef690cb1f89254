"""Measures of confidence that scikit-learn does not have. Arrays in, numbers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

ECE_BINS: Final = 15


def expected_calibration_error(
    confidences: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_], *, bins: int = ECE_BINS
) -> float:
    """Measure how far confidences are from how often they are right (Guo et al. 2017, equation 3).

    Args:
        confidences: Probability of the chosen label, 0..1, ``(documents,)``, at least one.
        correct: Whether the chosen label is right, ``(documents,)``.
        bins: Number of bins of equal width.

    Returns:
        Mean over documents of the gap between mean confidence and accuracy of the document's bin, 0..1.
    """
    places = np.minimum((confidences * bins).astype(np.int64), bins - 1)
    gaps: npt.NDArray[Any] = np.bincount(places, weights=confidences - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))
