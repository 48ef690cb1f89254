from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from smartcat.classifier.features import count_features
from smartcat.classifier.model_arrays import array_bytes, array_shapes
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.training.fitting.pruning import as_stored, fit_and_prune
from smartcat.training.hyperparameters import HEAD_CHARACTERS, WORDS, TrainingOptions
from smartcat.training.model_builder import versioned
from smartcat.training.train import train
from support.labelled import documents_with_covers
from support.learning import RICH, dataset_of

if TYPE_CHECKING:
    from smartcat.training.trained_model import TrainedModel

COVERED = documents_with_covers()


@pytest.fixture(scope="module", params=["int8", "float32"])
def trained(request: pytest.FixtureRequest) -> TrainedModel:
    """A model of two kinds of n-grams with both columns, in either precision."""
    return train(COVERED, options=replace(RICH, precision=request.param))


def test_arrays_are_as_large_as_the_format_says(trained: TrainedModel) -> None:
    """Nothing is missing and nothing is left over."""
    model = trained.model
    shapes = array_shapes(model.spec, kept=model.kept, columns=5, precision=model.precision)
    sizes = {name: len(content) for name, content in model.arrays.items() if name != "unicode.bin"}
    assert sizes == {name: array_bytes(name, shape) for name, shape in shapes.items()}
    assert len(model.arrays) == len(shapes) + 1


def test_a_stored_model_scores_as_the_weights_that_were_learned(trained: TrainedModel) -> None:
    """Rounded as they were when confidence was learned, with the corrections of the calibration on top."""
    model = trained.model
    options = replace(RICH, precision=model.precision)
    data = dataset_of(COVERED, options)
    way = options.candidates[0]
    fit = fit_and_prune(data.matrix(way.spec).counts, data.page_targets, 3, way, options)
    texts = [page for document in COVERED[:6] for page in document.pages]
    matrix = fit.vocabulary.matrix(count_features(model.spec, texts))
    expected = as_stored(fit.weights, options).scores(matrix)
    found = np.array([page.scores for page in SklearnScorer(model).score(texts).pages()])
    corrections = found - expected
    assert corrections == pytest.approx(np.tile(corrections[0], (len(texts), 1)), abs=1e-5)
    assert np.abs(corrections).max() <= 1
    assert model.rule.intercept == pytest.approx(fit.weights.intercept + corrections[0], abs=1e-5)


def test_the_rule_holds_what_was_learned(trained: TrainedModel) -> None:
    """One threshold a label, one floor a part, and the columns in the order of the format."""
    rule = trained.model.rule
    assert rule.labels == ("contract", "invoice", "letter")
    assert rule.pooling is not None
    assert (len(rule.thresholds), len(rule.min_known_shares)) == (3, 2)
    assert (len(rule.min_known_features), len(rule.pooling.min_known_features)) == (0, 2)
    assert trained.model.columns == ("pertinence", "opening")
    intercept = np.frombuffer(trained.model.arrays["intercept.f32"], "<f4")
    assert rule.intercept == tuple(intercept[:3].tolist())


@pytest.mark.parametrize("name", ["features.u32", "intercept.f32", "idf.f32", "unicode.bin"])
def test_every_byte_of_every_array_is_in_the_version(trained: TrainedModel, name: Any) -> None:
    """Models that may answer differently have different names."""
    content = bytearray(trained.model.arrays[name])
    content[-1] ^= 1
    changed = replace(trained.model, arrays={**trained.model.arrays, name: bytes(content)})
    assert versioned(trained.model).model_version == trained.model.model_version
    assert versioned(changed).model_version != trained.model.model_version


def test_a_model_without_idf_has_no_such_array() -> None:
    """The format says so, and so do the arrays."""
    model = train(
        COVERED, options=TrainingOptions.quick(WORDS, HEAD_CHARACTERS, n_features=2**10, idf=False)
    ).model
    assert "idf.f32" not in model.arrays
