"""The auxiliary columns of a model, fitted on pages: how relevant a page is, and whether it is a first page.

The model format calls the columns ``pertinence`` and ``opening``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.fitting.linear_model import Weights
from smartcat.training.fitting.solver import Objective, minimise

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.training.feature_matrix import Dataset

MIN_DOCUMENTS: Final = 20
"""Documents of several pages below which neither column is learned."""


@dataclass(frozen=True, slots=True, eq=False)
class TeachingPages:
    """Which pages the auxiliary columns can be learned from: masks, ``(pages,)``.

    Attributes:
        relevance: Pages of examples of several pages; all false where there are too few such examples.
        first_page: All pages; all false where too few documents have several.
    """

    relevance: npt.NDArray[np.bool_]
    first_page: npt.NDArray[np.bool_]


def teaching_pages(data: Dataset) -> TeachingPages:
    """Return which pages the auxiliary columns can be learned from."""
    pages_of_example = np.bincount(data.examples, minlength=len(data.targets))
    group_of_page = data.groups[data.examples]
    pages_of_group = np.bincount(group_of_page, minlength=int(data.groups[-1]) + 1)
    relevance = pages_of_example[data.examples] > 1
    first_page = np.ones(len(data.examples), dtype=np.bool_)
    if (pages_of_example > 1).sum() < MIN_DOCUMENTS:
        relevance[:] = False
    if (pages_of_group > 1).sum() < MIN_DOCUMENTS:
        first_page[:] = False
    return TeachingPages(relevance, first_page)


def fit_page_relevance(matrix: Csr, classified_right: npt.NDArray[np.bool_], *, seed: int) -> Weights:
    """Fit the log odds that a page by itself gets the label of its document, ``kept x 1``.

    Args:
        matrix: CSR matrix of features, ``pages x kept``.
        classified_right: Which pages got it from a model that had not seen them, ``(pages,)``.
        seed: Seed of the solver.
    """
    return _fit_binary(matrix, classified_right, logistic=True, seed=seed)


def fit_first_page(matrix: Csr, first_page: npt.NDArray[np.bool_], *, seed: int) -> Weights:
    """Fit whether a page is the first of its document, ``kept x 1``: a margin, not yet a log odds.

    A support vector machine, as for labels: on scans and on contracts it was right more often than logistic
    regression of any regularisation tried, in a tenth of the time. Its margins become log odds on held-out
    page streams.

    Args:
        matrix: CSR matrix of features, ``pages x kept``.
        first_page: Which pages are, ``(pages,)``.
        seed: Seed of the solver.
    """
    return _fit_binary(matrix, first_page, logistic=False, seed=seed)


def _fit_binary(matrix: Csr, truth: npt.NDArray[np.bool_], *, logistic: bool, seed: int) -> Weights:
    if truth.all() or not truth.any():
        return Weights(np.zeros((matrix.shape[1], 1), np.float32), np.zeros(1, np.float32))
    objective = Objective(logistic, inside=np.ones(1), outside=np.ones(1))
    solution = minimise(matrix, np.where(truth, 0, -1), objective, seed=seed)
    return Weights(solution.weights, solution.intercepts)
