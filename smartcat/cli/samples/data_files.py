"""Reads the text of the samples, which is package data under ``text/``. Knows no format but TOML."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

LANGUAGES = ("de", "en")
"""Each has a folder of its own under ``text/``."""


def read_text(*path: str) -> str:
    """Return the UTF-8 text of a data file.

    Args:
        path: Its name below ``text/``, folder by folder.

    Raises:
        FileNotFoundError: There is no such file.
    """
    return files(__package__).joinpath("text", *path).read_text("utf-8")


def read_toml(*path: str) -> dict[str, Any]:
    """Return the content of a TOML data file; arguments and errors as for :func:`read_text`."""
    return tomllib.loads(read_text(*path))
