"""Errors of building a Lambda package."""

from __future__ import annotations


class PackageError(RuntimeError):
    """The package cannot be built; the message is one line for people."""
