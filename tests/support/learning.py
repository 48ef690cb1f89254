"""The steps of training, one by one, quickly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartcat.training.dataset import Dataset, collect
from smartcat.training.folds import block_folds
from smartcat.training.held_out import HeldOut, hold_out
from smartcat.training.options import HEAD_CHARACTERS, WORDS, TrainOptions

if TYPE_CHECKING:
    from smartcat.training.corpus import LabelledDocument

QUICK = replace(TrainOptions.quick(), n_features=2**10)
"""Learn words in milliseconds."""
RICH = replace(TrainOptions.quick(WORDS, HEAD_CHARACTERS), n_features=2**10)
"""Learn two kinds of n-grams."""


def collected(documents: list[LabelledDocument], options: TrainOptions = QUICK) -> Dataset:
    """Count features as training does."""
    return collect(documents, options.spec_of(options.ways[0]), options.parts, lambda *_: None)


def held(data: Dataset, options: TrainOptions = QUICK) -> HeldOut:
    """Hold documents out as training does."""
    fold = block_folds(data.targets, data.groups, options.folds)
    return hold_out(data, fold, options.ways[0], options, lambda: None)
