"""Stacks whose cuts are known, all walked at the same time: how probable the true cuts are. Arrays only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.segmentation_parameters import SegmentationParameters

_FEWEST_PAGES: Final = 50
"""Pages of a practice stack, at least: whole documents, many enough to learn how one follows another."""
_MOST_ODDS: Final = 50.0
_FAINTEST: Final = 1e-30


class PracticeStacks:
    """Pages one behind the other, cut into stacks.

    Args:
        evidence: Logarithm of each label's probability on each page, less that of the best,
            ``pages x labels``.
        clues: What the log odds of a new document are a weighted sum of, ``pages x clues``.
        first: Which pages begin a document, ``(pages,)``.
        rule: How documents begin, go on and end; its weights are not looked at.
    """

    def __init__(
        self,
        evidence: npt.NDArray[np.float64],
        clues: npt.NDArray[np.float64],
        first: npt.NDArray[np.bool_],
        rule: SegmentationParameters,
    ) -> None:
        self._evidence, self._clues, self._first = evidence, clues, first
        self._starts, self._ends = np.array(rule.start_probabilities), np.array(rule.end_probabilities)
        self._stays = 1.0 - self._ends
        self._moves = _moves(rule) if rule.transitions else None
        # The longest first: those that have so many pages are then always the first ones.
        stacks = sorted(_stacks(first), key=lambda stack: stack[0] - stack[1])
        self._begins = np.array([begin for begin, _ in stacks])
        self._lengths = np.array([end - begin for begin, end in stacks])

    def surprise(self, weight: float, clue_weights: npt.NDArray[np.float64]) -> float:
        """Return the negative log probability of the true cuts, all labels summed over.

        Args:
            weight: Weight of the evidence.
            clue_weights: Weights of the clues.
        """
        likely = np.maximum(np.exp(weight * self._evidence), _FAINTEST)
        odds = np.exp(np.clip(self._clues @ clue_weights, -_MOST_ODDS, _MOST_ODDS))
        free = true = likely[self._begins] * self._starts
        surprise = 0.0
        for step in range(1, int(self._lengths[0])):
            alive = int((self._lengths > step).sum())
            surprise += self._ended(free[alive:], true[alive:])
            pages = self._begins[:alive] + step
            opened, going = self._step(free[:alive], likely[pages], odds[pages])
            free = opened + going
            opened, going = self._step(true[:alive], likely[pages], odds[pages])
            true = np.where(self._first[pages, None], opened, going)
            sums, true_sums = free.sum(axis=1, keepdims=True), true.sum(axis=1, keepdims=True)
            surprise += float(np.log(sums / true_sums).sum())
            free, true = free / sums, true / true_sums
        return surprise + self._ended(free, true)

    def _ended(self, free: npt.NDArray[np.float64], true: npt.NDArray[np.float64]) -> float:
        return float(np.log((free @ self._ends) / (true @ self._ends)).sum())

    def _step(
        self, mass: npt.NDArray[np.float64], likely: npt.NDArray[np.float64], odds: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        opened = ((mass @ self._ends) * odds)[:, None] * self._starts
        going = mass * self._stays if self._moves is None else mass @ self._moves
        return opened * likely, going * likely


def _moves(rule: SegmentationParameters) -> npt.NDArray[np.float64]:
    """Return the probability of each label being followed by each within a document, ``labels x labels``."""
    moves = np.eye(len(rule.start_probabilities))
    for label in {label for label, _, _ in rule.transitions}:
        moves[label, label] = 0.0
    for label, following, chance in rule.transitions:
        moves[label, following] = chance
    goes: npt.NDArray[np.float64] = moves * (1.0 - np.array(rule.end_probabilities)[:, None])
    return goes


def _stacks(first: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Cut at beginnings of documents, as soon as a stack has enough pages."""
    stacks, begin = [], 0
    for end in [*np.flatnonzero(first)[1:].tolist(), len(first)]:
        if end - begin >= _FEWEST_PAGES or end == len(first):
            stacks.append((begin, end))
            begin = end
    return stacks
