"""The forward algorithm on page streams with known boundaries: how probable the true boundaries are.

Computed for all streams at once. Arrays only;
:mod:`smartcat.classifier.page_stream_segmentation` applies what is learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.segmentation_parameters import SegmentationParameters

_MIN_PAGES: Final = 50
"""Pages of a stream, at least: whole documents, enough of them to learn how one follows another."""
_MAX_LOG_ODDS: Final = 50.0
_MIN_LIKELIHOOD: Final = 1e-30


class LabelledStreams:
    """Pages of documents one after another, cut into streams.

    The hidden state of a page is its label; a boundary before it is observed. Emissions are the likelihoods
    of labels, transitions lead from label to label within a document or start a new one.

    Args:
        log_likelihoods: Logarithm of each label's probability on each page, less that of the best,
            ``pages x labels``.
        boundary_evidence: What the log odds of a boundary are a weighted sum of, ``pages x terms``.
        first: Which pages begin a document, ``(pages,)``.
        rule: How documents begin, continue and end; its weights are ignored.
    """

    def __init__(
        self,
        log_likelihoods: npt.NDArray[np.float64],
        boundary_evidence: npt.NDArray[np.float64],
        first: npt.NDArray[np.bool_],
        rule: SegmentationParameters,
    ) -> None:
        self._log_likelihoods, self._boundary_evidence, self._first = (
            log_likelihoods,
            boundary_evidence,
            first,
        )
        self._start_probabilities, self._end_probabilities = (
            np.array(rule.start_probabilities),
            np.array(rule.end_probabilities),
        )
        self._stay_probabilities = 1.0 - self._end_probabilities
        self._transitions = _transition_matrix(rule) if rule.transitions else None
        # The longest first: at every step, the streams that still have a page are then the first ones.
        streams = sorted(_streams(first), key=lambda stream: stream[0] - stream[1])
        self._begins = np.array([begin for begin, _ in streams])
        self._lengths = np.array([end - begin for begin, end in streams])

    def negative_log_likelihood(
        self, likelihood_weight: float, boundary_weights: npt.NDArray[np.float64]
    ) -> float:
        """Return the negative log probability of the true boundaries, summed over all labels.

        Args:
            likelihood_weight: Weight of the log likelihoods.
            boundary_weights: Weights of the terms of the boundary evidence.
        """
        emission = np.maximum(np.exp(likelihood_weight * self._log_likelihoods), _MIN_LIKELIHOOD)
        log_odds = _times(self._boundary_evidence, boundary_weights)
        odds = np.exp(np.clip(log_odds, -_MAX_LOG_ODDS, _MAX_LOG_ODDS))
        # Forward messages over all ways to cut the streams, and over the true one.
        free = true = emission[self._begins] * self._start_probabilities
        loss = 0.0
        for step in range(1, int(self._lengths[0])):
            ongoing = int((self._lengths > step).sum())
            loss += self._end_loss(free[ongoing:], true[ongoing:])
            pages = self._begins[:ongoing] + step
            started, continued = self._forward(free[:ongoing], emission[pages], odds[pages])
            free = started + continued
            started, continued = self._forward(true[:ongoing], emission[pages], odds[pages])
            true = np.where(self._first[pages, None], started, continued)
            sums, true_sums = free.sum(axis=1, keepdims=True), true.sum(axis=1, keepdims=True)
            loss += float(np.log(sums / true_sums).sum())
            free, true = free / sums, true / true_sums
        return loss + self._end_loss(free, true)

    def _end_loss(self, free: npt.NDArray[np.float64], true: npt.NDArray[np.float64]) -> float:
        return float(
            np.log(_times(free, self._end_probabilities) / _times(true, self._end_probabilities)).sum()
        )

    def _forward(
        self,
        message: npt.NDArray[np.float64],
        emission: npt.NDArray[np.float64],
        odds: npt.NDArray[np.float64],
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the next messages with a boundary before the page, and without."""
        started = (_times(message, self._end_probabilities) * odds)[:, None] * self._start_probabilities
        within = (
            message * self._stay_probabilities
            if self._transitions is None
            else np.einsum("ij,jk->ik", message, self._transitions)
        )
        return started * emission, within * emission


def _times(rows: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the weighted sum of each row, without BLAS: its kernels round differently."""
    sums: npt.NDArray[np.float64] = np.einsum("ij,j->i", rows, weights)
    return sums


def _transition_matrix(rule: SegmentationParameters) -> npt.NDArray[np.float64]:
    """Return the probability of each label being followed by each within a document, ``labels x labels``."""
    following = np.eye(len(rule.start_probabilities))
    for label in {label for label, _, _ in rule.transitions}:
        following[label, label] = 0.0
    for label, next_label, probability in rule.transitions:
        following[label, next_label] = probability
    transitions: npt.NDArray[np.float64] = following * (1.0 - np.array(rule.end_probabilities)[:, None])
    return transitions


def _streams(first: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first page and end of each stream, cut between documents as soon as there are enough pages."""
    streams, begin = [], 0
    for end in [*np.flatnonzero(first)[1:].tolist(), len(first)]:
        if end - begin >= _MIN_PAGES or end == len(first):
            streams.append((begin, end))
            begin = end
    return streams
