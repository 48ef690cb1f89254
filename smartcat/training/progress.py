"""The progress callback that every long step of training and evaluation takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the stage, the steps done and the steps in all (0 where that is not known)."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""
