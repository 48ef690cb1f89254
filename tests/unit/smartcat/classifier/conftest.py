"""Small models, trained once on generated pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from smartcat.training.hyperparameters import HEAD_CHARACTERS, WORDS, TrainingOptions
from smartcat.training.train import train
from support.labelled import documents_with_covers, labelled_documents

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.classifier.classifier import Classifier
    from smartcat.training.trained_model import TrainedModel


@pytest.fixture(scope="session")
def trained() -> TrainedModel:
    """Three labels, words, 2**12 features."""
    return train(labelled_documents(), options=TrainingOptions.quick(n_features=2**12))


@pytest.fixture(scope="session")
def classifier(trained: TrainedModel) -> Classifier:
    """A classifier of the three-label model."""
    return trained.classifier()


@pytest.fixture(scope="session")
def rich() -> TrainedModel:
    """Two kinds of n-grams, one of them of the head, and both columns beside the labels'."""
    options = TrainingOptions.quick(WORDS, HEAD_CHARACTERS, n_features=2**10)
    model = train(documents_with_covers(), options=options)
    assert model.model.columns == ("pertinence", "opening")
    return model


@pytest.fixture(scope="session")
def two_labels() -> TrainedModel:
    """Two labels, few enough buckets that words collide, and weights as they were learned."""
    options = replace(TrainingOptions.quick(n_features=2**6), precision="float32")
    return train(labelled_documents("contract", "invoice"), options=options)


@pytest.fixture(scope="session")
def saved(trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three-label model, saved; not to be touched."""
    path = tmp_path_factory.mktemp("saved") / "model"
    trained.save(path, created_at="2026-01-02T03:04:05Z")
    return path
