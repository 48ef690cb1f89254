from __future__ import annotations

from typing import Any

import pytest

from smartcat.classifier.model_arrays import array_bytes, array_shapes
from smartcat.classifier.spec import FeatureSpec


@pytest.mark.parametrize(
    ("precision", "idf", "expected"),
    [
        ("int8", True, {"features.u32": 28, "weights.i8": 21, "scale.f32": 12, "idf.f32": 28}),
        ("float32", False, {"features.u32": 28, "weights.f32": 84}),
    ],
)
def test_the_arrays_of_a_model_follow_from_what_it_is(
    precision: Any, *, idf: bool, expected: dict[str, int]
) -> None:
    """Seven features and three columns: names and bytes of every file, in either precision."""
    spec = FeatureSpec(n_features=2**10, idf=idf)
    shapes = array_shapes(spec, kept=7, columns=3, precision=precision)
    assert {name: array_bytes(name, shape) for name, shape in shapes.items()} == expected | {
        "intercept.f32": 12
    }
