"""From a seed to a world: two of five anything at all, the others of a kind in which faults were found."""

from __future__ import annotations

import random
from typing import Any, Final, NamedTuple

from model_check.world import Fault, FaultKind, Part, PartKind, Put, World

_REJECTED: Final = [PartKind.JUNK, PartKind.DEFECT, PartKind.REFUSED, PartKind.MISSING_CLAIM]
_KINDS: Final = [PartKind.DOCUMENT] * 60 + [PartKind.CLAIM] * 2 + _REJECTED
_MANY_REJECTED: Final = [PartKind.DOCUMENT] * 6 + [PartKind.CLAIM] * 2 + _REJECTED
_WEIGHTS: Final = {
    FaultKind.TABLE_FAILS: 2,
    FaultKind.TABLE_THROTTLES: 2,
    FaultKind.TABLE_LOST_ANSWER: 3,
    FaultKind.TABLE_LATE_WRITE: 4,
    FaultKind.TABLE_DAMAGED: 2,
    FaultKind.TABLE_REFUSES: 1,
    FaultKind.OBJECTS_FAIL: 1,
    FaultKind.OBJECTS_DAMAGED: 1,
    FaultKind.QUARANTINE_DOWN: 1,
    FaultKind.ANSWER_LOST: 4,
    FaultKind.REPEATED_EARLY: 2,
    FaultKind.CHECKPOINT: 3,
    FaultKind.REWIND: 2,
    FaultKind.TABLE_EMPTIED: 3,
    FaultKind.KILLED: 2,
    FaultKind.PAUSED: 2,
    FaultKind.CLOCK_BACK: 1,
}
_IN_PARTS: Final = {
    FaultKind.ANSWER_LOST: 4,
    FaultKind.TABLE_EMPTIED: 4,
    FaultKind.CHECKPOINT: 3,
    FaultKind.REWIND: 2,
    FaultKind.REPEATED_EARLY: 2,
    FaultKind.PAUSED: 2,
    FaultKind.KILLED: 1,
}
_OVERTAKING: Final = {
    FaultKind.TABLE_LATE_WRITE: 5,
    FaultKind.TABLE_LOST_ANSWER: 3,
    FaultKind.REPEATED_EARLY: 3,
    FaultKind.ANSWER_LOST: 3,
    FaultKind.TABLE_FAILS: 1,
}
_UNCERTAIN: Final = {
    FaultKind.QUARANTINE_DOWN: 4,
    FaultKind.OBJECTS_FAIL: 2,
    FaultKind.OBJECTS_DAMAGED: 2,
    FaultKind.TABLE_DAMAGED: 3,
    FaultKind.TABLE_REFUSES: 2,
    FaultKind.TABLE_LOST_ANSWER: 1,
    FaultKind.ANSWER_LOST: 1,
    FaultKind.KILLED: 1,
}
_BOTOCORE: Final = 1 / 12
"""Share of the worlds whose requests go through botocore: they take four times as long."""


class _Theme(NamedTuple):
    """What worlds of a kind have in common.

    Attributes:
        weights: How often each kind of fault occurs.
        units: Write units a second, one of these.
        environments: The most environments, one of these.
        documents: The most documents that records share.
        parts: The most parts of an aggregate, one of these.
        aggregates: Share of the records that are aggregates.
        most_puts: The most records.
        kinds: What user records are.
    """

    weights: dict[FaultKind, int]
    units: tuple[float, ...]
    environments: tuple[int, ...]
    documents: int
    parts: tuple[int, ...]
    aggregates: float
    most_puts: int
    kinds: list[PartKind] = _KINDS


_THEMES: Final = (
    _Theme(_WEIGHTS, (2.0, 5.0, 20.0, 1000.0), (1, 2, 2, 3), 6, (3, 12), 0.5, 8),
    _Theme(_WEIGHTS, (2.0, 5.0, 20.0, 1000.0), (1, 2, 2, 3), 6, (3, 12), 0.5, 8),
    _Theme(_IN_PARTS, (2.0, 5.0), (1, 2, 2), 4, (8, 16), 0.8, 5),
    _Theme(_OVERTAKING, (5.0, 1000.0), (2, 3), 3, (3,), 0.4, 8),
    _Theme(_UNCERTAIN, (5.0, 1000.0), (1, 2), 4, (3, 6), 0.5, 6, _MANY_REJECTED),
)


def generate_world(seed: int) -> World:
    """Return the world of a seed."""
    chance = random.Random(f"world {seed}")  # noqa: S311 - the chance of a test
    theme = chance.choice(_THEMES)
    units = chance.choice(theme.units)
    kinds = chance.choices([*theme.weights], [*theme.weights.values()], k=chance.randint(0, 5))
    puts = _puts(chance, theme, slow=units < 1000)
    end = puts[-1].at + 10.0
    if kinds.count(FaultKind.TABLE_REFUSES) > 1:
        # Refused, canary taken, refused again is what a wrong document meets: a table that is broken twice
        # within a second cannot be told from one.
        kinds = [*{*kinds}]
        kinds.sort()
    faults = sorted((_fault(chance, kind, end) for kind in kinds), key=lambda fault: fault.at)
    return World(
        seed=seed,
        environments=chance.choice(theme.environments),
        told_environments=chance.random() < 0.5,
        sub_shards=chance.choice((1, 2)),
        two_shards=chance.random() < 0.5,
        batch_size=chance.choice((1, 2, 4, 8)),
        units=units,
        burst=chance.choice((0.0, units)),
        overestimate=chance.choice((1.0, 1.0, 3.0)),
        timeout=chance.choice((4.0, 6.0, 12.0)),
        latency=chance.choice((0.02, 0.2)),
        clock_stands_still=chance.random() < 0.5,
        models=chance.choice((1, 1, 1, 2)),
        through_botocore=chance.random() < _BOTOCORE,
        puts=puts,
        faults=tuple(faults),
    )


def _puts(chance: random.Random, theme: _Theme, *, slow: bool) -> tuple[Put, ...]:
    at, puts = 0.0, list[Put]()
    lanes, documents = chance.randint(1, 3), chance.randint(1, theme.documents)
    versioned = chance.random() < VERSIONED
    for number in range(chance.randint(1, theme.most_puts)):
        if chance.random() < 0.5:
            at += chance.expovariate(1 / 3)
        lane = chance.randrange(lanes)
        again = _replay(chance, lane, puts)
        if again is not None:
            puts.append(Put(number, at, lane, again, aggregate=True))
            continue
        aggregate = chance.random() < theme.aggregates
        count = chance.randint(1, chance.choice(theme.parts)) if aggregate else 1
        mine = [each for each in range(documents) if each % lanes == lane] or [documents + lane]
        # Half of the parts of an aggregate are of the shared documents, half of them of its place alone.
        ids = [chance.choice(mine) if chance.random() < 0.5 else 100 * (lane + 1) + n for n in range(count)]
        parts = tuple(
            Part(
                document,
                chance.choice(theme.kinds),
                bulk=chance.choice((0, 0, 0, 2)) if slow else 0,
                version=_version(chance) if versioned else None,
            )
            for document in ids
        )
        puts.append(Put(number, at, lane, parts, aggregate=aggregate))
    return tuple(puts)


VERSIONED: Final = 0.25
"""Share of the worlds whose producers say versions of their own."""


def _version(chance: random.Random) -> Any:
    return chance.choice((None, 1, 2, 3, "2026-11-30T12:00:00Z", "2026-11-30T12:00:01Z"))


def _replay(chance: random.Random, lane: int, puts: list[Put]) -> tuple[Part, ...] | None:
    """Return a part that puts an earlier one of the lane on the stream again, as an operator would."""
    earlier = [
        (put.number, place, part)
        for put in puts
        if put.lane == lane
        for place, part in enumerate(put.parts)
        if part.kind is PartKind.DOCUMENT and part.replay_of is None
    ]
    if not earlier or chance.random() > 0.08:
        return None
    number, place, part = chance.choice(earlier)
    return (Part(part.document, replay_of=(number, place)),)


def _fault(chance: random.Random, kind: FaultKind, end: float) -> Fault:
    at = chance.uniform(0.0, end)
    once = {
        FaultKind.TABLE_EMPTIED: (0.0, 1.0, 600.0),
        FaultKind.PAUSED: (20.0, 3600.0),
        FaultKind.CLOCK_BACK: (10.0, 3600.0),
        FaultKind.CHECKPOINT: (0.0,),
        FaultKind.REWIND: (0.0,),
        FaultKind.KILLED: (0.0,),
    }
    if kind in once:
        return Fault(kind, at, chance.choice(once[kind]))
    delay = chance.choice((3.0, 10.0, 60.0)) if kind is FaultKind.TABLE_LATE_WRITE else 0.0
    share = 1.0 if kind is FaultKind.TABLE_REFUSES else chance.choice((0.3, 1.0))
    return Fault(kind, at, chance.choice((0.5, 3.0, 10.0)), share, delay)
