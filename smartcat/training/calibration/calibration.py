"""Calibration: from scores to probabilities, by one link for all labels and an offset for each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import logsumexp

from smartcat.classifier.rule import Link
from smartcat.training.calibration.fisher_scoring import minimise
from smartcat.training.calibration.link_loss import LinkLoss

if TYPE_CHECKING:
    import numpy.typing as npt

# Margins of a support vector machine are about 1 wide; with slopes beyond these bounds all probabilities
# would be the same, or 0 and 1.
MIN_SLOPE: Final = 0.05
MAX_SLOPE: Final = 200.0
MAX_KNEE: Final = 2.0
# Keep the offsets and the knee small where there is little to learn them from.
PENALTY_OFFSET: Final = 0.01
PENALTY_KNEE: Final = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What turns scores into probabilities.

    Attributes:
        link: From scores with their offsets to logits.
        offsets: Added to each label's score, ``(labels,)``.
        concentration: Exponent of a part's share of its document's weight; see
            :class:`smartcat.classifier.rule.Pooling`.
    """

    link: Link
    offsets: npt.NDArray[np.float64]
    concentration: float = 1.0

    def probabilities(
        self, scores: npt.NDArray[np.float64], pages: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return probabilities, ``documents x labels``, for scores that are means of so many pages."""
        distance = scores + self.offsets - self.link.knee
        slopes = np.where(distance > 0, self.link.above, self.link.below)
        logits = distance * slopes * (pages**self.link.growth)[:, None]
        probabilities: npt.NDArray[np.float64] = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
        return probabilities

    def log_loss(
        self,
        scores: npt.NDArray[np.float64],
        truth: npt.NDArray[np.int64],
        pages: npt.NDArray[np.int64],
    ) -> float:
        """Return the mean negative logarithm of the right label's probability."""
        of_truth = self.probabilities(scores, pages)[np.arange(len(truth)), truth]
        return float(-np.log(np.clip(of_truth, 1e-12, 1.0)).mean())


def learn_calibration(
    scores: npt.NDArray[np.float64],
    truth: npt.NDArray[np.int64],
    pages: npt.NDArray[np.int64] | None = None,
    weights: npt.NDArray[np.float64] | None = None,
) -> Calibration:
    """Return the link and the offsets with the lowest log loss.

    One imaginary document in ``documents + 2`` counts as mislabelled (Laplace's rule of succession), so that
    a handful of documents that are all classified correctly does not yield certainty.

    Args:
        scores: Scores of held-out documents, ``documents x labels``, at least ``1 x 2``.
        truth: Index of each document's label, ``(documents,)``.
        pages: How many pages each score is the mean of, ``(documents,)``; one if not given.
        weights: How much each document counts, ``(documents,)``; all alike if not given.

    Returns:
        The calibration; the same arguments give the same numbers.
    """
    documents, labels = scores.shape
    smoothing = 1.0 / (documents + 2)
    weight = np.full(documents, 1.0) if weights is None else weights
    loss = LinkLoss(
        scores=scores,
        truth=truth,
        log_pages=np.zeros(documents) if pages is None else np.log(pages),
        weight=weight / weight.sum(),
        smoothing=smoothing,
        offset_penalty=PENALTY_OFFSET,
        knee_penalty=PENALTY_KNEE,
    )
    slopes = (math.log(MIN_SLOPE), math.log(MAX_SLOPE))
    bounds = np.array([slopes, slopes, (-MAX_KNEE, MAX_KNEE), (0.0, 1.0), *[(-1.0, 1.0)] * labels])
    start = np.concatenate(([1.0, 2.0, -0.4, 0.0], np.zeros(labels)))
    solution = minimise(loss, start, bounds[:, 0], bounds[:, 1])
    above, below, knee, growth = (float(value) for value in solution[:4])
    link = Link(above=math.exp(above), below=math.exp(below), knee=knee, growth=growth)
    return Calibration(link, solution[4:].astype(np.float32).astype(np.float64))
