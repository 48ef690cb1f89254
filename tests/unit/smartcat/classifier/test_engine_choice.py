"""Which engine serves: the one asked for, or the first that is here and able."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from smartcat.classifier import native_binding
from smartcat.classifier.classifier import load_classifier, make_scorer
from smartcat.classifier.errors import EngineMissingError
from smartcat.classifier.spec import FeatureSpec
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from support.labelled import labelled_documents
from support.native import words
from support.random_models import random_model

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.classifier.scorer import EngineChoice

MODEL = random_model(FeatureSpec(n_features=2**8, parts=(words(1, 2),)))
BUILT = pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)


@BUILT
def test_the_compiled_engine_goes_first() -> None:
    """Where it is built and knows the features, nobody has to ask for it."""
    assert make_scorer(MODEL).name == "compiled"
    assert make_scorer(MODEL, "compiled").name == "compiled"


def test_scikit_learn_serves_who_asks_for_it() -> None:
    """The engine that defines the numbers can be asked for anywhere."""
    assert make_scorer(MODEL, "sklearn").name == "sklearn"


def test_without_the_compiled_engine_scikit_learn_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no compiler was at hand all goes on, and who insists is told why it cannot be had."""
    monkeypatch.setattr(native_binding, "AVAILABLE", False)
    monkeypatch.setattr(native_binding, "IMPORT_PROBLEM", "no compiler was there")
    assert make_scorer(MODEL).name == "sklearn"
    with pytest.raises(EngineMissingError, match="not built here: no compiler was there"):
        make_scorer(MODEL, "compiled")


def test_features_that_the_compiled_engine_does_not_know_go_to_scikit_learn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``auto`` never fails for want of an engine that can."""
    monkeypatch.setattr(native_binding, "why_unsupported", lambda spec: "unheard of")
    assert make_scorer(MODEL).name == "sklearn"


def test_scikit_learn_may_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for where it is not installed, it is missed in one sentence."""
    monkeypatch.setitem(sys.modules, "smartcat.classifier.sklearn_engine", None)
    with pytest.raises(EngineMissingError, match="the sklearn engine cannot be imported here"):
        make_scorer(MODEL, "sklearn")


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model in its directory."""
    path = tmp_path_factory.mktemp("saved") / "model"
    train(labelled_documents(), options=TrainingOptions.quick()).save(path, created_at="2026-01-02T03:04:05Z")
    return path


@BUILT
@pytest.mark.parametrize("engine", ["compiled", "sklearn"])
def test_golden_documents_are_checked_by_the_engine_that_serves(
    saved_model: Path, engine: EngineChoice
) -> None:
    """What was recorded where the model was trained holds for either engine."""
    assert load_classifier(saved_model, engine).engine == engine
