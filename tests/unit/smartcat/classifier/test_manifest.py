from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from smartcat.classifier.errors import ModelError
from smartcat.classifier.manifest import Manifest, SegmentationFacts, parse_manifest
from smartcat.classifier.model import content_version
from smartcat.classifier.rule import Link, Rule
from smartcat.classifier.segmentation_parameters import SegmentationParameters
from smartcat.classifier.spec import FeatureSpec

PARAMETERS = SegmentationParameters(
    label_weight=0.3,
    boundary_weight=1.5,
    similarity_weight=10.0,
    typical_similarity=0.25,
    boundary_bias=-2.0,
    blank_begins=0.75,
    start_probabilities=(0.4, 0.6),
    end_probabilities=(0.2, 0.5),
    transitions=((0, 1, 1.0),),
)


def test_segmentation_parameters_keep_their_stored_names() -> None:
    """The names in the manifest are part of the model format, whatever the code calls them."""
    facts = SegmentationFacts.of(PARAMETERS)
    assert facts.model_dump() == {
        "evidence": 0.3,
        "slope": 1.5,
        "likeness": 10.0,
        "typical": 0.25,
        "offset": -2.0,
        "blank_leads": 0.75,
        "starts": (0.4, 0.6),
        "ends": (0.2, 0.5),
        "goes_on": ((0, 1, 1.0),),
    }
    assert facts.parameters() == PARAMETERS


def test_the_version_of_a_known_model_never_changes() -> None:
    """A stored version is recomputed at every load, so the order of what is hashed must not change."""
    rule = Rule(
        labels=("a", "b"),
        intercept=(0.0, 0.0),
        link=Link(2.0, 3.0, 0.1, 0.2),
        thresholds=(0.5, 0.6),
        min_known_shares=(0.1,),
        min_known_features=(3,),
        segmentation=PARAMETERS,
    )
    version = content_version(
        spec=FeatureSpec(n_features=2**10),
        columns=("pertinence", "opening"),
        precision="int8",
        rule=rule,
        checksums={"weights.i8": "00"},
    )
    assert version == "26cf6e92ca8c"


MANY = [None] * 100_000
NAMES = dict.fromkeys(map(str, range(20_000)))


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": MANY},
        {"columns": MANY},
        {"thresholds": MANY},
        {"familiar": MANY},
        {"evidence": MANY},
        {"golden": MANY},
        {"golden": [{"pages": MANY, "scores": MANY}]},
        {"files": NAMES},
        {"spec": {"parts": MANY}},
        {"stacks": {"starts": MANY, "ends": MANY, "goes_on": MANY}},
        {"training": {"labels": NAMES, "created_by": NAMES, "tried": MANY}},
    ],
    ids="-".join,
)
def test_a_wrong_field_is_few_errors_however_much_is_in_it(fields: dict[str, Any]) -> None:
    """The first wrong entry ends a list, and too many entries end an object before one is read."""
    with pytest.raises(ValidationError) as caught:
        Manifest.model_validate_json(json.dumps(fields))
    assert caught.value.error_count() < 50


def test_a_flood_of_unknown_fields_is_no_manifest() -> None:
    """Each would be an error of its own; what is in strings is no field."""
    flood = json.dumps(dict.fromkeys(map(str, range(50_001)))).encode()
    with pytest.raises(ModelError, match=r"^here: more than 50000 fields, not a manifest$"):
        parse_manifest(flood, "here")
    with pytest.raises(ModelError, match=r"^here: format_version: "):
        parse_manifest(json.dumps({"format": "smartcat-model", "x": ":" * 60_000}).encode(), "here")
