"""Documents of labels that a model has never seen: labels are left out of a fit, their documents scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.features import entries_per_part
from smartcat.training.errors import TrainingError
from smartcat.training.fitting.pruning import as_stored, fit_and_prune

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from smartcat.training.feature_matrix import FeatureMatrix
    from smartcat.training.hyperparameters import Hyperparameters, TrainingOptions

MAX_FITS: Final = 5
"""Fits at most: with more labels than that, several are left out together."""
MIN_LABELS: Final = 3
"""Labels that a corpus needs: a model without one of two has nothing to tell apart."""


@dataclass(frozen=True, slots=True, eq=False)
class LeftOutScores:
    """Pages of labels that were left out, scored by a model of the other labels.

    Attributes:
        pages: Indices of the pages in the data set, ascending, ``(left out,)``.
        own_labels: Indices of the labels that the model knows, ascending.
        scores: Score of each of those, as a stored model gives it, ``left out x own labels``.
        known: Known features of each part, ``left out x parts``.
        distinct: Distinct features of each part, ``left out x parts``.
    """

    pages: npt.NDArray[np.int64]
    own_labels: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    known: npt.NDArray[np.int64]
    distinct: npt.NDArray[np.int64]


def leave_labels_out(
    features: FeatureMatrix,
    hyperparameters: Hyperparameters,
    options: TrainingOptions,
    on_fit: Callable[[], None],
) -> tuple[LeftOutScores, ...]:
    """Leave each label out once, and score its documents by a model of the others.

    Args:
        features: What to learn from.
        hyperparameters: How to fit.
        options: Sizes, seed and so on.
        on_fit: Called after each fit.

    Returns:
        One entry a fit; none where there are fewer than three labels.
    """
    data = features.data
    labels, targets = len(data.labels), data.page_targets
    found = []
    fits = left_out_fits(labels)
    for number in range(fits):
        # Every fifth: labels that stand together in the alphabet are often akin.
        left = np.isin(targets, np.arange(number, labels, fits))
        own = np.setdiff1d(np.arange(labels), np.arange(number, labels, fits))
        inside = np.flatnonzero(~left)
        try:
            fit = fit_and_prune(
                features.counts[inside],
                targets[inside],
                labels,
                hyperparameters,
                options,
                distinct=data.distinct_pages(inside),
            )
        except TrainingError:
            continue
        pages = np.flatnonzero(left & data.counted_pages)
        matrix = fit.vocabulary.matrix(features.counts[pages])
        found.append(
            LeftOutScores(
                pages=pages,
                own_labels=own,
                scores=as_stored(fit.weights, options).scores(matrix)[:, own].astype(np.float64),
                known=entries_per_part(matrix, fit.vocabulary.part_starts),
                distinct=features.distinct_features(pages),
            )
        )
        on_fit()
    return tuple(found)


def left_out_fits(labels: int) -> int:
    """Return how many fits it takes to leave each label out once; 0 where that cannot be done."""
    # At least two labels have to remain.
    return min(MAX_FITS, labels) if labels >= MIN_LABELS else 0
