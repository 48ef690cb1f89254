"""Learning what a score is worth: one link for all labels, a correction for each. Arrays in, numbers out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from smartcat.classifier.decision import Link

if TYPE_CHECKING:
    import numpy.typing as npt

# Margins of a support vector machine are about 1 wide; slopes beyond these bounds say nothing or 0 and 1.
_FLATTEST: Final = 0.05
_STEEPEST: Final = 200.0
_WIDEST_KNEE: Final = 2.0
# Keep the corrections and the knee small where there is little to learn them from.
_PENALTY_OFFSET: Final = 0.01
_PENALTY_KNEE: Final = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What turns scores into probabilities.

    Attributes:
        link: From corrected scores to logits.
        offsets: Added to each label's score, ``(labels,)``.
    """

    link: Link
    offsets: npt.NDArray[np.float64]

    def probabilities(
        self, scores: npt.NDArray[np.float64], pages: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return probabilities, ``documents x labels``, for scores that are means of so many pages."""
        distance = scores + self.offsets - self.link.knee
        slopes = np.where(distance > 0, self.link.above, self.link.below)
        logits = distance * slopes * (pages**self.link.growth)[:, None]
        chances: npt.NDArray[np.float64] = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
        return chances

    def log_loss(
        self,
        scores: npt.NDArray[np.float64],
        truth: npt.NDArray[np.int64],
        pages: npt.NDArray[np.int64],
    ) -> float:
        """Return the mean negative logarithm of the right label's probability."""
        chances = self.probabilities(scores, pages)[np.arange(len(truth)), truth]
        return float(-np.log(np.clip(chances, 1e-12, 1.0)).mean())


def learn_calibration(
    scores: npt.NDArray[np.float64],
    truth: npt.NDArray[np.int64],
    pages: npt.NDArray[np.int64] | None = None,
    weights: npt.NDArray[np.float64] | None = None,
) -> Calibration:
    """Find the link and the corrections under which the scores explain the truth best.

    One imagined document in ``documents + 2`` counts as mislabelled (Laplace's rule of succession), so that a
    handful of documents that all came out right does not yield certainty.

    Args:
        scores: Scores of held-out documents, ``documents x labels``, at least one and two.
        truth: Index of each document's label, ``(documents,)``.
        pages: How many pages each score is the mean of, ``(documents,)``; one if not given.
        weights: How much each document counts, ``(documents,)``; all alike if not given.

    Returns:
        The calibration; the same arguments give the same numbers.
    """
    documents, labels = scores.shape
    doubt = 1.0 / (documents + 2)
    target = np.full(scores.shape, doubt / (labels - 1))
    target[np.arange(documents), truth] = 1.0 - doubt
    logarithms = np.zeros((documents, 1)) if pages is None else np.log(pages)[:, None]
    share = np.full(documents, 1.0) if weights is None else weights
    share = (share / share.sum())[:, None]

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        above, below, knee, growth, offsets = np.exp(point[0]), np.exp(point[1]), *point[2:4], point[4:]
        distance = scores + offsets - knee
        upper = distance > 0
        slopes = np.where(upper, above, below) * np.exp(growth * logarithms)
        logits = slopes * distance
        total = logsumexp(logits, axis=1, keepdims=True)
        bend = point[0] - point[1]
        value = float((share * (total - (target * logits).sum(axis=1, keepdims=True))).sum())
        value += _PENALTY_OFFSET * float((offsets**2).sum()) + _PENALTY_KNEE * bend**2
        pull = (np.exp(logits - total) - target) * share
        turned = pull * logits
        gradient = np.concatenate(
            (
                [
                    turned[upper].sum() + 2 * _PENALTY_KNEE * bend,
                    turned[~upper].sum() - 2 * _PENALTY_KNEE * bend,
                    -(pull * slopes).sum(),
                    (turned * logarithms).sum(),
                ],
                (pull * slopes).sum(axis=0) + 2 * _PENALTY_OFFSET * offsets,
            )
        )
        return value, gradient

    slope = (math.log(_FLATTEST), math.log(_STEEPEST))
    found = minimize(
        loss,
        np.concatenate(([1.0, 2.0, -0.4, 0.0], np.zeros(labels))),
        jac=True,
        method="L-BFGS-B",
        bounds=[slope, slope, (-_WIDEST_KNEE, _WIDEST_KNEE), (0.0, 1.0), *[(-1.0, 1.0)] * labels],
    )
    above, below, knee, growth = (float(value) for value in found.x[:4])
    link = Link(above=math.exp(above), below=math.exp(below), knee=knee, growth=growth)
    return Calibration(link, found.x[4:].astype(np.float32).astype(np.float64))
