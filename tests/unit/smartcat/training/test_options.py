from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.errors import TrainingError
from smartcat.training.options import (
    CHARACTERS,
    FEATURE_SETS,
    HEAD_WORDS,
    STEPS,
    WORDS,
    TrainOptions,
    Way,
    next_ways,
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"ways": ()}, "ways should be one or more"),
        ({"n_features": 1000}, "n_features: Value error, should be a power of two"),
        ({"n_features": 2**24}, "of all parts together should be at most 16777216"),
        ({"ways": (Way((WORDS, WORDS)),)}, "parts should not repeat one another"),
        ({"ways": (Way(()),)}, "parts"),
        ({"ways": (Way(), Way(regularisation=0.0))}, "regularisation should be a number above 0"),
        ({"ways": (Way(regularisation=math.nan),)}, "regularisation"),
        ({"ways": (Way(regularisation=math.inf),)}, "regularisation"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"review_below": 1.5}, "review_below"),
        ({"review_below": math.nan}, "review_below"),
        ({"target_precision": 0.0}, "target_precision"),
        ({"target_precision": 1.0}, "target_precision"),
        ({"target_precision": math.nan}, "target_precision"),
        ({"folds": 1}, "folds"),
        ({"choice_folds": 1}, "folds"),
        ({"min_pages": 0}, "min_pages"),
        ({"max_bytes": 9_999}, "max_bytes"),
        ({"max_bytes": 500_000_001}, "max_bytes"),
        ({"max_choice_documents": 99}, "max_choice_documents"),
        ({"strip_accents": "yes"}, "strip_accents"),
    ],
)
def test_impossible_options_are_refused(fields: dict[str, Any], expected: str) -> None:
    """A wrong option is named before any work is done."""
    with pytest.raises(TrainingError, match=expected) as caught:
        TrainOptions(**fields)
    assert "\n" not in str(caught.value)


def test_options_become_the_spec() -> None:
    """What was chosen is what the features will be."""
    options = TrainOptions(
        n_features=64, lowercase=False, strip_accents="ascii", sublinear_tf=False, idf=False
    )
    assert options.spec_of(Way((CHARACTERS, HEAD_WORDS))) == FeatureSpec(
        n_features=64,
        parts=(CHARACTERS, HEAD_WORDS),
        lowercase=False,
        strip_accents="ascii",
        sublinear_tf=False,
        idf=False,
    )


def test_every_set_of_features_is_compared_unless_told_otherwise() -> None:
    """Each way once, and every kind of n-gram counted once for all of them."""
    options = TrainOptions()
    assert [way.parts for way in options.ways] == list(FEATURE_SETS.values())
    assert len(set(options.parts)) == len(options.parts)
    assert {part for way in options.ways for part in way.parts} == set(options.parts)


def test_quick_options_compare_nothing() -> None:
    """Words, or the parts named, and three folds."""
    part = FeaturePart(head=9)
    assert (TrainOptions.quick().ways, TrainOptions.quick().steps) == ((Way((WORDS,)),), False)
    assert TrainOptions.quick(part).ways == (Way((part,)),)
    assert TrainOptions.quick().folds == 3


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_step_changes_what_it_names_and_nothing_else(step: int) -> None:
    """Each step goes on from the best way so far."""
    best = Way((CHARACTERS,), regularisation=7.0)
    changed = next_ways(best, step)
    assert changed == [replace(best, **change) for change in STEPS[step]]  # type: ignore[arg-type]
    assert all(way.parts == best.parts for way in changed)
