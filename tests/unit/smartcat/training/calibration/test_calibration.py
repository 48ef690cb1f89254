from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from smartcat.classifier.page_means import probabilities
from smartcat.classifier.rule import Link
from smartcat.training.calibration.calibration import Calibration, learn_calibration
from smartcat.training.calibration.link_loss import CORE, LinkLoss

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

SCORES = st.lists(st.lists(st.floats(-3, 3), min_size=3, max_size=3), min_size=2, max_size=8)
LINKS = st.builds(
    Link, above=st.floats(0.1, 9), below=st.floats(0.1, 9), knee=st.floats(-2, 2), growth=st.floats(0, 1)
)


def drawn(link: Link, offsets: list[float], documents: int, pages: Ints | None = None) -> tuple[Floats, Ints]:
    """Draw scores, and truths as often as the link says."""
    draw = np.random.default_rng(3)
    scores = draw.normal(-0.6, 0.5, size=(documents, len(offsets)))
    scores[np.arange(documents), draw.integers(0, len(offsets), documents)] += draw.uniform(0, 1.2, documents)
    pages = np.ones(documents, dtype=np.int64) if pages is None else pages
    chances = Calibration(link, np.array(offsets)).probabilities(scores, pages)
    truth = (chances.cumsum(axis=1) > draw.uniform(size=(documents, 1))).argmax(axis=1)
    return scores, truth


@given(LINKS, SCORES, st.integers(1, 50))
def test_probabilities_are_those_of_the_classifier(link: Link, rows: list[list[float]], pages: int) -> None:
    """What is learned with is what is decided with, offsets added to the scores."""
    offsets = np.array([0.25, -0.5, 0.0])
    found = Calibration(link, offsets).probabilities(np.array(rows), np.full(len(rows), pages))
    for row, chances in zip(rows, found, strict=True):
        assert chances.tolist() == pytest.approx(probabilities(offsets + row, link, pages), abs=1e-9)


def test_log_loss_matches_logarithms_done_by_hand() -> None:
    """Probabilities e/(e+1) and 1/(e+1) of the right label; a probability of 0 has a finite loss."""
    calibration = Calibration(Link(), np.zeros(2))
    scores, pages = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1, 1])
    right = math.e / (math.e + 1)
    expected = -(math.log(right) + math.log(1 - right)) / 2
    assert calibration.log_loss(scores, np.array([0, 1]), pages) == pytest.approx(expected)
    assert calibration.log_loss(scores * 1e4, np.array([1, 1]), pages) == pytest.approx(-math.log(1e-12))


@settings(max_examples=50)
@given(data=st.data(), rows=SCORES)
def test_the_gradient_is_that_of_finite_differences(data: st.DataObject, rows: list[list[float]]) -> None:
    """For any scores, pages, weights and any point within bounds."""
    several = st.lists(st.integers(1, 20), min_size=len(rows), max_size=len(rows))
    scores, pages = np.array(rows), np.array(data.draw(several))
    weights, truth = np.array(data.draw(several), dtype=np.float64), np.arange(len(rows)) % 3
    loss = LinkLoss(
        scores=scores,
        truth=truth,
        log_pages=np.log(pages),
        weight=weights / weights.sum(),
        smoothing=0.1,
        offset_penalty=0.01,
        knee_penalty=0.001,
    )
    small = st.floats(-0.9, 0.9)
    point = np.array([*data.draw(st.tuples(*[st.floats(-1, 2)] * 2)), *data.draw(st.tuples(*[small] * 5))])
    point[3] = abs(point[3])
    # At the knee the slope jumps: a difference across it is no derivative.
    distance = np.abs(scores + point[4:] - point[2]).min()
    error = check_grad(loss.value, lambda p: loss.curvature(p).gradient, point)
    assert error < 1e-4 * (1 + np.abs(loss.curvature(point).gradient).max()) or distance < 1e-6


@given(data=st.data(), rows=SCORES)
def test_the_curvature_is_the_covariance_of_the_steps(data: st.DataObject, rows: list[list[float]]) -> None:
    """The Fisher information, summed in the plainest way; the offsets' diagonal bounds their own."""
    scores, count = np.array(rows), len(rows)
    pages = np.array(data.draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)))
    loss = LinkLoss(
        scores=scores,
        truth=np.arange(count) % 3,
        log_pages=np.log(pages),
        weight=np.full(count, 1 / count),
        smoothing=0.1,
        offset_penalty=0.0,
        knee_penalty=0.0,
    )
    point = np.array([0.5, 1.0, -0.2, 0.3, 0.1, 0.0, -0.1])
    expected = np.zeros((7, 7))
    link = Link(above=math.exp(0.5), below=math.exp(1.0), knee=-0.2, growth=0.3)
    chances = Calibration(link, point[CORE:]).probabilities(scores, pages)
    for row in range(count):
        distance = scores[row] + point[CORE:] + 0.2
        slopes = np.where(distance > 0, link.above, link.below) * pages[row] ** 0.3
        logits = slopes * distance
        steps = np.zeros((3, 7))
        steps[:, 0], steps[:, 1] = logits * (distance > 0), logits * (distance <= 0)
        steps[:, 2], steps[:, 3], steps[:, CORE:] = -slopes, logits * math.log(pages[row]), np.diag(slopes)
        shares = chances[row]
        expected += (steps.T @ (np.diag(shares) - np.outer(shares, shares)) @ steps) / count
    found = loss.curvature(point)
    scale = 1 + np.abs(expected).max()
    assert np.abs(found.core - expected[:CORE, :CORE]).max() < 1e-9 * scale
    assert np.abs(found.border - expected[:CORE, CORE:]).max() < 1e-9 * scale
    assert np.linalg.eigvalsh(np.diag(found.diagonal) - expected[CORE:, CORE:]).min() > -1e-9 * scale


def test_a_known_link_is_found_again() -> None:
    """Truths drawn by a link with a knee and a correction give back about that link."""
    link = Link(above=2.0, below=6.0, knee=-0.3)
    scores, truth = drawn(link, [0.2, 0.0, -0.2], 6000)
    found = learn_calibration(scores, truth)
    assert found.link.above == pytest.approx(2.0, rel=0.2)
    assert found.link.below == pytest.approx(6.0, rel=0.2)
    assert found.link.knee == pytest.approx(-0.3, abs=0.1)
    assert found.offsets - found.offsets.mean() == pytest.approx([0.2, 0.0, -0.2], abs=0.05)
    pages = np.ones(len(truth), dtype=np.int64)
    best = Calibration(link, np.array([0.2, 0.0, -0.2])).log_loss(scores, truth, pages)
    assert found.log_loss(scores, truth, pages) <= best + 0.002


@pytest.mark.parametrize("growth", [0.0, 0.5])
def test_growth_is_found_again(growth: float) -> None:
    """How much more scores of several pages are worth is learned where there are such."""
    pages = np.where(np.arange(4000) % 2, 9, 1)
    scores, truth = drawn(Link(above=1.5, below=1.5, growth=growth), [0.0, 0.0, 0.0], 4000, pages)
    found = learn_calibration(scores, truth, pages)
    assert found.link.growth == pytest.approx(growth, abs=0.1)


def test_single_pages_teach_no_growth() -> None:
    """Where nothing has several pages, they are worth as much as one."""
    scores, truth = drawn(Link(), [0.0, 0.0], 200)
    assert learn_calibration(scores, truth).link.growth == 0.0


def test_a_few_right_documents_are_no_certainty() -> None:
    """Three right out of three claim about four fifths: Laplace's rule of succession."""
    scores = np.tile([1.0, 0.0], (3, 1))
    found = learn_calibration(scores, np.array([0, 0, 0]))
    confidence = found.probabilities(scores, np.ones(3, dtype=np.int64))[0, 0]
    assert confidence == pytest.approx(4 / 5, abs=0.03)


def test_useless_scores_claim_next_to_nothing() -> None:
    """Scores that say nothing of the label give nearly equal probabilities."""
    draw = np.random.default_rng(1)
    scores, truth = draw.normal(size=(2000, 4)), draw.integers(0, 4, 2000)
    found = learn_calibration(scores, truth)
    assert found.probabilities(scores, np.ones(2000, dtype=np.int64)).max() < 0.45


def test_only_shares_of_weight_count() -> None:
    """Documents that all count ten times as much teach the same; one that counts nothing teaches nothing."""
    scores, truth = drawn(Link(above=2.0, below=3.0), [0.0, 0.1, 0.0], 60)
    pages = np.ones(60, dtype=np.int64)
    plain = learn_calibration(scores, truth)
    tenfold = learn_calibration(scores, truth, pages, np.full(60, 10.0))
    assert tenfold.link.above == pytest.approx(plain.link.above, rel=1e-3)
    wrong = truth.copy()
    wrong[0] = (wrong[0] + 1) % 3
    weights = np.ones(60)
    weights[0] = 0
    first, second = (learn_calibration(scores, labels, pages, weights) for labels in (truth, wrong))
    assert first.link == second.link


@settings(max_examples=30)
@given(SCORES)
def test_whatever_is_learned_is_a_link(rows: list[list[float]]) -> None:
    """Slopes above 0, growth 0 to 1, corrections that float32 holds, the same at every call."""
    scores, truth = np.array(rows), np.arange(len(rows)) % 2
    found, again = learn_calibration(scores, truth), learn_calibration(scores, truth)
    assert 0.04 < found.link.above < 201
    assert 0.04 < found.link.below < 201
    assert abs(found.link.knee) <= 2
    assert 0 <= found.link.growth <= 1
    assert np.array_equal(found.offsets, found.offsets.astype(np.float32))
    assert np.abs(found.offsets).max() <= 1
    assert found.link == again.link
    assert np.array_equal(found.offsets, again.offsets)
