from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from classifier.errors import first_problem
from classifier.spec import FeatureSpec


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"n_features": 1000}, "power of two"),
        ({"n_features": 2**40}, "n_features"),
        ({"n_features": 2**10, "ngram_range": (2, 1)}, "shortest n-gram first"),
        ({"n_features": 2**10, "ngram_range": (0, 1)}, "ngram_range.0"),
        ({"n_features": 2**10, "token_pattern": r"(\w+\s?)+$"}, "token_pattern"),
        ({"n_features": 2**10, "alternate_sign": True}, "alternate_sign"),
        ({"n_features": 2**10, "stop_words": "english"}, "stop_words"),
    ],
)
def test_impossible_specs_are_refused(fields: dict[str, object], expected: str) -> None:
    """Each field is bounded, and the refusal names it in one line."""
    with pytest.raises(ValidationError) as caught:
        FeatureSpec(**fields)  # type: ignore[arg-type]
    assert expected in first_problem(caught.value)
    assert "\n" not in first_problem(caught.value)


def test_cheap_modules_import_neither_numpy_nor_sklearn() -> None:
    """The command line and the pure parts of the processor do not pay for scikit-learn."""
    code = (
        "import sys, classifier, classifier.decision, classifier.errors, classifier.spec, training.corpus\n"
        "assert not {'numpy', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
