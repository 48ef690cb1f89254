"""Runs many worlds, and tells of one that fails what a person needs to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model_check.environment import replaced
from model_check.generator import generate_world
from model_check.run import run_world
from model_check.shrink import shrink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def failing(seeds: Iterable[int]) -> Iterator[int]:
    """Yield the seeds of worlds in which a promise is broken."""
    with replaced():
        for seed in seeds:
            if run_world(generate_world(seed)).problems:
                yield seed


def failing_of(seeds: range) -> list[int]:
    """Return the seeds that fail; for another process, which finds this by its name."""
    return list(failing(seeds))


def report(seed: int, *, shrunk: bool = True) -> str:
    """Return a world, what happened in it and what was wrong, as text; the smallest that fails like it."""
    with replaced():
        world = generate_world(seed)
        if shrunk and run_world(world).problems:
            world = shrink(world, lambda candidate: bool(run_world(candidate).problems))
        outcome = run_world(world, traced=True)
    lines = [str(world), *outcome.trace, *(f"WRONG: {problem}" for problem in outcome.problems)]
    return "\n".join([*lines, f"the whole of it: make worlds SEED={seed}"])
