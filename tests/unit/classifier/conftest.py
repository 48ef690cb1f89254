"""A small model, trained once on generated pages."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from training.corpus import LabelledDocument
from training.fit import TrainedModel, TrainOptions, train

if TYPE_CHECKING:
    from pathlib import Path

    from classifier.engine import Classifier

VOCABULARY = {
    "contract": "agreement party clause signature termination whereas the and of",
    "invoice": "amount total due payment tax the and of",
    "letter": "dear sincerely regards meeting wishes the and of",
}


def generated(labels: tuple[str, ...], per_label: int = 12) -> list[LabelledDocument]:
    """Return documents of one or two pages, the same at every call."""
    draw = random.Random(7)  # noqa: S311 - generates test data
    return [
        LabelledDocument(
            f"{label}-{number}",
            label,
            tuple(" ".join(draw.choices(VOCABULARY[label].split(), k=20)) for _ in range(1 + number % 2)),
        )
        for label in labels
        for number in range(per_label)
    ]


@pytest.fixture(scope="session")
def trained() -> TrainedModel:
    """Three labels, 2**12 features."""
    return train(generated(tuple(VOCABULARY)), options=TrainOptions(n_features=2**12))


@pytest.fixture(scope="session")
def classifier(trained: TrainedModel) -> Classifier:
    """A classifier of the three-label model."""
    return trained.classifier()


@pytest.fixture(scope="session")
def two_labels() -> TrainedModel:
    """Two labels, few enough buckets that words collide."""
    return train(generated(("contract", "invoice")), options=TrainOptions(n_features=2**6))


@pytest.fixture
def model_dir(trained: TrainedModel, tmp_path: Path) -> Path:
    """The three-label model, saved."""
    trained.save(tmp_path / "model", created_at="2026-01-02T03:04:05Z")
    return tmp_path / "model"
