"""The errors of this package. Messages are one line and must never hold page text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import ValidationError

_LONGEST_NAME: Final = 60


class ClassifierError(Exception):
    """Base of every error that this package raises on purpose."""


class ModelError(ClassifierError, ValueError):
    """A model directory that must not be used; the message names the file and the check that failed."""


class EngineMissingError(ClassifierError):
    """The requested engine is not installed here; the message says which, and why."""


class PageTooLargeError(ClassifierError, ValueError):
    """A page with more text than the compiled engine accepts; the message gives the limit."""


def validation_message(error: ValidationError) -> str:
    """Return the first problem of a validation error in one line, without the value that caused it.

    Args:
        error: What pydantic raised.

    Returns:
        ``field.path: what was expected``, followed by the number of further problems. Names come from the
            input,
        so they are truncated, and escaped where they are not printable: the line goes into logs.
    """
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    first = problems[0]
    path = ".".join(_printable(str(part)) for part in first["loc"]) or "(top level)"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{path}: {' '.join(first['msg'].split())}{more}"


def _printable(name: str) -> str:
    short = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return short if short.isprintable() else ascii(short)
