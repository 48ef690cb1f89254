"""The confidence from which a label is accepted, learned on held-out documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

NEVER: Final = 2.0
"""A threshold that no confidence reaches."""


def choose_thresholds(
    confidences: npt.NDArray[np.float64],
    predicted: npt.NDArray[np.int64],
    right: npt.NDArray[np.bool_],
    labels: int,
    precision: float,
    at_least: float = 0.0,
) -> tuple[float, ...]:
    """Return each label's threshold, so that what is accepted has the precision wanted.

    A threshold is proved by the documents at or above it, counted by Laplace's rule of succession: of ``n``
    with ``r`` right, ``(r + 1) / (n + 2)`` must reach the precision, so that one label that was right three
    times out of three proves nothing. A label with too few documents to prove a threshold of its own gets
    that of all labels together; where not even that can be proved, it is never accepted. Labels that
    are confused with each other may prove nothing of their own and spoil the total: if what is accepted is
    then not right often enough, every label gets the threshold of all labels together.

    Args:
        confidences: Confidence of each held-out document, 0..1, ``(documents,)``.
        predicted: Index of the predicted label, ``(documents,)``.
        right: Whether that is its label, ``(documents,)``.
        labels: Number of labels.
        precision: Share of the accepted documents that should be right, above 0 and below 1.
        at_least: No threshold is lower, 0..1. A label can be right of all its documents, one of which had a
            confidence of 0.2 by chance: without this, every jumble of known words would be accepted as it.

    Returns:
        The smallest confidence to accept, for each label; :data:`NEVER` for none.
    """
    eligible = confidences >= at_least
    confidences, predicted, right = confidences[eligible], predicted[eligible], right[eligible]
    common = _smallest_proved(confidences, right, precision)
    own = [
        _smallest_proved(confidences[predicted == label], right[predicted == label], precision)
        for label in range(labels)
    ]
    chosen = np.array([common if threshold == NEVER else threshold for threshold in own])
    accepted = right[confidences >= chosen[predicted]]
    if not _proved(accepted.sum(), len(accepted), precision):
        chosen[:] = common
    return tuple(chosen.tolist())


def _proved(right: Any, accepted: Any, precision: float) -> Any:
    """Return whether so many right of so many accepted prove a precision; numbers or arrays of them."""
    return (right + 1) / (accepted + 2) >= precision


def _smallest_proved(
    confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], precision: float
) -> float:
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order]
    proved = _proved(np.cumsum(right[order]), np.arange(1, len(ranked) + 1), precision)
    # Documents of equal confidence are accepted together or not at all.
    proved[:-1] &= ranked[:-1] != ranked[1:]
    enough = np.flatnonzero(proved)
    return float(ranked[enough[-1]]) if len(enough) else NEVER
