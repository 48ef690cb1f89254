"""One fit of the linear model: counted pages in, weights out. Knows neither folds nor confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from smartcat.classifier.features import keep, lookup, weigh
from smartcat.training.errors import TrainingError
from smartcat.training.fitting.naive_bayes import naive_bayes_weights
from smartcat.training.fitting.solver import TOLERANCE, Objective, minimise
from smartcat.training.page_counts import PageCounts

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeatureSpec
    from smartcat.training.hyperparameters import Hyperparameters


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

    def matrix(self, counts: Csr | PageCounts) -> Csr:
        """Return weighted features for rows of counts: ``rows x width`` in, ``rows x kept`` out."""
        if isinstance(counts, PageCounts):
            return counts.weigh(self.spec, self.features, self.idf)
        known = keep(counts, lookup(self.features, self.spec.width), len(self.features))
        return weigh(self.spec, known, self.part_starts, self.idf)

    @property
    def part_starts(self) -> npt.NDArray[np.int64]:
        """Index of the first feature of each part, ``(parts,)``."""
        buckets = np.arange(len(self.spec.parts), dtype=np.int64) * self.spec.n_features
        return np.searchsorted(self.features, buckets)

    def select(self, kept: npt.NDArray[np.int64]) -> Vocabulary:
        """Return the vocabulary of some of the features, given by ascending indices in this one."""
        return Vocabulary(self.spec, self.features[kept], None if self.idf is None else self.idf[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The weights of a linear model.

    Attributes:
        weights: float32, ``kept x columns``.
        intercept: float32, ``(columns,)``.
        converged: Whether the solver came to rest within its passes.
    """

    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float32]
    converged: bool = True

    def scores(self, matrix: Csr) -> npt.NDArray[np.float32]:
        """Return the scores of rows, ``rows x columns``."""
        margins: npt.NDArray[np.float32] = matrix @ self.weights
        return margins + self.intercept

    def plus(self, weights: npt.NDArray[np.float32]) -> Weights:
        """Return the weights with others added, ``kept x columns``."""
        return Weights(self.weights + weights, self.intercept, self.converged)

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


def learn_vocabulary(
    counts: Csr | PageCounts,
    spec: FeatureSpec,
    *,
    min_pages: int,
    distinct: npt.NDArray[np.int64] | None = None,
) -> Vocabulary:
    """Return which features there are and how rare each is.

    Args:
        counts: Counts, ``pages x width``.
        spec: How text becomes features.
        min_pages: Features on fewer pages are left out, >= 1: they count as unknown.
        distinct: Equal numbers for pages that count as one, because one is a copy of the other, ``(pages,)``;
            ``None`` where all count.

    Returns:
        The vocabulary; idf is ``ln((1 + pages) / (1 + pages with the feature)) + 1``, scikit-learn's smoothed
        form.

    Raises:
        TrainingError: Every feature was left out.
    """
    pages = counts.shape[0]
    if isinstance(counts, PageCounts):
        frequency = counts.frequency()
    else:
        frequency = np.bincount(counts.indices, minlength=spec.width)
    if distinct is not None:
        _, number, size = np.unique(distinct, return_inverse=True, return_counts=True)
        pages = len(size)
        copied = np.flatnonzero(size[number] > 1)
        several = counts[copied].to_csr() if isinstance(counts, PageCounts) else counts[copied]
        rows = (number[copied], np.arange(len(copied)))
        merge = csr_matrix((np.ones(len(copied)), rows), (pages, len(copied)))
        # Counts are above 0: no sum of them vanishes.
        frequency += np.bincount((merge @ several).indices, minlength=spec.width)
        frequency -= np.bincount(several.indices, minlength=spec.width)
    return frequent_features(frequency, pages, spec, min_pages=min_pages)


def frequent_features(
    frequency: npt.NDArray[Any],
    pages: int,
    spec: FeatureSpec,
    *,
    min_pages: int,
    max_features: int | None = None,
) -> Vocabulary:
    """Return the vocabulary of the features that occur on enough pages; see :func:`learn_vocabulary`.

    Args:
        frequency: How many pages have each feature, ``(width,)``.
        pages: Number of pages.
        spec: How text becomes features.
        min_pages: Features on fewer pages are left out, >= 1.
        max_features: Features wanted, at most: those on the most pages, of equals the first; ``None`` for
            all.

    Raises:
        TrainingError: Every feature was left out.
    """
    features = np.flatnonzero(frequency >= min_pages)
    if not len(features):
        raise TrainingError(f"no word occurs on {min_pages} pages; expected more text or a lower min_pages")
    if max_features is not None and len(features) > max_features:
        rarest_last = np.argsort(-frequency[features].astype(np.int64), kind="stable")
        features = np.sort(features[rarest_last[:max_features]])
    return vocabulary_of(features, frequency, pages, spec)


def vocabulary_of(
    features: npt.NDArray[np.int64], frequency: npt.NDArray[Any], pages: int, spec: FeatureSpec
) -> Vocabulary:
    """Return the vocabulary of these features, given in ascending order; see :func:`frequent_features`."""
    idf = np.log((1.0 + pages) / (1.0 + frequency[features])) + 1.0
    return Vocabulary(spec, features, np.asarray(idf, dtype=np.float32) if spec.idf else None)


def fit_labels(
    matrix: Csr,
    targets: npt.NDArray[np.int64],
    labels: int,
    hyperparameters: Hyperparameters,
    *,
    seed: int,
    tolerance: float = TOLERANCE,
    start: npt.NDArray[np.float32] | None = None,
) -> tuple[Weights, npt.NDArray[np.float32]]:
    """Fit one linear classifier a label, each against the rest, and add its share of naive Bayes.

    Args:
        matrix: CSR matrix of features, ``pages x kept``.
        targets: Index of each page's label, ``(pages,)``; at least two labels occur.
        labels: Number of labels; those that do not occur get the weights of a label that is never right.
        hyperparameters: How to fit.
        seed: Seed of the solver.
        tolerance: When the solver has come close enough; larger is sooner.
        start: What to start from, as :func:`solve_labels` says.

    Returns:
        The weights, and dual variables that a similar fit may start from; the same arguments give the same
        numbers.
    """
    weights, alpha = solve_labels(
        matrix, targets, labels, hyperparameters, seed=seed, tolerance=tolerance, start=start
    )
    if hyperparameters.naive_bayes:
        bayes = naive_bayes_weights(matrix, targets, labels)
        weights = weights.plus(np.float32(hyperparameters.naive_bayes) * bayes)
    return weights, alpha


def solve_labels(
    matrix: Csr,
    targets: npt.NDArray[np.int64],
    labels: int,
    hyperparameters: Hyperparameters,
    *,
    seed: int,
    tolerance: float = TOLERANCE,
    start: npt.NDArray[np.float32] | None = None,
) -> tuple[Weights, npt.NDArray[np.float32]]:
    """Do what :func:`fit_labels` does, without naive Bayes.

    Args:
        matrix: As there.
        targets: As there.
        labels: As there.
        hyperparameters: As there; naive Bayes is left out.
        seed: As there.
        tolerance: As there.
        start: Dual variables to start from, ``pages x labels``, such as this function returned for these
            pages with the same loss and other features or costs; saves passes. 0 for pages new to it.

    Returns:
        The weights, and dual variables that a similar fit may start from.
    """
    classes, compact = np.unique(targets, return_inverse=True)
    # Two classes have one weight vector, as scikit-learn's.
    fitted = compact - 1 if len(classes) == 2 else compact
    columns = classes[1:] if len(classes) == 2 else classes
    solution = minimise(
        matrix,
        fitted,
        _objective(compact, len(classes), hyperparameters),
        tolerance=tolerance,
        seed=seed,
        start=None if start is None else start[:, columns],
    )
    alpha = np.zeros((len(targets), labels), dtype=np.float32)
    alpha[:, columns] = solution.alpha
    weights = one_column_per_label(
        solution.weights.T, solution.intercepts, classes, labels, converged=solution.converged
    )
    return weights, alpha


def _objective(targets: npt.NDArray[np.int64], classes: int, hyperparameters: Hyperparameters) -> Objective:
    """Return the costs that scikit-learn's one-vs-rest gives rows."""
    inside, outside = np.ones(classes), np.ones(classes)
    logistic = hyperparameters.loss == "log"
    if hyperparameters.class_weight == "balanced":
        sizes = np.bincount(targets, minlength=classes)
        if classes == 2 or logistic:
            inside, outside = len(targets) / (2 * sizes), len(targets) / (2 * (len(targets) - sizes))
        else:
            # LinearSVC weighs a label's own rows, and leaves those of all others as they are.
            inside = len(targets) / (classes * sizes)
    costs = hyperparameters.regularisation * inside, hyperparameters.regularisation * outside
    last = slice(1, None) if classes == 2 else slice(None)
    return Objective(logistic, costs[0][last], costs[1][last])


def one_column_per_label(
    coefficients: npt.NDArray[Any],
    intercepts: npt.NDArray[Any],
    classes: npt.NDArray[np.int64],
    labels: int,
    *,
    converged: bool,
) -> Weights:
    """Return a solver's coefficients as weights, one column a label.

    Args:
        coefficients: One row a class, or one for both of two classes, ``classes x kept``.
        intercepts: One a row of ``coefficients``.
        classes: Index of each class's label, ``(classes,)``.
        labels: Number of labels; those that are no class get the weights of one that is never right.
        converged: Whether the solver came to rest.
    """
    if len(coefficients) == 1:
        # scikit-learn keeps one row for two classes; the other's has opposite signs.
        coefficients = np.vstack((-coefficients, coefficients))
        intercepts = np.concatenate((-intercepts, intercepts))
    weights = np.zeros((coefficients.shape[1], labels), dtype=np.float32)
    intercept = np.full(labels, -1.0, dtype=np.float32)
    weights[:, classes] = coefficients.T
    intercept[classes] = intercepts
    return Weights(weights, intercept, converged)
