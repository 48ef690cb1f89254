from __future__ import annotations

from dataclasses import replace
from typing import Any

from smartcat.classifier.model import content_version
from smartcat.classifier.rule import Gate, Link, Pooling, Rule
from smartcat.classifier.spec import FeaturePart, FeatureSpec

SPEC = FeatureSpec(n_features=2**10)
RULE: dict[str, Any] = {
    "labels": ("a", "b"),
    "intercept": (0.0, 0.0),
    "link": Link(),
    "thresholds": (0.5, 0.5),
    "min_known_shares": (0.1,),
    "min_known_features": (3,),
}
GATE = Gate((1.0, 2.0, 3.0, 4.0), (0.0,) * 4, (9.0,) * 4, threshold=0.5)
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
    {"min_known_shares": ()},
    {"min_known_shares": (0.2,)},
    {"min_known_features": ()},
    {"min_known_features": (4,)},
    {"pooling": Pooling()},
    {"pooling": Pooling(concentration=2.0)},
    {"pooling": Pooling(max_pages=2)},
    {"pooling": Pooling(min_known_features=(3,))},
    {"pooling": Pooling(full_features=(3,))},
    {"pooling": Pooling(max_dissent=0.5)},
    {"gate": GATE},
    {"gate": replace(GATE, threshold=1.0)},
    {"gate": replace(GATE, weights=(1.0, 2.0, 3.0, 5.0))},
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
    """Two models that may decide differently never share a version."""
    versions = [content_version(**(BASE | change)) for change in CHANGES]
    assert len(set(versions)) == len(CHANGES)
    assert content_version(**BASE) == versions[0]
    assert all(len(version) == 12 for version in versions)


def test_models_from_before_pooling_keep_their_version() -> None:
    """What they do not have is not in the hash: this version was computed before there was any."""
    assert content_version(**BASE) == "58a7421b861a"
