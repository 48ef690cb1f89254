from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.training.segmentation import forward_algorithm
from smartcat.training.segmentation.forward_algorithm import LabelledStreams

if TYPE_CHECKING:
    import numpy.typing as npt

STARTS, ENDS = (0.7, 0.3), (0.2, 0.6)


def by_hand(
    rule: SegmentationParameters,
    emission: npt.NDArray[np.float64],
    odds: npt.NDArray[np.float64],
    first: list[bool],
) -> float:
    """Return the negative log probability of the true boundaries of one stream, from all its paths."""
    stay = {(label, label): 1.0 for label in range(2)}
    transitions = {
        (label, following): probability for label, following, probability in rule.transitions
    } or stay
    true = total = 0.0
    for starts_at in product([True, False], repeat=len(first) - 1):
        for path in product(range(2), repeat=len(first)):
            weight = rule.start_probabilities[path[0]] * rule.end_probabilities[path[-1]]
            for page, is_first in enumerate(starts_at, 1):
                before, here = path[page - 1], path[page]
                weight *= (
                    rule.end_probabilities[before] * odds[page] * rule.start_probabilities[here]
                    if is_first
                    else (1 - rule.end_probabilities[before]) * transitions.get((before, here), 0.0)
                )
            weight *= math.prod(emission[page, label] for page, label in enumerate(path))
            total += weight
            true += weight if [True, *starts_at] == first else 0.0
    return -math.log(true / total)


@pytest.mark.parametrize("transitions", [(), ((0, 0, 0.4), (0, 1, 0.6), (1, 1, 1.0))])
def test_the_likelihood_is_that_of_all_paths(
    transitions: tuple[tuple[int, int, float], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two streams of different lengths have together the likelihood that each has alone."""
    monkeypatch.setattr(forward_algorithm, "_MIN_PAGES", 3)
    draw = np.random.default_rng(3)
    rule = SegmentationParameters(start_probabilities=STARTS, end_probabilities=ENDS, transitions=transitions)
    first = [True, False, True, False, True, True, False]
    log_likelihoods, boundary_evidence = draw.normal(size=(7, 2)), draw.normal(size=(7, 2))
    weights = np.array([0.8, -0.3])
    emission, odds = np.exp(0.5 * log_likelihoods), np.exp(boundary_evidence @ weights)
    streams = LabelledStreams(log_likelihoods, boundary_evidence, np.array(first), rule)
    # A stream ends with the first document that ends at three pages or more: after four, then at the end.
    expected = sum(by_hand(rule, emission[part], odds[part], first[part]) for part in (slice(4), slice(4, 7)))
    assert streams.negative_log_likelihood(0.5, weights) == pytest.approx(expected)


def test_a_single_page_is_certain() -> None:
    """There is only one way to segment it."""
    rule = SegmentationParameters(start_probabilities=STARTS, end_probabilities=ENDS)
    streams = LabelledStreams(np.zeros((1, 2)), np.ones((1, 1)), np.array([True]), rule)
    assert streams.negative_log_likelihood(1.0, np.array([5.0])) == pytest.approx(0.0)


def test_extreme_pages_stay_finite() -> None:
    """The most extreme likelihoods and odds are bounded."""
    rule = SegmentationParameters(start_probabilities=STARTS, end_probabilities=ENDS)
    log_likelihoods = np.array([[0.0, -1e9], [-1e9, 0.0], [0.0, -1e9]])
    streams = LabelledStreams(log_likelihoods, np.full((3, 1), -1e9), np.array([True, False, False]), rule)
    assert math.isfinite(streams.negative_log_likelihood(1.0, np.array([1.0])))
