"""Scores of documents by models that have not seen them: pages to units, and a model for each fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.features import entries_per_part
from smartcat.training.linear import fit_labels, fit_opening, fit_yes_no, learn_vocabulary
from smartcat.training.prune import affordable, strongest, to_int8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.training.dataset import Dataset
    from smartcat.training.linear import Vocabulary, Weights
    from smartcat.training.options import TrainOptions, Way


FEWEST_DOCUMENTS: Final = 20
"""Documents of several pages below which nothing is learned of what a page is in its document."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What one fit yields.

    Attributes:
        vocabulary: The features kept.
        weights: One column a label.
        full_vocabulary: The features before pruning.
        full_weights: One column a label, before pruning and rounding.
    """

    vocabulary: Vocabulary
    weights: Weights
    full_vocabulary: Vocabulary
    full_weights: Weights


def learn(
    counts: Csr, targets: npt.NDArray[np.int64], labels: int, way: Way, options: TrainOptions
) -> Learned:
    """Fit; where the model would be too large, keep the features that matter most and fit those again.

    Args:
        counts: CSR matrix of counts, ``pages x width``.
        targets: Index of each page's label, ``(pages,)``.
        labels: Number of labels.
        way: How to learn.
        options: Sizes, seed and so on.

    Raises:
        TrainingError: No feature occurs on enough pages.
    """
    spec = options.spec_of(way)
    full = learn_vocabulary(counts, spec, min_pages=options.min_pages)
    matrix = full.matrix(counts)
    weights = fit_labels(matrix, targets, labels, way, seed=options.seed)
    places = strongest(weights.weights, room_for_features(labels, options))
    if len(places) == len(full.features):
        return Learned(full, weights, full, weights)
    kept = full.part(places)
    again = fit_labels(kept.matrix(counts), targets, labels, way, seed=options.seed)
    return Learned(kept, again, full, weights)


def room_for_features(labels: int, options: TrainOptions) -> int:
    """Return how many features a model may have.

    There is room for the two columns that may come, so that what is measured on held-out documents is what is
    kept in the end.
    """
    return affordable(options.max_bytes, labels + 2, options.precision)


def rounded(weights: Weights, options: TrainOptions) -> Weights:
    """Return weights as they will be once they are stored."""
    if options.precision == "float32":
        return weights
    small, scale = to_int8(weights.weights)
    return type(weights)(small * scale, weights.intercept, weights.converged)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Pages of held-out units, scored by models that have not seen their documents.

    Attributes:
        pages: Places of the pages in the data set, ascending, ``(held out,)``.
        scores: Score of each label, as a stored model gives it, ``held out x labels``.
        full_scores: The same before pruning and rounding.
        pertinence: Log odds that a page tells the label of its document, ``(held out,)``.
        opening: Margin of a page being the first of its document, ``(held out,)``.
        known: Features known of each part, ``held out x parts``.
        distinct: Distinct features of each part, ``held out x parts``.
        converged: Whether the solver came to rest in every fold.
    """

    pages: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    full_scores: npt.NDArray[np.float64]
    pertinence: npt.NDArray[np.float64]
    opening: npt.NDArray[np.float64]
    known: npt.NDArray[np.int64]
    distinct: npt.NDArray[np.int64]
    converged: bool


def folds_of_pages(
    data: Dataset, fold: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Give the pages to learn from and the pages held out, fold by fold.

    Args:
        data: The data set.
        fold: Fold of each unit, -1 for those never held out.
    """
    of_page = fold[data.owners]
    for number in range(int(fold.max()) + 1):
        yield np.flatnonzero(of_page != number), np.flatnonzero(of_page == number)


def hold_out(
    data: Dataset, fold: npt.NDArray[np.int64], way: Way, options: TrainOptions, told: Callable[[], None]
) -> HeldOut:
    """Score every unit that has a fold by a model of the other folds.

    Args:
        data: What to learn from.
        fold: Fold of each unit, see :func:`smartcat.training.folds.block_folds`.
        way: How to learn.
        options: Sizes, seed and so on.
        told: Called after each fold.

    Returns:
        The scores.
    """
    counts = data.counts_of(options.spec_of(way))
    parts = np.arange(len(way.parts), dtype=np.int64) * options.n_features
    pages = len(data.owners)
    scores = np.zeros((pages, len(data.labels)))
    full_scores = np.zeros_like(scores)
    known = np.zeros((pages, len(way.parts)), dtype=np.int64)
    fits: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Vocabulary]] = []
    converged = True
    for inside, outside in folds_of_pages(data, fold):
        fit = learn(counts[inside], data.page_targets[inside], len(data.labels), way, options)
        unseen = counts[outside]
        matrix = fit.vocabulary.matrix(unseen)
        scores[outside] = rounded(fit.weights, options).scores(matrix)
        full_scores[outside] = fit.full_weights.scores(fit.full_vocabulary.matrix(unseen))
        known[outside] = entries_per_part(matrix, fit.vocabulary.part_starts)
        converged &= fit.weights.converged
        fits.append((inside, outside, fit.vocabulary))
        told()
    right = scores.argmax(axis=1) == data.page_targets
    questions = [right, data.first_pages]
    answers = [np.zeros(pages), np.zeros(pages)]
    solvers = [fit_yes_no, fit_opening]
    for question, answer, asked, solve in zip(
        questions, answers, questions_asked(data), solvers, strict=True
    ):
        for inside, outside, vocabulary in fits if asked.any() else ():
            learnt = inside[asked[inside] & (fold[data.owners[inside]] >= 0)]
            if len(learnt):
                weights = solve(vocabulary.matrix(counts[learnt]), question[learnt], seed=options.seed)
                answer[outside] = weights.scores(vocabulary.matrix(counts[outside]))[:, 0]
    held = np.flatnonzero(fold[data.owners] >= 0)
    return HeldOut(
        pages=held,
        scores=scores[held],
        full_scores=full_scores[held],
        pertinence=answers[0][held],
        opening=answers[1][held],
        known=known[held],
        distinct=entries_per_part(counts[held], parts),
        converged=converged,
    )


def questions_asked(data: Dataset) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Say which pages can teach pertinence, and which can teach opening.

    Returns:
        Two masks over the pages; all false where too few documents have several pages to learn it from.
    """
    pages_of_unit = np.bincount(data.owners, minlength=len(data.targets))
    group_of_page = data.groups[data.owners]
    pages_of_group = np.bincount(group_of_page, minlength=int(data.groups[-1]) + 1)
    pertinent = pages_of_unit[data.owners] > 1
    opening = np.ones(len(data.owners), dtype=np.bool_)
    if (pages_of_unit > 1).sum() < FEWEST_DOCUMENTS:
        pertinent[:] = False
    if (pages_of_group > 1).sum() < FEWEST_DOCUMENTS:
        opening[:] = False
    return pertinent, opening
