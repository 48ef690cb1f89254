"""What can go wrong when a model is read. Messages are one line and never hold page text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import ValidationError

_LONGEST_NAME: Final = 60


class ClassifierError(Exception):
    """Base of every error this package raises on purpose."""


class ModelError(ClassifierError, ValueError):
    """A model directory that must not be used; the message names the file and the check that refused it."""


class EngineMissingError(ClassifierError):
    """An engine was asked for that is not installed here; the message says which, and why."""


class PageTooLargeError(ClassifierError, ValueError):
    """A page with more text than the compiled engine takes; the message gives the bound."""


def first_problem(error: ValidationError) -> str:
    """Put the first finding of a schema check into one line, without the value that caused it.

    Args:
        error: What pydantic raised.

    Returns:
        ``field.path: what was expected``, followed by how many further findings there are. Names that whoever
        wrote the input made up are cut, and escaped where they are not printable: the line goes into logs.
    """
    findings = error.errors(include_url=False, include_input=False, include_context=False)
    first = findings[0]
    where = ".".join(_plain(str(part)) for part in first["loc"]) or "(top level)"
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{where}: {' '.join(first['msg'].split())}{more}"


def _plain(name: str) -> str:
    cut = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return cut if cut.isprintable() else ascii(cut)
