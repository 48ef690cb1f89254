"""What can go wrong while an artifact is built."""

from __future__ import annotations


class ArtifactError(RuntimeError):
    """The artifact cannot be built; the message is one line for people."""
