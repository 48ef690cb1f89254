from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.calibration.thresholds import NEVER, choose_thresholds

CONFIDENCES = st.one_of(st.floats(0, 1), st.sampled_from([0.25, 0.5, 0.75, 1.0]))
ANSWERS = st.lists(st.tuples(CONFIDENCES, st.integers(0, 2), st.booleans()), min_size=1, max_size=60)


def chosen(
    answers: list[tuple[float, int, bool]], labels: int, precision: float, at_least: float = 0.0
) -> tuple[float, ...]:
    """Choose thresholds for answers given as confidence, label and whether it was right."""
    confidences, given_labels, right = (np.array(column) for column in zip(*answers, strict=True))
    return choose_thresholds(confidences, given_labels, right, labels, precision, at_least=at_least)


def test_a_threshold_is_where_enough_above_it_is_right() -> None:
    """Of label 0 nine are right and the tenth is wrong: the nine prove 10/11, and all ten only 10/12."""
    answers = [(0.9 - number / 100, 0, True) for number in range(9)] + [(0.5, 0, False)]
    assert chosen(answers, 1, 0.9) == (pytest.approx(0.82),)
    assert chosen(answers, 1, 0.8) == (0.5,)
    assert chosen(answers, 1, 0.95) == (NEVER,)


def test_few_documents_prove_nothing_of_their_own() -> None:
    """Three right out of three are 4/5: the label takes what all labels prove together."""
    answers = [(0.9, 0, True)] * 30 + [(0.6, 0, True)] + [(0.3, 1, True)] * 3
    assert chosen(answers, 2, 0.9) == (0.6, 0.3)
    assert chosen(answers[:31] + [(0.3, 1, False)] * 9, 2, 0.9) == (0.6, 0.6)


def test_a_label_that_spoils_the_whole_gives_all_the_common_threshold() -> None:
    """Label 0 is right often enough down to 0.4, but not with the errors of label 1 at 0.7 beside it."""
    good = [(0.8, 0, True)] * 100 + [(0.4, 0, True)] * 38 + [(0.4, 0, False)] * 4
    mixed = [(0.9, 1, True)] * 10 + [(0.7, 1, True)] * 15 + [(0.7, 1, False)] * 5
    assert chosen(good, 1, 0.95) == (0.4,)
    assert chosen(good + mixed, 2, 0.95) == (0.7, 0.7)


def test_documents_of_equal_confidence_are_accepted_together() -> None:
    """A threshold between equals would depend on their order."""
    answers = [(0.8, 0, True)] * 20 + [(0.8, 0, False)] * 20
    assert chosen(answers, 1, 0.9) == chosen(answers[::-1], 1, 0.9) == (NEVER,)


def test_no_threshold_is_below_the_least_one_wanted() -> None:
    """Whatever a label is right of at 0.2, more than a half may be asked for."""
    answers = [(0.9, 0, True)] * 20 + [(0.6, 0, True), (0.2, 0, True)]
    assert chosen(answers, 1, 0.9) == (0.2,)
    assert chosen(answers, 1, 0.9, at_least=0.5) == (0.6,)
    assert chosen(answers, 1, 0.9, at_least=0.95) == (NEVER,)


@given(ANSWERS, st.floats(0.5, 0.999), st.sampled_from([0.0, 0.5]))
def test_what_is_accepted_proves_the_precision(
    answers: list[tuple[float, int, bool]], precision: float, at_least: float
) -> None:
    """Over all labels, by Laplace's rule; and a threshold is a confidence that was met, or never."""
    thresholds = chosen(answers, 3, precision, at_least)
    accepted = [right for confidence, label, right in answers if confidence >= thresholds[label]]
    assert not accepted or (sum(accepted) + 1) / (len(accepted) + 2) >= precision
    met = {confidence for confidence, _, _ in answers if confidence >= at_least}
    assert set(thresholds) <= met | {NEVER}
