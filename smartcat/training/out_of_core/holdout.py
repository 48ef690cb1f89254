"""The holdout of a corpus larger than memory, scored by the model that was fitted without it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.features import entries_per_part
from smartcat.training.cross_validation import HeldOutScores, pages_of_folds
from smartcat.training.errors import TrainingError
from smartcat.training.fitting.page_columns import fit_first_page, fit_page_relevance, teaching_pages
from smartcat.training.fitting.pruning import as_stored
from smartcat.training.folds import copy_folds

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from smartcat.training.feature_matrix import Dataset, FeatureMatrix
    from smartcat.training.fitting.linear_model import Weights
    from smartcat.training.fitting.pruning import PrunedFit
    from smartcat.training.hyperparameters import TrainingOptions


def score_holdout(features: FeatureMatrix, fit: PrunedFit, options: TrainingOptions) -> HeldOutScores:
    """Score held-out documents by a model that has not seen them.

    The auxiliary columns are cross-validated on the held-out documents themselves.

    Args:
        features: The documents.
        fit: What was learned from all others.
        options: Sizes, seed and so on.
    """
    data = features.data
    matrix = fit.vocabulary.matrix(features.counts)
    scores = as_stored(fit.weights, options).scores(matrix).astype(np.float64)
    full_scores = fit.full_weights.scores(fit.full_vocabulary.matrix(features.counts))
    classified_right = scores.argmax(axis=1) == data.page_targets
    teaching = teaching_pages(data)
    folds = _folds(data, options) if teaching.relevance.any() or teaching.first_page.any() else None

    def score_column(
        fit_column: Callable[..., Weights], truth: npt.NDArray[np.bool_], taught: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float64]:
        column_scores = np.zeros(len(truth))
        for inside, outside in pages_of_folds(data, folds) if folds is not None else ():
            pages = inside[taught[inside]]
            if len(pages):
                column = fit_column(matrix[pages], truth[pages], seed=options.seed)
                column_scores[outside] = column.scores(matrix[outside])[:, 0]
        return column_scores

    return HeldOutScores(
        pages=np.arange(len(data.examples)),
        scores=scores,
        full_scores=full_scores.astype(np.float64),
        relevance=score_column(fit_page_relevance, classified_right, teaching.relevance),
        first_page_margin=score_column(fit_first_page, data.first_pages, teaching.first_page),
        known=entries_per_part(matrix, fit.vocabulary.part_starts),
        distinct=features.distinct_features(),
        converged=True,
    )


def _folds(data: Dataset, options: TrainingOptions) -> npt.NDArray[np.int64] | None:
    # Without two labels of two documents there are no folds, and both columns stay 0.
    with suppress(TrainingError):
        return copy_folds(data.targets, data.groups, data.copies, options.folds)
    return None
