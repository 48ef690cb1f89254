from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.errors import TrainingError
from smartcat.training.hyperparameters import (
    CHARACTERS,
    FEATURE_SETS,
    HEAD_WORDS,
    THOROUGH_REFINEMENTS,
    WORDS,
    Hyperparameters,
    TrainingOptions,
    all_feature_sets,
    feature_spec,
    refined,
    summarize,
)


def _with(**hyperparameters: Any) -> TrainingOptions:
    return TrainingOptions((Hyperparameters(), Hyperparameters(**hyperparameters)))


@pytest.mark.parametrize(
    ("make", "fields", "expected"),
    [
        (TrainingOptions, {"candidates": ()}, "candidates should be one or more"),
        (all_feature_sets, {"n_features": 1000}, "n_features: Value error, should be a power of two"),
        (all_feature_sets, {"n_features": 2**24}, "of all parts together should be at most 16777216"),
        (partial(feature_spec, WORDS, WORDS), {}, "parts should not repeat one another"),
        (feature_spec, {}, "parts"),
        (_with, {"regularisation": 0.0}, "regularisation should be a number above 0"),
        (_with, {"regularisation": math.nan}, "regularisation"),
        (_with, {"regularisation": math.inf}, "regularisation"),
        (_with, {"naive_bayes": -0.1}, "naive_bayes should be 0 or more"),
        (_with, {"loss": "hinge"}, "loss should be squared_hinge or log"),
        (_with, {"class_weight": "equal"}, "class_weight should be balanced"),
        (_with, {"spec": feature_spec(WORDS, n_features=64)}, "candidates should differ in the parts"),
        (TrainingOptions, {"seed": -1}, "seed"),
        (TrainingOptions, {"seed": 2**32}, "seed"),
        (TrainingOptions, {"seed": True}, "seed should be from 0 to 4294967295"),
        (TrainingOptions, {"review_below": 1.5}, "review_below"),
        (TrainingOptions, {"review_below": math.nan}, "review_below"),
        (TrainingOptions, {"target_precision": 0.0}, "target_precision should be above 0 and below 1"),
        (TrainingOptions, {"target_precision": 1.0}, "target_precision"),
        (TrainingOptions, {"target_precision": math.nan}, "target_precision"),
        (TrainingOptions, {"folds": 1}, "folds should be 2 or more"),
        (TrainingOptions, {"selection_folds": 1}, "folds"),
        (TrainingOptions, {"min_pages": 0}, "min_pages"),
        (TrainingOptions, {"max_bytes": 9_999}, "max_bytes should be from 10000 to 500000000"),
        (TrainingOptions, {"max_bytes": 500_000_001}, "max_bytes"),
        (TrainingOptions, {"max_selection_documents": 99}, "max_selection_documents"),
        (TrainingOptions, {"precision": "int4"}, "precision should be int8 or float32"),
        (TrainingOptions.quick, {"strip_accents": "yes"}, "strip_accents"),
    ],
)
def test_impossible_options_are_refused(make: Any, fields: dict[str, Any], expected: str) -> None:
    """A wrong option is named before any work is done."""
    with pytest.raises(TrainingError, match=expected) as caught:
        make(**fields)
    assert "\n" not in str(caught.value)


def test_options_become_the_spec() -> None:
    """What was chosen is what the features will be."""
    changes = {
        "n_features": 64,
        "canonical": None,
        "lowercase": False,
        "strip_accents": "ascii",
        "sublinear_tf": False,
        "idf": False,
    }
    assert TrainingOptions.quick(CHARACTERS, HEAD_WORDS, **changes).candidates[0].spec == FeatureSpec(
        n_features=64,
        parts=(CHARACTERS, HEAD_WORDS),
        lowercase=False,
        strip_accents="ascii",
        sublinear_tf=False,
        idf=False,
    )


def test_every_set_of_features_is_compared_by_default() -> None:
    """Each candidate once, and every kind of n-gram counted once for all of them."""
    options = TrainingOptions()
    assert [each.spec.parts for each in options.candidates] == list(FEATURE_SETS.values())
    assert len(set(options.parts)) == len(options.parts)
    assert {part for each in options.candidates for part in each.spec.parts} == set(options.parts)


def test_quick_options_compare_nothing() -> None:
    """Words, or the parts named, and three folds."""
    part = FeaturePart(head=9)
    quick = TrainingOptions.quick()
    assert (quick.candidates, quick.refine) == ((Hyperparameters(feature_spec(WORDS)),), False)
    assert TrainingOptions.quick(part).candidates == (Hyperparameters(feature_spec(part)),)
    assert TrainingOptions.quick().folds == 3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "squared hinge, C 1"),
        ({"loss": "log", "regularisation": 10.0}, "log, C 10"),
        (
            {"regularisation": 0.3, "class_weight": "balanced", "naive_bayes": 0.6},
            "squared hinge, C 0.3, balanced, naive Bayes 0.6",
        ),
    ],
)
def test_hyperparameters_are_summarized_in_a_line(changes: dict[str, Any], expected: str) -> None:
    """What changes nothing is left out."""
    facts = Hyperparameters(**changes).to_facts(accuracy=0.5, log_loss=1.0)
    assert summarize(facts) == expected


@pytest.mark.parametrize("step", range(len(THOROUGH_REFINEMENTS)))
def test_a_step_changes_what_it_names_and_nothing_else(step: int) -> None:
    """Each step refines the best candidate so far."""
    best = Hyperparameters(feature_spec(CHARACTERS), regularisation=7.0)
    changed = refined(best, THOROUGH_REFINEMENTS[step])
    assert changed == [replace(best, **change) for change in THOROUGH_REFINEMENTS[step]]
    assert all(each.spec == best.spec for each in changed)
