"""From the weights of labels to a model: corrections, and columns that say what a page is in its document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.assemble import assemble
from smartcat.training.held_out import questions_asked
from smartcat.training.learn_stacks import learn_stacks
from smartcat.training.linear import fit_opening, fit_yes_no

if TYPE_CHECKING:
    from smartcat.classifier.model import Model
    from smartcat.classifier.model_arrays import Column
    from smartcat.training.dataset import Dataset
    from smartcat.training.held_out import HeldOut
    from smartcat.training.judge import Judgement
    from smartcat.training.linear import Vocabulary, Weights
    from smartcat.training.options import TrainOptions


def finish(
    vocabulary: Vocabulary,
    weights: Weights,
    data: Dataset,
    held: HeldOut,
    judgement: Judgement,
    options: TrainOptions,
) -> Model:
    """Make a model.

    Args:
        vocabulary: The features it knows.
        weights: One column a label.
        data: The documents that further columns are learned from.
        held: Pages of those, scored by models that have not seen them.
        judgement: What was learned from them.
        options: How weights are stored, and the seed.
    """
    counts = data.counts_of(vocabulary.spec)
    weights = weights.shifted(judgement.calibration.offsets)
    pertinent, opening = questions_asked(data)
    columns: list[Column] = []
    if judgement.pertinence_power:
        asked = held.pages[pertinent[held.pages]]
        right = held.scores.argmax(axis=1) == data.page_targets[held.pages]
        question = fit_yes_no(
            vocabulary.matrix(counts[asked]), right[pertinent[held.pages]], seed=options.seed
        )
        weights = weights.beside(question.times(judgement.pertinence_power))
        columns.append("pertinence")
    stacks = learn_stacks(data, held, judgement.calibration, opening=bool(opening.any()), seed=options.seed)
    if opening.any():
        question = fit_opening(vocabulary.matrix(counts), data.first_pages, seed=options.seed)
        weights = weights.beside(question.times(stacks.slope).shifted(np.array([stacks.offset])))
        columns.append("opening")
    return assemble(vocabulary, weights, tuple(columns), data.labels, judgement, stacks.rule, options)
