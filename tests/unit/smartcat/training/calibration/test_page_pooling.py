from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.page_means import combine
from smartcat.classifier.rule import Page
from smartcat.training.calibration.page_pooling import pool_pages, sum_pages

SCORES = st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
PAGES = st.lists(st.tuples(SCORES, st.floats(-20, 20), st.integers(0, 1)), min_size=1, max_size=20)


@given(PAGES)
def test_units_are_combined_as_the_classifier_combines_pages(
    pages: list[tuple[tuple[float, float, float], float, int]],
) -> None:
    """What is learned from is what is decided by; units without pages are not there."""
    owners = np.cumsum([3 * step for _, _, step in pages])
    found = pool_pages(
        np.array([scores for scores, _, _ in pages]), np.array([weight for _, weight, _ in pages]), owners
    )
    assert found.examples.tolist() == sorted(set(owners.tolist()))
    for unit, scores, number in zip(found.examples, found.scores, found.pages, strict=True):
        mine = [Page(s, w) for (s, w, _), owner in zip(pages, owners, strict=True) if owner == unit]
        assert number == len(mine)
        assert scores.tolist() == pytest.approx(combine(mine), abs=1e-9)


def test_no_page_is_no_unit() -> None:
    """A fold of blank pages is no error."""
    found = pool_pages(np.zeros((0, 3)), np.zeros(0), np.zeros(0, dtype=np.int64))
    assert (len(found.examples), found.scores.shape, len(found.pages)) == (0, (0, 3), 0)


def test_counts_of_pages_are_added_up() -> None:
    """Two pages of unit 4 and one of unit 7, two columns."""
    counts = np.array([[1, 2], [3, 4], [5, 6]])
    assert sum_pages(counts, np.array([4, 4, 7])).tolist() == [[4, 6], [5, 6]]
