"""The confidence from which documents are accepted, proved on held-out documents. Arrays in, a number out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.stats import beta

if TYPE_CHECKING:
    import numpy.typing as npt

NEVER: Final = 2.0
"""A threshold that no confidence reaches."""
PROMISE: Final = 0.9
"""Probability with which what is accepted has the precision that was promised."""
RISK: Final = 0.035
"""Probability that the bound behind the promise is wrong.

A bound at 10 % would hold for documents without end. Whoever looks at the next as many documents sees their
chance on top of that of the held-out ones: the difference scatters sqrt(2) times as wide, and
1.28 * sqrt(2) = 1.81 standard deviations leave 3.5 %.
"""
_STEPS: Final = 200


def lowest_precision(right: Any, accepted: Any) -> Any:
    """Return the precision that so many right of so many accepted prove (Clopper and Pearson 1934).

    Args:
        right: Number of right ones, or an array of them.
        accepted: Number of accepted ones, >= 1, likewise.

    Returns:
        The lower end of the one-sided interval, 0..1, which is above the true precision in :data:`RISK` of
        all cases, at most.
    """
    return np.where(right > 0, beta.ppf(RISK, right, accepted - right + 1), 0.0)


def choose_threshold(
    confidences: npt.NDArray[np.float64],
    right: npt.NDArray[np.bool_],
    precision: float,
    at_least: float = 0.0,
) -> float:
    """Return the threshold from which what is accepted has the precision wanted, with probability 0.9.

    Fixed-sequence testing (Angelopoulos et al. 2021, "Learn then test"): thresholds are tested one after
    another in an order that was fixed without a look at what is right, until one is not proved; the last that
    was proved is chosen, and the risk is that of a single test. The order begins where calibrated
    confidences, if they were true, would prove the precision most clearly, and goes down from there.

    Args:
        confidences: Confidence of each held-out document that nothing else sends to review, 0..1, by a
            calibration that has not seen the document, ``(documents,)``.
        right: Whether its predicted label is right, ``(documents,)``.
        precision: Share of the accepted documents that should be right, above 0 and below 1.
        at_least: No threshold is lower, 0..1.

    Returns:
        The smallest confidence to accept; :data:`NEVER` where nothing is proved.
    """
    eligible = confidences >= at_least
    order = np.argsort(-confidences[eligible], kind="stable")
    ranked, rights = confidences[eligible][order], np.cumsum(right[eligible][order])
    # Documents of equal confidence are accepted together or not at all.
    accepted = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)]) + 1
    if not len(accepted):
        return NEVER
    expected_wrong = np.cumsum(1.0 - ranked)[accepted - 1]
    allowed = (1.0 - precision) * accepted
    start = int(np.argmax((allowed - expected_wrong) / np.sqrt(precision * allowed)))
    tested = np.unique(np.linspace(start, len(accepted) - 1, num=_STEPS).astype(np.int64))
    count = accepted[tested]
    failed = np.flatnonzero(lowest_precision(rights[count - 1], count) < precision)
    proved = int(failed[0]) if len(failed) else len(tested)
    return float(ranked[count[proved - 1] - 1]) if proved else NEVER
