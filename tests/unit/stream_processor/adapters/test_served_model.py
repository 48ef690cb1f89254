from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartcat.classifier.errors import ModelError
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from stream_processor.adapters.served_model import ServedModel, serve

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> ServedModel:
    """A tiny model, written and loaded."""
    words = {"payslip": "gross net salary", "deed": "parcel register owner"}
    documents = [
        LabelledDocument(document_id=f"{label}-{n}", label=label, pages=(f"{text} item{n}",), split=None)
        for label, text in words.items()
        for n in range(10)
    ]
    path = tmp_path_factory.mktemp("served") / "model"
    train(documents, options=TrainingOptions.quick(n_features=2**10)).save(
        path, created_at="2026-01-02T03:04:05Z"
    )
    return serve(path)


def test_decides_as_the_classifier_does(served: ServedModel) -> None:
    """Decisions and model version are the classifier's own."""
    assert [decision.label for decision in served.classify([["gross net salary"]])] == ["payslip"]
    assert served.model_version


def test_the_canary_is_decided_with_reasons(served: ServedModel) -> None:
    """The canary is a document of the model with evidence, so that its reasons are worked out too."""
    (decision,) = served.classify([served.canary_document])
    assert any(page.strip() for page in served.canary_document)
    assert decision.label in {"payslip", "deed"}
    assert decision.reasons


def test_a_directory_without_a_model_is_refused(tmp_path: Path) -> None:
    """What the classifier refuses is refused."""
    with pytest.raises(ModelError):
        serve(tmp_path)
