from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from smartcat.classifier.evidence import gather
from smartcat.classifier.rule import Link, Page, Pooling, Rule
from smartcat.training.calibration import parts
from smartcat.training.calibration.calibration import Calibration
from smartcat.training.calibration.parts import (
    distinct_pages,
    make_parts,
    pooled_probabilities,
    refine_calibration,
)

SCORES = st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))
PAGES = st.lists(
    st.tuples(SCORES, st.floats(-5, 5), st.integers(1, 40), st.integers(0, 1)), min_size=1, max_size=12
)
OFFSETS = np.array([0.1, 0.0, -0.1])
FULL = np.array([25])


def parts_of(pages: list[tuple[tuple[float, float, float], float, int, int]]) -> parts.Parts:
    """Make parts of pages: scores, logarithm of the weight, known features, and 1 for a new document."""
    documents = np.cumsum([new for *_, new in pages])
    return make_parts(
        np.array([scores for scores, *_ in pages]),
        OFFSETS,
        np.array([weight for _, weight, *_ in pages]),
        documents - documents[0],
        np.array([[known] for _, _, known, _ in pages]),
        FULL,
    )


@given(PAGES, st.floats(0, 8), st.floats(0, 1))
def test_probabilities_are_those_of_the_classifier(
    pages: list[tuple[tuple[float, float, float], float, int, int]], concentration: float, growth: float
) -> None:
    """What is learned with is what is decided with: parts, their shares, and the shrinking of thin ones."""
    calibration = Calibration(Link(2.0, 5.0, -0.2, growth), OFFSETS, concentration)
    pooling = Pooling(concentration, max_pages=99, full_features=(25,))
    rule = Rule(("a", "b", "c"), (0.0,) * 3, calibration.link, (0.5,) * 3, pooling=pooling)
    found = pooled_probabilities(calibration, parts_of(pages))
    documents = np.cumsum([new for *_, new in pages])
    for row, document in zip(found, np.unique(documents), strict=True):
        evidence = gather(
            rule,
            [
                # Distinct features tell equal pages apart, which parts take as different.
                Page(tuple(OFFSETS + scores), weight, distinct=(known + place,), known=(known,))
                for place, (scores, weight, known, _) in enumerate(pages)
                if documents[place] == document
            ],
        )
        assert evidence is not None
        assert row.tolist() == pytest.approx(evidence.chances, abs=1e-9)


@settings(max_examples=50)
@given(PAGES, st.data())
def test_the_gradient_is_that_of_finite_differences(
    pages: list[tuple[tuple[float, float, float], float, int, int]], data: st.DataObject
) -> None:
    """For any parts and any point within bounds; documents of one full part each have another minimiser."""
    made = parts_of(pages)
    truth = np.arange(int(made.documents[-1]) + 1) % 3
    assume(len(made.documents) > len(truth) or (made.fullness < 1).any())
    captured: list[Any] = []

    def capture(loss: Any, *args: Any, **options: Any) -> Any:
        captured.append(loss)
        raise StopIteration

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "minimize", capture)
        with pytest.raises(StopIteration):
            refine_calibration(Calibration(Link(), np.zeros(3)), made, truth)
    (loss,) = captured
    small = st.floats(-0.9, 0.9)
    point = np.array([*data.draw(st.tuples(*[st.floats(-1, 2)] * 2)), *data.draw(st.tuples(*[small] * 6))])
    point[3:5] = np.abs(point[3:5])
    # At the knee the slope jumps: a difference across it is no derivative.
    distance = np.abs(made.scores + point[5:] - point[2]).min()
    error = check_grad(lambda p: loss(p)[0], lambda p: loss(p)[1], point)
    assert error < 1e-4 * (1 + np.abs(loss(point)[1]).max()) or distance < 1e-6


def test_equal_rows_are_one_page() -> None:
    """The first of them counts, in each document."""
    first = distinct_pages(np.array([0, 0, 0, 1]), np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 3.0], [1.0, 2.0]]))
    assert first.tolist() == [True, False, True, True]


def test_what_so_many_pages_are_worth_takes_five_parts_to_know() -> None:
    """The fifth largest part sets the bound; fewer parts set what the smallest of them has."""
    pages = [((1.0, 0.0, 0.0), 0.0, 30, int(place == 0)) for _ in range(5) for place in range(2)]
    pages += [((1.0, 0.0, 0.0), 0.0, 30, int(place == 0)) for place in range(9)]
    assert parts_of(pages).most_pages() == 2
    assert parts_of(pages[-9:]).most_pages() == 9
