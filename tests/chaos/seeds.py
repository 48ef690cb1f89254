"""Which seeds a run uses."""

from __future__ import annotations

import os
from typing import Final

SHORT_SET: Final = (139, 148, 200)
"""Together they have every kind of fault, as test_plan_generator.py checks."""


def selected_seeds() -> tuple[int, ...]:
    """Return one seed (CHAOS_SEED), or so many from 1 on (CHAOS_SEEDS), or the short set."""
    if one := os.environ.get("CHAOS_SEED"):
        return (int(one),)
    if count := os.environ.get("CHAOS_SEEDS"):
        return tuple(range(1, int(count) + 1))
    return SHORT_SET
