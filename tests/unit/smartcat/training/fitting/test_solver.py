"""The solver: LIBLINEAR's objectives, the same bits under any number of threads, and clean errors alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_matrix

from smartcat.classifier import native_binding
from smartcat.training.fitting.solver import Objective, Solution, minimise, minimise_by_sklearn

COMPILED = pytest.mark.skipif(not native_binding.AVAILABLE, reason="the compiled engine is not built")
TIGHT = 1e-3


def problem(seed: int, rows: int, features: int, classes: int) -> tuple[Any, Any]:
    """Rows of length 1 whose class decides which features are likely, and empty ones among them."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, classes, rows)
    noise = random_matrix(rows, features, density=0.2, random_state=seed, format="lil", dtype=np.float32)
    for row, target in enumerate(targets):
        noise[row, target % features] += 0.5 if generator.random() < 0.8 else 0.0
    noise[rows // 2] = 0
    matrix = csr_matrix(noise)
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
    matrix = csr_matrix(matrix.multiply(1 / np.where(lengths > 0, lengths, 1)[:, None]), dtype=np.float32)
    return matrix, targets.astype(np.int64)


def value(matrix: Any, targets: Any, objective: Objective, solution: Solution) -> float:
    """The sum of what is minimised, in the plainest way."""
    total = 0.0
    for label in range(len(objective.inside)):
        weights, bias = solution.weights[:, label].astype(float), float(solution.intercepts[label])
        margins = np.where(targets == label, 1, -1) * (matrix @ weights + bias)
        losses = np.logaddexp(0, -margins) if objective.logistic else np.maximum(0, 1 - margins) ** 2
        costs = np.where(targets == label, objective.inside[label], objective.outside[label])
        total += 0.5 * float(weights @ weights + bias**2) + float((costs * losses).sum())
    return total


@COMPILED
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1),
    rows=st.integers(6, 60),
    features=st.integers(3, 40),
    classes=st.integers(1, 19),
    cost=st.sampled_from([0.1, 1.0, 5.0]),
    logistic=st.booleans(),
)
def test_it_finds_what_scikit_learn_finds(
    *, seed: int, rows: int, features: int, classes: int, cost: float, logistic: bool
) -> None:
    """The objective is scikit-learn's within a thousandth, whatever the classes, costs and loss."""
    matrix, targets = problem(seed, rows, features, classes + 1)
    inside = cost * np.linspace(0.5, 2, classes)
    objective = Objective(logistic, inside=inside, outside=np.full(classes, cost))
    ours = minimise(matrix, targets, objective, tolerance=TIGHT, seed=seed)
    theirs = minimise_by_sklearn(matrix, targets, objective, tolerance=1e-6, seed=seed)
    assert ours.converged
    assert value(matrix, targets, objective, ours) <= value(matrix, targets, objective, theirs) * 1.001 + 1e-3


@COMPILED
@pytest.mark.parametrize("logistic", [False, True])
def test_both_solvers_give_the_same_labels(*, logistic: bool) -> None:
    """At the tolerances of training, 995 of 1,000 rows get the same label from either."""
    matrix, targets = problem(seed=1, rows=1200, features=150, classes=7)
    objective = Objective(logistic, inside=np.ones(7), outside=np.ones(7))
    ours = minimise(matrix, targets, objective, seed=0)
    theirs = minimise_by_sklearn(matrix, targets, objective, tolerance=1e-4, seed=0)
    labels = [(matrix @ each.weights + each.intercepts).argmax(axis=1) for each in (ours, theirs)]
    assert (labels[0] == labels[1]).mean() >= 0.995


@COMPILED
def test_no_bit_depends_on_threads_or_on_other_classes() -> None:
    """One thread, many, or the classes one by one: the numbers are the same to the bit."""
    matrix, targets = problem(seed=2, rows=150, features=60, classes=37)
    objective = Objective(logistic=False, inside=np.full(37, 2.0), outside=np.ones(37))
    alone = minimise(matrix, targets, objective, seed=5, threads=1)
    many = minimise(matrix, targets, objective, seed=5, threads=8)
    assert alone.weights.tobytes() == many.weights.tobytes()
    assert alone.intercepts.tobytes() == many.intercepts.tobytes()
    assert alone.alpha.tobytes() == many.alpha.tobytes()


@COMPILED
@pytest.mark.parametrize("logistic", [False, True])
def test_a_good_start_saves_the_way_and_leads_to_the_same_end(
    *, logistic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its own solution the solver comes to rest in two passes; from nonsense it still arrives."""
    matrix, targets = problem(seed=3, rows=200, features=50, classes=4)
    objective = Objective(logistic, inside=np.ones(4), outside=np.ones(4))
    cold = minimise(matrix, targets, objective, tolerance=TIGHT, seed=0)
    nonsense = np.resize(np.array([np.nan, np.inf, -np.inf, -1, 1e30, 3], dtype=np.float32), (200, 4))
    lost = minimise(matrix, targets, objective, tolerance=TIGHT, seed=0, start=nonsense)
    assert np.allclose(lost.weights, cold.weights, atol=0.02)
    monkeypatch.setattr("smartcat.training.fitting.solver.MAX_EPOCHS", 2)
    warm = minimise(matrix, targets, objective, tolerance=0.01, seed=0, start=cold.alpha)
    assert warm.converged
    assert not minimise(matrix, targets, objective, tolerance=TIGHT, seed=0).converged


@COMPILED
def test_classes_without_rows_and_rows_without_classes_are_no_trouble() -> None:
    """A class of no row is never right, one of all rows always; no row at all gives zeros."""
    matrix, targets = problem(seed=4, rows=30, features=10, classes=2)
    objective = Objective(logistic=False, inside=np.ones(3), outside=np.ones(3))
    scores = matrix @ (found := minimise(matrix, np.zeros_like(targets), objective, seed=0)).weights
    scores = scores + found.intercepts
    assert (scores[:, 0] > 0).all()
    assert (scores[:, 1:] < 0).all()
    empty = minimise(csr_matrix((0, 10), dtype=np.float32), np.zeros(0, np.int64), objective, seed=0)
    assert not empty.weights.any()
    assert empty.converged


def call(**changes: Any) -> int:
    """Fit two classes on three rows of two features, with something changed."""
    arrays: dict[str, Any] = {
        "starts": np.array([0, 1, 1, 3], np.int64),
        "columns": np.array([0, 0, 1], np.int32),
        "values": np.array([1, 0.5, 0.5], np.float32),
        "targets": np.array([0, 1, 1], np.int32),
        "inside": np.ones(2),
        "outside": np.ones(2),
        "alpha": np.zeros((3, 2), np.float32),
        "weights": np.zeros((2, 2), np.float32),
        "intercepts": np.zeros(2, np.float32),
    }
    options: dict[str, Any] = {"first": 0, "logistic": False, "tolerance": 0.1, "max_epochs": 50, "seed": 0}
    for name, changed in changes.items():
        (arrays if name in arrays else options)[name] = changed
    return native_binding.descend(*arrays.values(), **options)


@COMPILED
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": np.array([0, 2, 1], np.int32)}, "a feature is out of range"),
        ({"columns": np.array([0, -1, 1], np.int32)}, "a feature is out of range"),
        ({"columns": np.array([0, 1], np.int32)}, "columns and values do not match"),
        ({"values": np.array([1, np.nan, 1], np.float32)}, "a value is no number"),
        ({"values": np.array([1, np.inf, 1], np.float32)}, "a value is no number"),
        ({"starts": np.array([0, 2, 1, 3], np.int64)}, "a row ends before it starts"),
        ({"starts": np.array([1, 2, 2, 3], np.int64)}, "the first row"),
        ({"starts": np.array([0, 1, 1, 4], np.int64)}, "the last row"),
        ({"starts": np.array([0, 1, 3], np.int64)}, "starts and targets do not match"),
        ({"starts": np.array([0, 2**62, 2**62, 3], np.int64)}, "a row ends before it starts"),
        ({"inside": np.array([1.0, np.nan])}, "costs"),
        ({"outside": np.array([1.0, 0.0])}, "costs"),
        ({"outside": np.ones(3)}, "inside and outside do not match"),
        ({"inside": np.ones(17), "outside": np.ones(17)}, "1 to 16 classes"),
        ({"inside": np.ones(0), "outside": np.ones(0)}, "1 to 16 classes"),
        ({"alpha": np.zeros((3, 1), np.float32)}, "alpha does not match"),
        ({"weights": np.zeros(3, np.float32)}, "weights do not match"),
        ({"intercepts": np.zeros(0, np.float32)}, "fewer classes"),
        ({"intercepts": np.zeros(1, np.float32)}, "fewer classes"),
        ({"first": 1}, "fewer classes"),
        ({"first": -1}, "no such class"),
        ({"first": 2**62}, "fewer classes"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"starts": np.zeros(33, np.uint8)[1:]}, "whole, aligned numbers"),
        ({"values": np.zeros(13, np.uint8)}, "whole, aligned numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    """Whatever the arrays hold, the answer is an error that says what is wrong; memory is never touched."""
    assert call() <= 50
    with pytest.raises(ValueError, match=message):
        call(**changes)


@COMPILED
def test_arrays_that_cannot_be_written_are_refused() -> None:
    """What the solution goes to must be writable."""
    with pytest.raises((BufferError, ValueError)):
        call(weights=bytes(16))
