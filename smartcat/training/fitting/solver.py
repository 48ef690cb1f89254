"""The solver on arrays: one class against all others, by dual coordinate descent. Knows no label and no text.

The compiled engine's where it is built (``smartcat/classifier/_engine/dual_descent.c``), else scikit-learn's:
the same objective by the same method, several times slower. Classes are shared out among threads here.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from smartcat.classifier import native_binding
from smartcat.training.solver_context import ignore_solver_warnings

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr

BLOCK: Final = 16
"""Classes that the engine fits side by side."""
TOLERANCE: Final = 0.05
"""Measured on 20 Newsgroups and court pages: 999 in 1,000 documents get the label that a fit fifty times as
close gives them, in half the time."""
ROUGH_TOLERANCE: Final = 0.3
"""Close enough to rank candidates and features, in half the time."""
MAX_EPOCHS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A fit.

    Attributes:
        weights: float32, ``features x classes``.
        intercepts: float32, ``(classes,)``.
        alpha: float32, ``rows x classes``: the dual variables, from which a fit with another C may start.
        converged: Whether the solver came to rest within its passes.
    """

    weights: npt.NDArray[np.float32]
    intercepts: npt.NDArray[np.float32]
    alpha: npt.NDArray[np.float32]
    converged: bool


@dataclass(frozen=True, slots=True)
class Objective:
    """What is minimised for each class, as LIBLINEAR does (Fan et al. 2008).

    Half the squared length of the weights and of the intercept, plus the costs times the losses of the rows:
    ``max(0, 1 - m)**2`` of the margin ``m``, or ``log(1 + exp(-m))``.

    Attributes:
        logistic: Whether the loss is the logistic one; else the squared hinge.
        inside: Cost of a row of the class, for each class; from a millionth to a million.
        outside: Cost of a row of any other, for each class; likewise.
    """

    logistic: bool
    inside: npt.NDArray[np.float64]
    outside: npt.NDArray[np.float64]


def minimise(
    matrix: Csr,
    targets: npt.NDArray[np.int64],
    objective: Objective,
    *,
    tolerance: float = TOLERANCE,
    seed: int,
    start: npt.NDArray[np.float32] | None = None,
    threads: int | None = None,
) -> Solution:
    """Fit one linear classifier a class, each class against all others.

    Args:
        matrix: CSR matrix of features, float32, ``rows x features``.
        targets: Class of each row, ``(rows,)``; a row of no class is outside all.
        objective: The loss and the costs, whose number is the number of classes.
        tolerance: Largest spread of a class's projected gradients at rest, as LIBLINEAR's.
        seed: Seed of the order of the rows.
        start: Dual variables to start from, ``rows x classes``: any, but good ones save passes.
        threads: How many to use at most; all processors if not given. No number depends on it.

    Raises:
        ValueError: An array holds what it should not; says what.
    """
    if not native_binding.AVAILABLE:
        return minimise_by_sklearn(matrix, targets, objective, tolerance=tolerance, seed=seed)
    classes = len(objective.inside)
    arrays = (
        np.ascontiguousarray(matrix.indptr, dtype=np.int64),
        np.ascontiguousarray(matrix.indices, dtype=np.int32),
        np.ascontiguousarray(matrix.data, dtype=np.float32),
        np.ascontiguousarray(targets, dtype=np.int32),
    )
    weights = np.empty((matrix.shape[1], classes), dtype=np.float32)
    intercepts = np.empty(classes, dtype=np.float32)
    alpha = np.zeros((matrix.shape[0], classes), dtype=np.float32) if start is None else start.copy()

    def fit(first: int) -> bool:
        block = slice(first, min(first + BLOCK, classes))
        own = np.ascontiguousarray(alpha[:, block])
        epochs = native_binding.descend(
            *arrays,
            np.ascontiguousarray(objective.inside[block], dtype=np.float64),
            np.ascontiguousarray(objective.outside[block], dtype=np.float64),
            own,
            weights,
            intercepts,
            first=first,
            logistic=objective.logistic,
            tolerance=tolerance,
            max_epochs=MAX_EPOCHS,
            seed=seed,
        )
        alpha[:, block] = own
        return epochs <= MAX_EPOCHS

    blocks = range(0, classes, BLOCK)
    if len(blocks) == 1:
        return Solution(weights, intercepts, alpha, fit(0))
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        converged = all(list(pool.map(fit, blocks)))
    return Solution(weights, intercepts, alpha, converged)


def minimise_by_sklearn(
    matrix: Csr, targets: npt.NDArray[np.int64], objective: Objective, *, tolerance: float, seed: int
) -> Solution:
    """Do what :func:`minimise` does where the engine is not built; the dual variables stay unknown."""
    kind = _logistic_regression if objective.logistic else _support_vector_machine
    weights = np.zeros((matrix.shape[1], len(objective.inside)), dtype=np.float32)
    intercepts = np.zeros(len(objective.inside), dtype=np.float32)
    converged = True
    for number, (inside, outside) in enumerate(zip(objective.inside, objective.outside, strict=True)):
        truth = targets == number
        solver = kind({True: inside, False: outside}, tolerance, seed)
        if truth.all() or not truth.any():
            # Nothing to tell apart, which scikit-learn refuses: the intercept alone says so.
            intercepts[number] = 1.0 if truth.any() else -1.0
            continue
        with ignore_solver_warnings():
            solver.fit(matrix, truth)
        weights[:, number], intercepts[number] = solver.coef_[0], solver.intercept_[0]
        converged &= int(np.max(solver.n_iter_)) < MAX_EPOCHS
    return Solution(weights, intercepts, np.zeros((matrix.shape[0], len(intercepts)), np.float32), converged)


def _support_vector_machine(costs: dict[bool, float], tolerance: float, seed: int) -> LinearSVC:
    return LinearSVC(class_weight=costs, dual=True, tol=tolerance, max_iter=MAX_EPOCHS, random_state=seed)


def _logistic_regression(costs: dict[bool, float], tolerance: float, seed: int) -> LogisticRegression:
    return LogisticRegression(
        class_weight=costs,
        solver="liblinear",
        dual=True,
        tol=tolerance,
        max_iter=MAX_EPOCHS,
        random_state=seed,
    )
