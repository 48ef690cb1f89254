"""Metrics that scikit-learn does not have. Arrays in, numbers out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

ECE_BINS: Final = 15

#: Standard deviations around the mean that hold 95 % of a normal distribution.
_Z_95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Confidence against accuracy in one range of confidence.

    Attributes:
        lower: Smallest confidence of the range, 0..1.
        upper: Its end, which belongs to the next range; 1 belongs to the last.
        documents: Documents in it, at least one.
        right: Those classified correctly.
        confidence: Their mean confidence, 0..1.
        accuracy: Share of them classified correctly, 0..1.
    """

    lower: float
    upper: float
    documents: int
    right: int
    confidence: float
    accuracy: float


def expected_calibration_error(
    confidences: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_], *, bins: int = ECE_BINS
) -> float:
    """Return the expected calibration error (Guo et al. 2017, equation 3).

    Args:
        confidences: Probability of the chosen label, 0..1, ``(documents,)``, at least one.
        correct: Whether the chosen label is right, ``(documents,)``.
        bins: Number of bins of equal width.

    Returns:
        Mean over documents of the gap between mean confidence and accuracy of the document's bin, 0..1.
    """
    bin_of = _bins(confidences, bins)
    gaps: npt.NDArray[Any] = np.bincount(bin_of, weights=confidences - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))


def calibration_error_by_chance(confidences: npt.NDArray[np.float64], *, bins: int = ECE_BINS) -> float:
    """Return what :func:`expected_calibration_error` would be for a perfectly calibrated model.

    It is never 0 on a finite number of documents: in each bin, right and wrong scatter around the confidence.
    The mean size of that gap is that of a normal distribution with the same variance.

    Args:
        confidences: Probability of the chosen label, 0..1, ``(documents,)``, at least one.
        bins: Number of bins of equal width.

    Returns:
        The error that is due to having so few documents, 0..1.
    """
    bin_of = _bins(confidences, bins)
    variances = np.bincount(bin_of, weights=confidences * (1 - confidences), minlength=bins)
    return float(np.sqrt(2 / np.pi * variances).sum() / len(confidences))


def reliability(
    confidences: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_], *, bins: int = ECE_BINS
) -> tuple[ReliabilityBin, ...]:
    """Return the bins behind :func:`expected_calibration_error`, ascending, without the empty ones.

    Args:
        confidences: Probability of the chosen label, 0..1, ``(documents,)``.
        correct: Whether the chosen label is right, ``(documents,)``.
        bins: Number of bins of equal width.
    """
    bin_of = _bins(confidences, bins)
    documents = np.bincount(bin_of, minlength=bins).tolist()
    right = np.bincount(bin_of[correct], minlength=bins).tolist()
    confidence = np.bincount(bin_of, weights=confidences, minlength=bins).tolist()
    return tuple(
        ReliabilityBin(
            lower=index / bins,
            upper=(index + 1) / bins,
            documents=documents[index],
            right=right[index],
            # The sum of many equal numbers may round beyond each of them.
            confidence=min(1.0, confidence[index] / documents[index]),
            accuracy=right[index] / documents[index],
        )
        for index in range(bins)
        if documents[index]
    )


def _bins(confidences: npt.NDArray[np.float64], bins: int) -> npt.NDArray[np.int64]:
    return np.minimum((confidences * bins).astype(np.int64), bins - 1)


def brier_score(confidences: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_]) -> float:
    """Return the mean squared gap between confidence and 1 (right) or 0 (wrong).

    This is the score of the chosen label alone. The one over all labels, and the log loss, need every label's
    probability, and a decision carries three.

    Returns:
        0 (always certain and right) to 1 (always certain and wrong).
    """
    return float(np.mean((confidences - correct) ** 2))


def wilson_interval(right: int, of: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927).

    Unlike the textbook's plus or minus, it stays within 0..1 and does not shrink to a point at 0 or 1.

    Args:
        right: Successes.
        of: Trials; with none, nothing is known.

    Returns:
        Lower and upper end, 0..1; ``right / of`` lies between them.
    """
    if not of:
        return 0.0, 1.0
    share, z2 = right / of, _Z_95**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = _Z_95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    # Exact at the ends, where rounding would miss by the last bit.
    return (max(0.0, centre - reach) if right else 0.0), (min(1.0, centre + reach) if right < of else 1.0)


def cohens_kappa(confusion: npt.NDArray[np.int64]) -> float | None:
    """Return the agreement beyond what chance would give (Cohen 1960).

    Args:
        confusion: Documents by true (rows) and predicted label (columns), at least one document.

    Returns:
        1 for full agreement, 0 for as much as by chance, down to -1; ``None`` where chance alone agrees
        fully: one label, true and predicted for every document.
    """
    total = int(confusion.sum())
    observed = float(np.trace(confusion)) / total
    expected = float((confusion.sum(axis=0) / total) @ (confusion.sum(axis=1) / total))
    return None if np.count_nonzero(confusion) == 1 and observed else (observed - expected) / (1 - expected)
