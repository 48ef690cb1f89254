"""Cross-validation: scores of every example by a model that has not seen it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.features import entries_per_part
from smartcat.training.fitting.page_columns import fit_first_page, fit_page_relevance, teaching_pages
from smartcat.training.fitting.pruning import as_stored, fit_and_prune

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.training.feature_matrix import Dataset, FeatureMatrix
    from smartcat.training.fitting.linear_model import Vocabulary, Weights
    from smartcat.training.hyperparameters import Hyperparameters, TrainingOptions


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutScores:
    """Pages of held-out examples, scored by models that have not seen their documents.

    Attributes:
        pages: Indices of the pages in the data set, ascending, ``(held out,)``.
        scores: Score of each label, as a stored model gives it, ``held out x labels``.
        full_scores: The same before pruning and rounding.
        relevance: Log odds that a page by itself gets the label of its document, ``(held out,)``.
        first_page_margin: Margin of a page being the first of its document, ``(held out,)``.
        known: Known features of each part, ``held out x parts``.
        distinct: Distinct features of each part, ``held out x parts``.
        converged: Whether the solver came to rest in every fold.
        fold: Fold that held each page out, ``(held out,)``; ``None`` where one model scored them all.
    """

    pages: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    full_scores: npt.NDArray[np.float64]
    relevance: npt.NDArray[np.float64]
    first_page_margin: npt.NDArray[np.float64]
    known: npt.NDArray[np.int64]
    distinct: npt.NDArray[np.int64]
    converged: bool
    fold: npt.NDArray[np.int64] | None = None

    def select(self, chosen: npt.NDArray[np.bool_]) -> HeldOutScores:
        """Return some of the held-out pages, given by a mask over them."""
        arrays = {
            each.name: getattr(self, each.name)[chosen]
            for each in fields(self)
            if each.name != "converged" and getattr(self, each.name) is not None
        }
        return replace(self, **arrays)


def pages_of_folds(
    data: Dataset, fold: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield the pages to learn from and the pages held out, fold by fold.

    Args:
        data: The data set.
        fold: Fold of each example, -1 for those never held out.
    """
    fold_of_page = fold[data.examples]
    for number in range(int(fold.max()) + 1):
        yield np.flatnonzero(fold_of_page != number), np.flatnonzero(fold_of_page == number)


@dataclass(frozen=True, slots=True, eq=False)
class _FittedFold:
    """Pages that a model of one fold learned from, pages held out, and the features it knows."""

    inside: npt.NDArray[np.int64]
    outside: npt.NDArray[np.int64]
    vocabulary: Vocabulary


def cross_validate(
    features: FeatureMatrix,
    fold: npt.NDArray[np.int64],
    hyperparameters: Hyperparameters,
    options: TrainingOptions,
    on_fold: Callable[[], None],
) -> HeldOutScores:
    """Score every example that has a fold by a model of the other folds.

    Args:
        features: What to learn from.
        fold: Fold of each example, see :func:`smartcat.training.folds.block_folds`.
        hyperparameters: How to fit.
        options: Sizes, seed and so on.
        on_fold: Called after each fold.

    Returns:
        The scores.
    """
    data, counts = features.data, features.counts
    scores = np.zeros((len(data.examples), len(data.labels)))
    full_scores = np.zeros_like(scores)
    known = np.zeros((len(data.examples), len(features.spec.parts)), dtype=np.int64)
    folds: list[_FittedFold] = []
    converged = True
    for inside, outside in pages_of_folds(data, fold):
        fit = fit_and_prune(
            counts[inside],
            data.page_targets[inside],
            len(data.labels),
            hyperparameters,
            options,
            distinct=data.distinct_pages(inside),
        )
        held_out = counts[outside]
        matrix = fit.vocabulary.matrix(held_out)
        scores[outside] = as_stored(fit.weights, options).scores(matrix)
        full_scores[outside] = fit.full_weights.scores(fit.full_vocabulary.matrix(held_out))
        known[outside] = entries_per_part(matrix, fit.vocabulary.part_starts)
        converged &= fit.weights.converged
        folds.append(_FittedFold(inside, outside, fit.vocabulary))
        on_fold()
    scored = fold[data.examples] >= 0
    teaching = teaching_pages(data)
    classified_right = scores.argmax(axis=1) == data.page_targets
    relevance = _score_column(
        fit_page_relevance, counts, classified_right, teaching.relevance & scored, folds, seed=options.seed
    )
    first_page_margin = _score_column(
        fit_first_page, counts, data.first_pages, teaching.first_page & scored, folds, seed=options.seed
    )
    held_pages = np.flatnonzero(scored)
    return HeldOutScores(
        pages=held_pages,
        scores=scores[held_pages],
        full_scores=full_scores[held_pages],
        relevance=relevance[held_pages],
        first_page_margin=first_page_margin[held_pages],
        known=known[held_pages],
        distinct=features.distinct_features(held_pages),
        converged=converged,
        fold=fold[data.examples[held_pages]],
    )


def _score_column(
    fit_column: Callable[..., Weights],
    counts: Csr,
    truth: npt.NDArray[np.bool_],
    teaching: npt.NDArray[np.bool_],
    folds: list[_FittedFold],
    *,
    seed: int,
) -> npt.NDArray[np.float64]:
    """Return scores of an auxiliary column for held-out pages, ``(pages,)``; 0 where nothing teaches it."""
    scores = np.zeros(len(truth))
    for fold in folds if teaching.any() else ():
        pages = fold.inside[teaching[fold.inside]]
        if len(pages):
            column = fit_column(fold.vocabulary.matrix(counts[pages]), truth[pages], seed=seed)
            scores[fold.outside] = column.scores(fold.vocabulary.matrix(counts[fold.outside]))[:, 0]
    return scores
