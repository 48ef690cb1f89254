from __future__ import annotations

import math
from typing import Any

import pytest

from training.errors import TrainingError
from training.fit import TrainOptions


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"n_features": 1000}, "n_features: Value error, should be a power of two"),
        ({"ngram_range": (2, 1)}, "shortest n-gram first"),
        ({"analyzer": "lines"}, "analyzer"),
        ({"seed": -1}, "seed"),
        ({"review_below": 1.5}, "review_below"),
        ({"review_below": math.nan}, "review_below"),
        ({"calibration_folds": 1}, "calibration_folds"),
        ({"min_pages": 0}, "min_pages"),
        ({"regularisation": 0.0}, "regularisation"),
        ({"max_iterations": 0}, "max_iterations"),
    ],
)
def test_impossible_options_are_refused(fields: dict[str, Any], expected: str) -> None:
    """A wrong option is named before any work is done."""
    with pytest.raises(TrainingError, match=expected) as caught:
        TrainOptions(**fields)
    assert "\n" not in str(caught.value)


def test_options_become_the_spec() -> None:
    """What was chosen is what the features will be."""
    spec = TrainOptions(n_features=64, ngram_range=(3, 5), analyzer="char_wb", idf=False).spec
    assert (spec.n_features, spec.ngram_range, spec.analyzer, spec.idf) == (64, (3, 5), "char_wb", False)
