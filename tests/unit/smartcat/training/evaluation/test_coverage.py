from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.evaluation.coverage import Coverage
from smartcat.training.evaluation.metrics import wilson_interval

ANSWERS = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.7, 0.9, 1.0]), st.booleans()), min_size=1)


def made_of(rows: list[tuple[float, bool]]) -> Coverage:
    """Give the coverage over answers of (confidence, right)."""
    return Coverage(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))


def test_curve_matches_a_table_done_by_hand() -> None:
    """The surest first; two of one confidence come together, and one without evidence never."""
    found = made_of([(0.5, False), (0.9, True), (0.0, True), (0.5, True)]).curve()
    assert [(point.confidence, point.documents, point.coverage) for point in found] == [
        (0.9, 1, 0.25),
        (0.5, 3, 0.75),
    ]
    assert [point.precision for point in found] == [1.0, pytest.approx(2 / 3)]
    assert found[1].interval == wilson_interval(2, 3)


def test_target_takes_the_most_that_is_still_right_enough() -> None:
    """A dip below the target on the way does not count, what lies behind it does."""
    rows = [(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, True), (0.4, False)]
    at = made_of(rows).at(0.8).point
    assert at is not None
    assert (at.confidence, at.documents, at.precision) == (0.5, 5, 0.8)
    assert made_of(rows).at(0.81).point == made_of(rows).curve()[0]
    assert made_of([(0.9, False)]).at(0.5).point is None


@given(ANSWERS, st.sampled_from([0.5, 0.9, 0.99]))
def test_a_point_is_what_its_threshold_would_give(rows: list[tuple[float, bool]], wanted: float) -> None:
    """Counting what reaches the confidence of a point gives its numbers; no other has more at the target."""
    coverage = made_of(rows)

    def accepted(confidence: float) -> list[bool]:
        return [right for sure, right in rows if sure >= confidence]

    for point in coverage.curve():
        taken = accepted(point.confidence)
        assert (point.documents, point.precision) == (len(taken), sum(taken) / len(taken))
    enough = [
        len(taken)
        for confidence in {row[0] for row in rows} - {0.0}
        if sum(taken := accepted(confidence)) / len(taken) >= wanted
    ]
    found = coverage.at(wanted).point
    assert (found.documents if found else 0) == max(enough, default=0)


def test_a_long_curve_keeps_its_ends() -> None:
    """Ten thousand confidences become two hundred points, from the surest document to all of them."""
    rows = [((number + 1) / 10_000, number % 3 > 0) for number in range(10_000)]
    points = made_of(rows).curve()
    assert len(points) == 200
    assert (points[0].documents, points[-1].documents) == (1, 10_000)
    steps = [after.documents - before.documents for before, after in pairwise(points)]
    assert max(steps) < 60
