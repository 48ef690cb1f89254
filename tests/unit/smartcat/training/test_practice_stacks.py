from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.training import practice_stacks
from smartcat.training.practice_stacks import PracticeStacks

if TYPE_CHECKING:
    import numpy.typing as npt

STARTS, ENDS = (0.7, 0.3), (0.2, 0.6)


def by_hand(
    rule: SegmentationParameters,
    likely: npt.NDArray[np.float64],
    odds: npt.NDArray[np.float64],
    first: list[bool],
) -> float:
    """Negative log probability of the true cuts of one stack, from all its paths."""
    stays = {(label, label): 1.0 for label in range(2)}
    moves = {(label, following): chance for label, following, chance in rule.transitions} or stays
    true = everything = 0.0
    for opens in product([True, False], repeat=len(first) - 1):
        for path in product(range(2), repeat=len(first)):
            worth = rule.start_probabilities[path[0]] * rule.end_probabilities[path[-1]]
            for place, opened in enumerate(opens, 1):
                before, here = path[place - 1], path[place]
                worth *= (
                    rule.end_probabilities[before] * odds[place] * rule.start_probabilities[here]
                    if opened
                    else (1 - rule.end_probabilities[before]) * moves.get((before, here), 0.0)
                )
            worth *= math.prod(likely[place, label] for place, label in enumerate(path))
            everything += worth
            true += worth if [True, *opens] == first else 0.0
    return -math.log(true / everything)


@pytest.mark.parametrize("goes_on", [(), ((0, 0, 0.4), (0, 1, 0.6), (1, 1, 1.0))])
def test_the_surprise_is_that_of_all_paths(
    goes_on: tuple[tuple[int, int, float], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two stacks of different lengths, walked together, are as surprising as each alone."""
    monkeypatch.setattr(practice_stacks, "_FEWEST_PAGES", 3)
    draw = np.random.default_rng(3)
    rule = SegmentationParameters(start_probabilities=STARTS, end_probabilities=ENDS, transitions=goes_on)
    first = [True, False, True, False, True, True, False]
    evidence, clues = draw.normal(size=(7, 2)), draw.normal(size=(7, 2))
    weights = np.array([0.8, -0.3])
    likely, odds = np.exp(0.5 * evidence), np.exp(clues @ weights)
    stacks = PracticeStacks(evidence, clues, np.array(first), rule)
    # A stack ends with the first document that ends at three pages or more: here after four, then at the end.
    expected = sum(by_hand(rule, likely[part], odds[part], first[part]) for part in (slice(4), slice(4, 7)))
    assert stacks.surprise(0.5, weights) == pytest.approx(expected)


def test_a_single_page_surprises_nobody() -> None:
    """There is only one way to cut it."""
    rule = SegmentationParameters(start_probabilities=STARTS, end_probabilities=ENDS)
    stacks = PracticeStacks(np.zeros((1, 2)), np.ones((1, 1)), np.array([True]), rule)
    assert stacks.surprise(1.0, np.array([5.0])) == pytest.approx(0.0)


def test_extreme_pages_stay_finite() -> None:
    """Evidence and clues as sure as numbers get are bounded."""
    rule = SegmentationParameters(start_probabilities=STARTS, end_probabilities=ENDS)
    evidence = np.array([[0.0, -1e9], [-1e9, 0.0], [0.0, -1e9]])
    stacks = PracticeStacks(evidence, np.full((3, 1), -1e9), np.array([True, False, False]), rule)
    assert math.isfinite(stacks.surprise(1.0, np.array([1.0])))
