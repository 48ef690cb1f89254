"""Makes a failing world small: leaves out whatever it fails without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from model_check.world import Put, World

_SIMPLER: Final = (
    {"sub_shards": 1},
    {"two_shards": False},
    {"clock_stands_still": False},
    {"models": 1},
    {"environments": 1},
    {"environments": 2},
    {"told_environments": False},
    {"overestimate": 1.0},
    {"batch_size": 1},
    {"units": 1000.0},
    {"latency": 0.02},
    {"through_botocore": False},
)


def shrink(world: World, fails: Callable[[World], bool]) -> World:
    """Return a world that fails and none of whose parts can be left out alone.

    Args:
        world: A world that fails.
        fails: Runs a world.
    """
    smaller = True
    while smaller:
        smaller = False
        for candidate in _candidates(world):
            if fails(candidate):
                world, smaller = candidate, True
                break
    return world


def _candidates(world: World) -> Iterator[World]:
    """Yield worlds with a little less in them."""
    for index in range(len(world.faults)):
        yield replace(world, faults=world.faults[:index] + world.faults[index + 1 :])
    for index in reversed(range(len(world.puts))):
        yield _consistent(world, world.puts[:index] + world.puts[index + 1 :])
    for index, put in enumerate(world.puts):
        if len(put.parts) == 1:
            continue
        half = len(put.parts) // 2
        for parts in (
            put.parts[:half],
            put.parts[half:],
            *(put.parts[:place] + put.parts[place + 1 :] for place in range(len(put.parts))),
        ):
            yield _consistent(
                world, (*world.puts[:index], replace(put, parts=parts), *world.puts[index + 1 :])
            )
    for change in _SIMPLER:
        simpler = replace(world, **change)  # type: ignore[arg-type]
        if simpler != world and simpler.environments <= world.environments:
            yield simpler


def _consistent(world: World, puts: tuple[Put, ...]) -> World:
    """Return the world with these puts, without replays of what is not there any more."""
    there = {(put.number, place) for put in puts for place in range(len(put.parts))}
    kept = []
    for put in puts:
        parts = tuple(part for part in put.parts if part.replay_of is None or part.replay_of in there)
        if parts:
            kept.append(replace(put, parts=parts))
    return replace(world, puts=tuple(kept))
