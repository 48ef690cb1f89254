"""The table of hyperparameters is the one place where they are written."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from smartcat.classifier.manifest import Trial
from smartcat.classifier.spec import MAX_FEATURES, MIN_FEATURES, FeatureSpec
from smartcat.cli.commands.train import Features
from smartcat.cli.commands.train import train as train_command
from smartcat.training.hyperparameter_table import BY_NAME, TABLE, docs_table
from smartcat.training.hyperparameters import FEATURE_SETS, Hyperparameters, TrainingOptions

ROOT = Path(__file__).resolve().parents[4]


def names(group: str) -> set[str]:
    """Return the hyperparameters of a group."""
    return {each.name for each in TABLE if each.group == group}


def test_the_classes_have_the_fields_and_defaults_of_the_table() -> None:
    """Every field but what holds the features stands in the table, and nothing else does."""
    model = {field.name: field.default for field in fields(Hyperparameters) if field.name != "spec"}
    others = {"candidates", "suspects"}
    training = {field.name: field.default for field in fields(TrainingOptions) if field.name not in others}
    assert model.keys() == names("model") - {"features"}
    assert training.keys() == names("training")
    assert names("features") < FeatureSpec.model_fields.keys()
    for name, default in {**model, **training}.items():
        assert default == BY_NAME[name].default
    spec = Hyperparameters().spec
    assert {name: getattr(spec, name) for name in names("features")} == {
        name: BY_NAME[name].default for name in names("features")
    }


def test_every_default_is_in_range() -> None:
    """And so is every feature set, and the bounds of the model's format."""
    assert all(each.accepts(each.default) for each in TABLE)
    assert BY_NAME["features"].choices == ("auto", *FEATURE_SETS) == tuple(Features)
    assert (BY_NAME["n_features"].minimum, BY_NAME["n_features"].maximum) == (MIN_FEATURES, MAX_FEATURES)


def test_the_manifest_records_every_hyperparameter_of_a_model() -> None:
    """With what they achieved."""
    assert Trial.model_fields.keys() == names("model") | {"accuracy", "log_loss"}


def test_the_documentation_has_the_table() -> None:
    """As the code has it."""
    assert "\n".join(docs_table()) in (ROOT / "docs" / "models.md").read_text("utf-8")


@pytest.mark.parametrize("name", [each.name for each in TABLE if each.option])
def test_the_command_has_the_default_range_and_meaning_of_the_table(name: str) -> None:
    """Megabytes on the command line, bytes elsewhere."""
    row = BY_NAME[name]
    assert row.option is not None
    parameter = signature(train_command, eval_str=True).parameters[row.option.strip("-").replace("-", "_")]
    (option,) = parameter.annotation.__metadata__
    unit = 1_000_000 if name == "max_bytes" else 1
    assert parameter.default == (row.default / unit if isinstance(row.default, int | float) else row.default)
    assert option.help.startswith(row.help)
    if row.maximum is not None and not row.exclusive:
        assert option.max == row.maximum / unit
        assert name == "max_bytes" or option.min == row.minimum


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("regularisation", [0.1, 3], [0.0, -1.0, math.nan, math.inf, None, "1", True]),
        ("target_precision", [0.5, None], [0.0, 1.0, math.nan]),
        ("review_below", [0, 0.5, 1], [-0.1, 1.1, math.nan, None]),
        ("seed", [0, 2**32 - 1], [-1, 2**32, 0.5, True]),
        ("class_weight", ["balanced", None], ["other", 1]),
        ("idf", [True, False], [0, 1, None]),
    ],
)
def test_values_out_of_range_are_not_accepted(name: str, good: list[Any], bad: list[Any]) -> None:
    """Bounds, types, and what is no number."""
    assert all(BY_NAME[name].accepts(value) for value in good)
    assert not any(BY_NAME[name].accepts(value) for value in bad)


def test_reading_the_table_costs_nothing() -> None:
    """The command line prints its help from it, without pydantic and scikit-learn."""
    code = (
        "import sys, smartcat.training.hyperparameter_table\n"
        "assert not {'numpy', 'pydantic', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
