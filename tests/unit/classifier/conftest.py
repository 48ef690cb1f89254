"""A small model, trained once on generated pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.labelled import labelled_documents
from training.fit import TrainedModel, TrainOptions, train

if TYPE_CHECKING:
    from pathlib import Path

    from classifier.engine import Classifier


@pytest.fixture(scope="session")
def trained() -> TrainedModel:
    """Three labels, 2**12 features."""
    return train(labelled_documents(), options=TrainOptions(n_features=2**12))


@pytest.fixture(scope="session")
def classifier(trained: TrainedModel) -> Classifier:
    """A classifier of the three-label model."""
    return trained.classifier()


@pytest.fixture(scope="session")
def two_labels() -> TrainedModel:
    """Two labels, few enough buckets that words collide."""
    return train(labelled_documents("contract", "invoice"), options=TrainOptions(n_features=2**6))


@pytest.fixture
def model_dir(trained: TrainedModel, tmp_path: Path) -> Path:
    """The three-label model, saved."""
    trained.save(tmp_path / "model", created_at="2026-01-02T03:04:05Z")
    return tmp_path / "model"
