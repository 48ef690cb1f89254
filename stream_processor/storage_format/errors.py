"""What reading a stored object can raise. For what writing can raise see stream_processor/errors.py."""

from __future__ import annotations


class UnreadableObjectError(ValueError):
    """An object is not what its bucket should hold, or is damaged; the message says how, without content."""
