"""One fit: counted pages in, weights of a linear model out. Knows neither folds nor confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from smartcat.classifier.features import keep, lookup, weigh
from smartcat.training.errors import TrainingError
from smartcat.training.naive_bayes import naive_bayes_of
from smartcat.training.quiet import quiet

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeatureSpec
    from smartcat.training.options import Way

# Ten times scikit-learn's default: a fifth less time on 20 Newsgroups, at the same held-out accuracy.
TOLERANCE: Final = 1e-3
_MAX_ITERATIONS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The features that a model knows.

    Attributes:
        spec: How text becomes features.
        features: Global index of each, ascending, ``(kept,)``.
        idf: How rare each is, > 0, ``(kept,)``; ``None`` where the spec uses no idf.
    """

    spec: FeatureSpec
    features: npt.NDArray[np.int64]
    idf: npt.NDArray[np.float32] | None

    def matrix(self, counts: Csr) -> Csr:
        """Give rows of counts their weights, ``rows x width`` in, ``rows x kept`` out."""
        known = keep(counts, lookup(self.features, self.spec.width), len(self.features))
        return weigh(self.spec, known, self.part_starts, self.idf)

    @property
    def part_starts(self) -> npt.NDArray[np.int64]:
        """Place of the first feature of each part, ``(parts,)``."""
        buckets = np.arange(len(self.spec.parts), dtype=np.int64) * self.spec.n_features
        return np.searchsorted(self.features, buckets)

    def part(self, kept: npt.NDArray[np.int64]) -> Vocabulary:
        """Return the vocabulary of some of the features, given by ascending places in this one."""
        return Vocabulary(self.spec, self.features[kept], None if self.idf is None else self.idf[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What a solver found.

    Attributes:
        weights: float32, ``kept x columns``.
        intercept: float32, ``(columns,)``.
        converged: Whether the solver came to rest within its passes.
    """

    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float32]
    converged: bool = True

    def scores(self, matrix: Csr) -> npt.NDArray[np.float32]:
        """Score rows, ``rows x columns``."""
        margins: npt.NDArray[np.float32] = matrix @ self.weights
        return margins + self.intercept

    def shifted(self, offsets: npt.NDArray[np.float64]) -> Weights:
        """Return the weights with something added to each column's score, ``(columns,)``."""
        return Weights(self.weights, (self.intercept + offsets).astype(np.float32), self.converged)

    def times(self, factor: float) -> Weights:
        """Return the weights that give scores ``factor`` times as large."""
        scale = np.float32(factor)
        return Weights(self.weights * scale, self.intercept * scale, self.converged)

    def beside(self, other: Weights) -> Weights:
        """Return both, the other's columns last."""
        return Weights(
            np.hstack((self.weights, other.weights)),
            np.concatenate((self.intercept, other.intercept)),
            self.converged and other.converged,
        )


def learn_vocabulary(counts: Csr, spec: FeatureSpec, *, min_pages: int) -> Vocabulary:
    """Learn which features there are and how rare each is.

    Args:
        counts: CSR matrix of counts, ``pages x width``.
        spec: How text becomes features.
        min_pages: Features on fewer pages are left out, >= 1: they count as unknown.

    Returns:
        The vocabulary; idf is ``ln((1 + pages) / (1 + pages with the feature)) + 1``, scikit-learn's smoothed
        form.

    Raises:
        TrainingError: Every feature was left out.
    """
    frequency = np.bincount(counts.indices, minlength=spec.width)
    return frequent(frequency, counts.shape[0], spec, min_pages=min_pages)


def frequent(
    frequency: npt.NDArray[Any], pages: int, spec: FeatureSpec, *, min_pages: int, most: int | None = None
) -> Vocabulary:
    """Make the vocabulary of the features that occur on enough pages; see :func:`learn_vocabulary`.

    Args:
        frequency: How many pages have each feature, ``(width,)``.
        pages: Number of pages.
        spec: How text becomes features.
        min_pages: Features on fewer pages are left out, >= 1.
        most: Features wanted, at most: those on the most pages, of equals the first; ``None`` for all.

    Raises:
        TrainingError: Every feature was left out.
    """
    features = np.flatnonzero(frequency >= min_pages)
    if not len(features):
        raise TrainingError(f"no word occurs on {min_pages} pages; expected more text or a lower min_pages")
    if most is not None and len(features) > most:
        rarest_last = np.argsort(-frequency[features].astype(np.int64), kind="stable")
        features = np.sort(features[rarest_last[:most]])
    return known_features(features, frequency, pages, spec)


def known_features(
    features: npt.NDArray[np.int64], frequency: npt.NDArray[Any], pages: int, spec: FeatureSpec
) -> Vocabulary:
    """Make the vocabulary of these features, given in ascending order; see :func:`frequent`."""
    idf = np.log((1.0 + pages) / (1.0 + frequency[features])) + 1.0
    return Vocabulary(spec, features, np.asarray(idf, dtype=np.float32) if spec.idf else None)


def fit_labels(
    matrix: Csr,
    targets: npt.NDArray[np.int64],
    labels: int,
    way: Way,
    *,
    seed: int,
    tolerance: float = TOLERANCE,
) -> Weights:
    """Fit one linear classifier a label, each against the rest.

    Args:
        matrix: CSR matrix of features, ``pages x kept``.
        targets: Index of each page's label, ``(pages,)``; at least two labels occur.
        labels: Number of labels; those that do not occur get the weights of a label that is never right.
        way: How to learn.
        seed: Seed of the solver.
        tolerance: When the solver has come close enough; larger is sooner.

    Returns:
        The weights; the same arguments give the same numbers.
    """
    solver = _solver(way, seed, tolerance)
    with quiet():
        solver.fit(matrix, targets)
    found = _one_column_a_label(solver, labels)
    if not way.naive_bayes:
        return found
    return Weights(
        found.weights + way.naive_bayes * naive_bayes_of(matrix, targets, labels),
        found.intercept,
        found.converged,
    )


def fit_yes_no(matrix: Csr, truth: npt.NDArray[np.bool_], *, seed: int) -> Weights:
    """Fit the log odds of a yes-or-no question about a page, ``kept x 1``.

    Args:
        matrix: CSR matrix of features, ``pages x kept``.
        truth: The answers, ``(pages,)``.
        seed: Seed of the solver.
    """
    if truth.all() or not truth.any():
        return Weights(np.zeros((matrix.shape[1], 1), np.float32), np.zeros(1, np.float32))
    solver = LogisticRegression(solver="liblinear", max_iter=_MAX_ITERATIONS, random_state=seed)
    with quiet():
        solver.fit(matrix, truth)
    return Weights(solver.coef_.T.astype(np.float32), solver.intercept_.astype(np.float32))


def fit_opening(matrix: Csr, opens: npt.NDArray[np.bool_], *, seed: int) -> Weights:
    """Fit whether a page is the first of its document, ``kept x 1``: a margin, not yet a log odds.

    A support vector machine, as for labels: on scans and on contracts it was right more often than logistic
    regression of any regularisation tried, in a tenth of the time. What its margins are worth is learned on
    held-out stacks.

    Args:
        matrix: CSR matrix of features, ``pages x kept``.
        opens: Which pages are, ``(pages,)``.
        seed: Seed of the solver.
    """
    if opens.all() or not opens.any():
        return Weights(np.zeros((matrix.shape[1], 1), np.float32), np.zeros(1, np.float32))
    solver = LinearSVC(dual="auto", tol=TOLERANCE, max_iter=_MAX_ITERATIONS, random_state=seed)
    with quiet():
        solver.fit(matrix, opens)
    return Weights(solver.coef_.T.astype(np.float32), solver.intercept_.astype(np.float32))


def _solver(way: Way, seed: int, tolerance: float) -> LinearSVC | OneVsRestClassifier:
    if way.loss == "squared_hinge":
        return LinearSVC(
            C=way.regularisation,
            class_weight=way.class_weight,
            dual="auto",
            tol=tolerance,
            max_iter=_MAX_ITERATIONS,
            random_state=seed,
        )
    logistic = LogisticRegression(
        C=way.regularisation,
        class_weight=way.class_weight,
        solver="liblinear",
        tol=tolerance,
        max_iter=_MAX_ITERATIONS,
        random_state=seed,
    )
    return OneVsRestClassifier(logistic)


def _one_column_a_label(solver: LinearSVC | OneVsRestClassifier, labels: int) -> Weights:
    if isinstance(solver, OneVsRestClassifier):
        coefficients = np.vstack([each.coef_ for each in solver.estimators_])
        intercepts = np.concatenate([each.intercept_ for each in solver.estimators_])
        passes = max(int(np.max(each.n_iter_)) for each in solver.estimators_)
    else:
        coefficients, intercepts = solver.coef_, solver.intercept_
        passes = int(np.max(solver.n_iter_))
    if len(coefficients) == 1:
        # Two labels share one row, with opposite signs.
        coefficients = np.vstack((-coefficients, coefficients))
        intercepts = np.concatenate((-intercepts, intercepts))
    weights = np.zeros((coefficients.shape[1], labels), dtype=np.float32)
    intercept = np.full(labels, -1.0, dtype=np.float32)
    weights[:, solver.classes_] = coefficients.T
    intercept[solver.classes_] = intercepts
    return Weights(weights, intercept, converged=passes < _MAX_ITERATIONS)
