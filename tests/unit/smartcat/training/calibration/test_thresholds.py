from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from smartcat.training.calibration.thresholds import NEVER, PROMISE, RISK, choose_threshold, lowest_precision

CONFIDENCES = st.one_of(st.floats(0, 1), st.sampled_from([0.25, 0.5, 0.75, 1.0]))
ANSWERS = st.lists(st.tuples(CONFIDENCES, st.booleans()), min_size=0, max_size=60)


def chosen(answers: list[tuple[float, bool]], precision: float, at_least: float = 0.0) -> float:
    """Choose a threshold for answers given as confidence and whether it was right."""
    confidences = np.array([confidence for confidence, _ in answers], dtype=np.float64)
    right = np.array([right for _, right in answers], dtype=np.bool_)
    return choose_threshold(confidences, right, precision, at_least=at_least)


@pytest.mark.parametrize(("right", "accepted"), [(334, 334), (499, 500), (90, 100), (1, 2)])
def test_the_bound_is_that_of_the_binomial_distribution(right: int, accepted: int) -> None:
    """Were the precision at the bound, so many right ones or more would be as rare as the risk."""
    bound = float(lowest_precision(right, accepted))
    assert binom.sf(right - 1, accepted, bound) == pytest.approx(RISK)
    assert lowest_precision(0, accepted) == 0


def test_a_threshold_is_where_enough_above_it_is_right() -> None:
    """A thousand right ones and then a hundred of which half are wrong: the threshold lies between."""
    answers = [(0.999 - number / 1e6, True) for number in range(1000)]
    answers += [(0.5 - number / 1e6, number % 2 == 0) for number in range(100)]
    assert 0.49995 <= chosen(answers, 0.99) <= 0.9981
    assert chosen(answers, 0.9) == pytest.approx(0.5 - 99 / 1e6)
    assert chosen(answers, 0.9999) == NEVER


def test_few_documents_prove_nothing() -> None:
    """It takes 334 right ones without a mistake to prove 99 percent."""
    assert chosen([(0.999, True)] * 333, 0.99) == NEVER
    assert chosen([(0.999, True)] * 334, 0.99) == 0.999
    assert chosen([], 0.5) == NEVER


@given(ANSWERS, st.floats(0.01, 0.99), st.floats(0, 1))
def test_what_is_accepted_proves_the_precision(
    answers: list[tuple[float, bool]], precision: float, at_least: float
) -> None:
    """Whatever the answers, the accepted ones prove it, and none is below what was asked."""
    threshold = chosen(answers, precision, at_least)
    accepted = [right for confidence, right in answers if confidence >= max(threshold, at_least)]
    assert threshold == NEVER or threshold >= at_least
    if threshold != NEVER:
        assert lowest_precision(sum(accepted), len(accepted)) >= precision


@pytest.mark.parametrize("sharpness", [1.0, 1.6, 0.7], ids=["calibrated", "overconfident", "underconfident"])
@pytest.mark.parametrize("precision", [0.9, 0.99])
def test_the_promise_is_kept(sharpness: float, precision: float) -> None:
    """In at most 12 of 100 draws, less than the promised share of new accepted documents is right."""
    draw = np.random.default_rng(5)
    broken = 0
    for _ in range(200):
        logits = draw.normal(3.0, 2.0, size=(2, 2000))
        right = draw.uniform(size=logits.shape) < 1 / (1 + np.exp(-logits))
        confidences = 1 / (1 + np.exp(-sharpness * logits))
        threshold = choose_threshold(confidences[0], right[0], precision, at_least=0.5)
        accepted = confidences[1] >= threshold
        broken += bool(accepted.any() and right[1][accepted].mean() < precision)
    assert broken <= 0.12 * 200
    assert PROMISE == 0.9
