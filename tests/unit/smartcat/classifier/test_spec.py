from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from smartcat.classifier.errors import validation_message
from smartcat.classifier.spec import FeaturePart, FeatureSpec

WORD, HEAD = FeaturePart(), FeaturePart(analyzer="char_wb", ngram_range=(2, 5), head=256)
FIVE = tuple(FeaturePart(head=size) for size in range(1, 6))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"n_features": 1000}, "power of two"),
        ({"n_features": 2**40}, "n_features"),
        ({"n_features": 8}, "n_features"),
        ({"n_features": 2**10, "parts": ()}, "parts"),
        ({"n_features": 2**10, "parts": FIVE}, "parts"),
        ({"n_features": 2**10, "parts": (WORD, WORD)}, "parts should not repeat"),
        ({"n_features": 2**24, "parts": (WORD, HEAD)}, "together should be at most 16777216"),
        ({"n_features": 2**10, "token_pattern": r"(\w+\s?)+$"}, "token_pattern"),
        ({"n_features": 2**10, "alternate_sign": True}, "alternate_sign"),
        ({"n_features": 2**10, "stop_words": "english"}, "stop_words"),
    ],
)
def test_impossible_specs_are_refused(fields: dict[str, Any], expected: str) -> None:
    """Each field is bounded, and the refusal names it in one line."""
    with pytest.raises(ValidationError) as caught:
        FeatureSpec(**fields)
    assert expected in validation_message(caught.value)
    assert "\n" not in validation_message(caught.value)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"ngram_range": (2, 1)}, "shortest n-gram first"),
        ({"ngram_range": (0, 1)}, "ngram_range.0"),
        ({"ngram_range": (1, 11)}, "ngram_range.1"),
        ({"head": 0}, "head"),
        ({"head": 2**17}, "head"),
        ({"analyzer": "char"}, "analyzer"),
    ],
)
def test_impossible_parts_are_refused(fields: dict[str, Any], expected: str) -> None:
    """A part's fields are bounded too."""
    with pytest.raises(ValidationError) as caught:
        FeaturePart(**fields)
    assert expected in validation_message(caught.value)


def test_parts_are_named_for_people() -> None:
    """A model says what it reads."""
    spec = FeatureSpec(n_features=2**10, parts=(WORD, HEAD))
    assert spec.describe() == "words 1-2 + characters 2-5 of the first 256"
    assert spec.width == 2**11


def test_a_spec_survives_json() -> None:
    """What the manifest holds is the spec, to the equality by which models share a hashing."""
    spec = FeatureSpec(n_features=2**10, parts=(WORD, HEAD), strip_accents="ascii", idf=False)
    assert FeatureSpec.model_validate_json(spec.model_dump_json()) == spec


def test_cheap_modules_import_neither_numpy_nor_sklearn() -> None:
    """The command line and the pure parts of the processor do not pay for scikit-learn."""
    code = (
        "import sys, smartcat.classifier.decision, smartcat.classifier.errors, smartcat.classifier.golden\n"
        "import smartcat.classifier.model_directory, smartcat.classifier.manifest\n"
        "import smartcat.classifier.scorer, smartcat.classifier.spec\n"
        "import smartcat.training.corpus\n"
        "assert not {'numpy', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
