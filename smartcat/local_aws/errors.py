"""Errors of local AWS itself. Every message is one whole line."""

from __future__ import annotations


class LocalAwsError(RuntimeError):
    """Local AWS cannot start: the message says why and what to do."""
