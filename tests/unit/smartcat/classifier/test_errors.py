from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from smartcat.classifier.errors import validation_message


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    numbers: dict[str, int]


def problem(content: dict[str, object]) -> str:
    """Return the one line about a form that is wrong."""
    with pytest.raises(ValidationError) as caught:
        Form.model_validate_json(json.dumps(content))
    return validation_message(caught.value)


def test_the_first_finding_is_named_and_the_others_counted() -> None:
    """Where, what was expected, and how much more there is."""
    said = problem({"numbers": {"one": "x", "two": "y", "three": 3}})
    assert said.startswith("numbers.one: Input should be a valid integer")
    assert said.endswith("(and 1 more)")
    assert problem([]).startswith("(top level): ")  # type: ignore[arg-type]


@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_names_from_the_input_stay_on_one_short_printable_line(name: str) -> None:
    """A key that somebody made up cannot end the line of a log, steer a terminal, or fill a disk."""
    for content in ({"numbers": {name: "x"}}, {"numbers": {}, f"{name}!": 1}):
        assert problem(content).isprintable()
        assert len(problem(content)) < 700


def test_values_are_not_repeated() -> None:
    """What was wrong is not said, it might be text of a page."""
    assert "secret" not in problem({"numbers": {"one": "secret"}})
