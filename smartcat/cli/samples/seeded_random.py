"""Seeded random states, and the pick from a list that every generator here uses."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_Item = TypeVar("_Item")


def seeded(*key: object) -> Random:
    """Return a random state that depends on the key alone; the same in every process and Python version."""
    return Random(":".join(map(str, key)))  # noqa: S311 - samples need repeatability, not secrecy


def pick(rng: Random, items: Sequence[_Item]) -> _Item:
    """Return one of the items; there must be at least one.

    `Random.choice` takes three times as long, and this is the generator's innermost call.
    """
    return items[int(rng.random() * len(items))]
