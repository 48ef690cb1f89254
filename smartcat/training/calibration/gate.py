"""The gate that keeps strangers out, learned from documents of left-out labels. Arrays in, a gate out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from smartcat.classifier.rule import GATE_NUMBERS, Gate

if TYPE_CHECKING:
    import numpy.typing as npt

MIN_DOCUMENTS: Final = 50
"""Own documents, and strangers, that are needed to learn a gate."""
_FALSE_REVIEWS: Final = (0.02, 0.03, 0.04, 0.05)
"""Own documents that may go to review for the gate: the first share that does enough, else the last."""
_ENOUGH: Final = 0.6
"""Share of the strangers that is enough: the threshold of confidence sends most of the others to review."""
_WORTH_IT: Final = 0.15
"""A gate that keeps out a smaller share of the strangers is not worth what it costs."""
_PENALTY: Final = 0.005
_WINSOR: Final = 0.01
_SLACK: Final = 1e-6


def learn_gate(own: npt.NDArray[np.float64], strangers: npt.NDArray[np.float64]) -> Gate | None:
    """Return the gate that tells own documents from strangers.

    A logistic regression with a penalty, on standardised numbers that are kept within what 98 of 100
    documents have. A higher score, a wider margin and a larger known share never count against a document.

    Args:
        own: The four numbers of own documents (see :class:`smartcat.classifier.rule.Gate`), held out,
            ``documents x 4``.
        strangers: Those of documents whose label the model that scored them has never seen.

    Returns:
        The gate; ``None`` where there are too few documents, or it would keep out hardly any stranger.
    """
    if min(len(own), len(strangers)) < MIN_DOCUMENTS:
        return None
    both = np.concatenate((own, strangers))
    lower, upper = np.quantile(both, (_WINSOR, 1 - _WINSOR), axis=0)
    weights = _fit(np.clip(own, lower, upper), np.clip(strangers, lower, upper))
    sums, strange_sums = (np.clip(part, lower, upper) @ weights for part in (own, strangers))
    thresholds = np.quantile(sums, _FALSE_REVIEWS, method="lower")
    kept_out = np.array([(strange_sums < threshold).mean() for threshold in thresholds])
    if kept_out[-1] < _WORTH_IT:
        return None
    chosen = int(np.argmax(kept_out >= min(_ENOUGH, kept_out[-1])))
    # A little below: engines differ in the last bits of a score.
    threshold = float(thresholds[chosen]) - _SLACK
    return Gate(tuple(weights.tolist()), tuple(lower.tolist()), tuple(upper.tolist()), threshold)


def admitted(gate: Gate, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return which documents pass, ``(documents,)``, as :meth:`Gate.admits` says."""
    passes: npt.NDArray[np.bool_] = np.clip(numbers, gate.lower, gate.upper) @ np.array(gate.weights) >= (
        gate.threshold
    )
    return passes


def _fit(own: npt.NDArray[np.float64], strangers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    both = np.concatenate((own, strangers))
    scale = np.maximum(both.std(axis=0), 1e-9)
    standard = (both - both.mean(axis=0)) / scale
    sign = np.concatenate((np.ones(len(own)), -np.ones(len(strangers))))
    # Both kinds count alike, however many there are of each.
    weight = np.where(sign > 0, 0.5 / len(own), 0.5 / len(strangers))

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (standard @ point[1:] + point[0])
        pull = -weight * sign * expit(-margin)
        value = float((weight * np.logaddexp(0.0, -margin)).sum()) + _PENALTY * float((point[1:] ** 2).sum())
        return value, np.append(pull.sum(), standard.T @ pull + 2 * _PENALTY * point[1:])

    bounds = [(None, None), (0.0, None), (0.0, None), (0.0, None), (None, None)]
    solution = minimize(loss, np.zeros(GATE_NUMBERS + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    weights: npt.NDArray[np.float64] = solution.x[1:] / scale
    return weights
