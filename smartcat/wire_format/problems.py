"""Pydantic's findings in one bounded line: field names and what was expected, never a value of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_MAX_PROBLEMS: Final = 5

# Pydantic speaks of Python's types; whoever writes JSON does not. Its other messages are used as they are.
_EXPECTATIONS: Final = {
    "missing": "required, and missing",
    "string_type": "expected a string",
    "string_unicode": "expected valid Unicode text, found a lone surrogate",
    "string_too_short": "expected at least {min_length} character",
    "string_too_long": "expected at most {max_length} characters",
    "tuple_type": "expected a list",
    "dict_type": "expected an object",
    "int_type": "expected a whole number",
    "too_short": "expected at least {min_length} entry",
    "too_long": "expected at most {max_length} entries",
    "timezone_aware": "expected a time zone, as in 2024-05-31T12:00:00Z",
    "datetime_from_date_parsing": "expected ISO 8601, as in 2024-05-31T12:00:00Z",
}


def describe(error: ValidationError) -> str:
    """Say what is wrong, for people.

    Args:
        error: What pydantic raised.

    Returns:
        At most five problems, "field: what was expected", and how many more there are.
    """
    found = error.errors(include_url=False, include_input=False)
    # Pydantic does not count entries that are wrong, and then finds too few: that would be said twice.
    wrong_inside = {detail["loc"][0] for detail in found if len(detail["loc"]) > 1}
    found = [d for d in found if d["type"] != "too_short" or d["loc"][0] not in wrong_inside]
    problems = [_problem(detail) for detail in found[:_MAX_PROBLEMS]]
    if len(found) > _MAX_PROBLEMS:
        problems.append(f"and {len(found) - _MAX_PROBLEMS} more")
    return "; ".join(problems)


def _problem(detail: ErrorDetails) -> str:
    template = _EXPECTATIONS.get(detail["type"])
    message = (
        detail["msg"].removeprefix("Value error, ")
        if template is None
        else template.format_map(detail.get("ctx", {}))
    )
    where = _place(detail["loc"])
    return f"{where}: {message}" if where else message


def _place(location: tuple[int | str, ...]) -> str:
    """Name the field and positions in it; deeper names are keys of the input, so they are not repeated."""
    if not location:
        return ""
    field, *inside = location
    return str(field) + "".join(f"[{step}]" for step in inside if isinstance(step, int))
