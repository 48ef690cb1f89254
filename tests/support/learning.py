"""The steps of training, one by one, quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.training.cross_validation import HeldOutScores, cross_validate
from smartcat.training.feature_matrix import Dataset, FeatureMatrix, build_dataset
from smartcat.training.folds import block_folds
from smartcat.training.hyperparameters import (
    HEAD_CHARACTERS,
    WORDS,
    Hyperparameters,
    TrainingOptions,
    feature_spec,
)
from smartcat.training.progress import no_progress

if TYPE_CHECKING:
    from smartcat.classifier.spec import FeaturePart
    from smartcat.training.corpus.labelled_documents import LabelledDocument

QUICK = TrainingOptions.quick(n_features=2**10)
"""Learn words in milliseconds."""
RICH = TrainingOptions.quick(WORDS, HEAD_CHARACTERS, n_features=2**10)
"""Learn two kinds of n-grams."""


def dataset_of(documents: list[LabelledDocument], options: TrainingOptions = QUICK) -> Dataset:
    """Return the data set of documents, as training builds it."""
    return build_dataset(documents, options.candidates[0].spec, options.parts, no_progress)


def features_of(data: Dataset, options: TrainingOptions = QUICK) -> FeatureMatrix:
    """Return the feature matrix of the first candidate."""
    return data.matrix(options.candidates[0].spec)


def held_out_scores(data: Dataset, options: TrainingOptions = QUICK) -> HeldOutScores:
    """Return cross-validated scores, as training does."""
    fold = block_folds(data.targets, data.groups, options.folds)
    return cross_validate(features_of(data, options), fold, options.candidates[0], options, lambda: None)


def candidate(
    *parts: FeaturePart, n_features: int = 2**10, lowercase: bool = True, **changes: Any
) -> Hyperparameters:
    """Return hyperparameters with features that are learned in milliseconds."""
    spec = feature_spec(*parts, n_features=n_features, lowercase=lowercase)
    return Hyperparameters(spec, **changes)
