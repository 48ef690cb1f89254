"""A validation error of pydantic in one bounded line: fields and expectations, never a value of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_MAX_PROBLEMS: Final = 5

# Pydantic names Python's types, which mean nothing to somebody who writes JSON. Its other messages are used
# as is.
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


def validation_message(error: ValidationError) -> str:
    """Return what is wrong in one line for people.

    Args:
        error: What pydantic raised.

    Returns:
        At most five problems, "field: what was expected", and how many more there are.
    """
    details = error.errors(include_url=False, include_input=False)
    # Pydantic leaves invalid entries out of its count and then reports a list as too short as well: drop
    # that.
    with_invalid_entries = {detail["loc"][0] for detail in details if len(detail["loc"]) > 1}
    details = [d for d in details if d["type"] != "too_short" or d["loc"][0] not in with_invalid_entries]
    problems = [_problem(detail) for detail in details[:_MAX_PROBLEMS]]
    if len(details) > _MAX_PROBLEMS:
        problems.append(f"and {len(details) - _MAX_PROBLEMS} more")
    return "; ".join(problems)


def _problem(detail: ErrorDetails) -> str:
    template = _EXPECTATIONS.get(detail["type"])
    message = (
        detail["msg"].removeprefix("Value error, ")
        if template is None
        else template.format_map(detail.get("ctx", {}))
    )
    path = _path(detail["loc"])
    return f"{path}: {message}" if path else message


def _path(location: tuple[int | str, ...]) -> str:
    """Return the field and the indices in it; deeper names are keys of the input, so they are left out."""
    if not location:
        return ""
    field, *inside = location
    return str(field) + "".join(f"[{index}]" for index in inside if isinstance(index, int))
