"""Scores of documents held out of a corpus larger than memory, by the model that was learned without them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.features import entries_per_part
from smartcat.training.errors import TrainingError
from smartcat.training.folds import block_folds
from smartcat.training.held_out import HeldOut, folds_of_pages, questions_asked, rounded
from smartcat.training.linear import fit_opening, fit_yes_no

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from smartcat.training.dataset import Dataset
    from smartcat.training.held_out import Learned
    from smartcat.training.linear import Weights
    from smartcat.training.options import TrainOptions


def score_last_fold(data: Dataset, learned: Learned, options: TrainOptions) -> HeldOut:
    """Score held-out documents by a model that has not seen them.

    Whether a page tells the label of its document, and whether it is a first page, is learned on some of the
    held-out documents and answered on the others.

    Args:
        data: The documents.
        learned: What was learned from all others.
        options: Sizes, seed and so on.
    """
    vocabulary = learned.vocabulary
    counts = data.counts_of(vocabulary.spec)
    matrix = vocabulary.matrix(counts)
    scores = rounded(learned.weights, options).scores(matrix).astype(np.float64)
    pages = len(data.owners)
    right = scores.argmax(axis=1) == data.page_targets
    asked = questions_asked(data)
    folds = _folds(data, options) if any(mask.any() for mask in asked) else None

    def answers(
        truth: npt.NDArray[np.bool_],
        mask: npt.NDArray[np.bool_],
        solve: Callable[..., Weights],
    ) -> npt.NDArray[np.float64]:
        answer = np.zeros(pages)
        for inside, outside in folds_of_pages(data, folds) if folds is not None else ():
            learnt = inside[mask[inside]]
            if len(learnt):
                weights = solve(matrix[learnt], truth[learnt], seed=options.seed)
                answer[outside] = weights.scores(matrix[outside])[:, 0]
        return answer

    full_scores = learned.full_weights.scores(learned.full_vocabulary.matrix(counts))
    spec = vocabulary.spec
    parts = np.arange(len(spec.parts), dtype=np.int64) * spec.n_features
    return HeldOut(
        pages=np.arange(pages),
        scores=scores,
        full_scores=full_scores.astype(np.float64),
        pertinence=answers(right, asked[0], fit_yes_no),
        opening=answers(data.first_pages, asked[1], fit_opening),
        known=entries_per_part(matrix, vocabulary.part_starts),
        distinct=entries_per_part(counts, parts),
        converged=True,
    )


def _folds(data: Dataset, options: TrainOptions) -> npt.NDArray[np.int64] | None:
    # Without two labels of two documents there are no folds, and the questions stay open.
    with suppress(TrainingError):
        return block_folds(data.targets, data.groups, options.folds)
    return None
