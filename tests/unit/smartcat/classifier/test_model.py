from __future__ import annotations

from typing import Any

import pytest

from smartcat.classifier.decision import Link, Rule
from smartcat.classifier.model import array_bytes, array_shapes, content_version
from smartcat.classifier.spec import FeaturePart, FeatureSpec

SPEC = FeatureSpec(n_features=2**10)
RULE: dict[str, Any] = {
    "labels": ("a", "b"),
    "intercept": (0.0, 0.0),
    "link": Link(),
    "thresholds": (0.5, 0.5),
    "familiar": (0.1,),
    "evidence": (3,),
}
BASE: dict[str, Any] = {
    "spec": SPEC,
    "columns": (),
    "precision": "int8",
    "rule": Rule(**RULE),
    "checksums": {"weights.i8": "00"},
}
RULES: list[dict[str, Any]] = [
    {"labels": ("b", "a")},
    {"link": Link(above=2.0)},
    {"link": Link(below=2.0)},
    {"link": Link(knee=2.0)},
    {"link": Link(growth=1.0)},
    {"thresholds": (0.5, 0.6)},
    {"familiar": ()},
    {"familiar": (0.2,)},
    {"evidence": ()},
    {"evidence": (4,)},
]
CHANGES: list[dict[str, Any]] = [
    {},
    {"spec": FeatureSpec(n_features=2**11)},
    {"spec": FeatureSpec(n_features=2**10, parts=(FeaturePart(head=9),))},
    {"columns": ("pertinence",)},
    {"columns": ("opening",)},
    {"precision": "float32"},
    {"checksums": {"weights.i8": "01"}},
    *({"rule": Rule(**(RULE | change))} for change in RULES),
]


def test_versions_differ_with_any_part() -> None:
    """Two models that may answer differently never share a version."""
    versions = [content_version(**(BASE | change)) for change in CHANGES]
    assert len(set(versions)) == len(CHANGES)
    assert content_version(**BASE) == versions[0]
    assert all(len(version) == 12 for version in versions)


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
