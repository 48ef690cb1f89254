from __future__ import annotations

from smartcat.classifier.decision import Link, Rule
from smartcat.classifier.manifest import SegmentationFacts
from smartcat.classifier.model import content_version
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
