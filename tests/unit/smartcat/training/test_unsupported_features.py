"""A model is saved for every machine that may serve it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.errors import SaveError
from smartcat.training.model_writer import save_model
from support.native import words
from support.random_models import random_model

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.classifier.manifest import TrainingFacts


def test_features_that_the_compiled_engine_does_not_know_are_not_saved(tmp_path: Path) -> None:
    """The refusal names the reason before anything is written, whether or not the engine is built here."""
    model = random_model(FeatureSpec(n_features=2**8, parts=(words(1, 2),)))
    part: Any = FeaturePart.model_construct
    spec: Any = FeatureSpec.model_construct
    strange = spec(n_features=2**8, parts=(part(analyzer="char", ngram_range=(1, 3), head=None),))
    with pytest.raises(SaveError, match=r"knows the analyzers word and char_wb, not char$"):
        save_model(
            tmp_path / "model",
            replace(model, spec=strange),
            cast("TrainingFacts", None),
            created_at="2026-01-02T03:04:05Z",
        )
    assert not (tmp_path / "model").exists()
