"""Draws the plan of a seed: the same seed gives the same plan. Pure.

A document's versions share a partition key: Kinesis keeps order within a key only, and without
order there is no last version.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from chaos.draw_harms import Harms, draw_kinds
from chaos.plan import Aggregate, BadPart, Kind, Plan, Poison, Single, Version, Wave

if TYPE_CHECKING:
    from chaos.plan import Put

ENDURING_RETRIES: Final = 100
"""What the system has by default: no scenario is long enough to use it up."""

POISON_PAYLOADS: Final = 15
"""Most poison records of a scenario: ``rejected_payloads`` makes one of each sort."""

ID_PREFIX: Final = "paper-no-"
"""Begins every document's id, and must stand in no log."""


def draw(seed: int) -> Plan:
    """Draw the plan of a seed, any whole number."""
    chance = random.Random(seed)  # noqa: S311 - a scenario, not a secret
    kinds = draw_kinds(chance)
    shards = chance.randint(2 if Kind.MERGE in kinds else 1, 4)
    puts, units = _draw_puts(chance)
    span = chance.uniform(3.0, 4.5)
    # The table needs longer than the records take to come: a backlog is there whenever harm is done.
    write_units = min(200, max(20, round(units / chance.uniform(8.0, 12.0))))
    timeout_seconds = chance.randint(3, 5)
    factor = chance.randint(1, 2)
    waves = _in_waves(chance, puts, span)
    harms = Harms(chance, kinds, span, timeout_seconds, write_units, factor, waves[-1].at)
    return Plan(
        seed=seed,
        shards=shards,
        parallelization_factor=factor,
        batch_size=chance.choice([20, 50, 100]),
        write_units=write_units,
        burst_seconds=round(chance.uniform(0.0, 0.3), 2),
        overestimate=round(chance.uniform(1.0, 10.0), 1),
        timeout_seconds=timeout_seconds,
        max_retries=0 if Kind.TABLE_OUTAGE in kinds else ENDURING_RETRIES,
        waves=waves,
        harms=harms.all(shards),
    )


def _draw_puts(chance: random.Random) -> tuple[list[Put], int]:
    """Draw everything that is put, and the write units that it takes at least."""
    versions = _draw_versions(chance, documents=chance.randint(250, 450))
    keys = [f"aggregate-{number}" for number in range(chance.randint(1, 4))]
    packed_share = chance.uniform(0.2, 0.6)
    key_of: dict[str, str | None] = {}
    waiting: dict[str, list[Version | BadPart]] = {key: [] for key in keys}
    puts: list[Put] = []
    for version in versions:
        name = version.document_id
        if name not in key_of:
            key_of[name] = chance.choice(keys) if chance.random() < packed_share else None
        key = key_of[name]
        if key is None:
            puts.append(Single(version))
            continue
        waiting[key].append(version)
        if chance.random() < 0.05:
            waiting[key].append(BadPart(f"bad-{len(puts)}-{len(waiting[key])}"))
        if chance.random() < 0.08:
            puts.append(Aggregate(key, tuple(waiting[key])))
            waiting[key] = []
    puts += [Aggregate(key, tuple(parts)) for key, parts in waiting.items() if parts]
    for number in range(chance.randint(8, POISON_PAYLOADS)):
        puts.insert(chance.randint(0, len(puts)), Poison(number))
    return puts, sum(1 + version.bulk // 4 for version in versions)


def _draw_versions(chance: random.Random, documents: int) -> list[Version]:
    """Draw 1 to 3 versions of each document, mixed, but each document's in order."""
    repeated = chance.uniform(0.05, 0.25)
    places: list[tuple[float, str]] = []
    for number in range(documents):
        count = chance.randint(2, 3) if chance.random() < repeated else 1
        places += [(chance.random(), f"{ID_PREFIX}{number}") for _ in range(count)]
    seen: dict[str, int] = {}
    versions = []
    for _, name in sorted(places):
        seen[name] = seen.get(name, 0) + 1
        bulk = chance.randint(1, 12) if chance.random() < 0.1 else 0
        versions.append(Version(name, seen[name], bulk))
    return versions


def _in_waves(chance: random.Random, puts: list[Put], span: float) -> tuple[Wave, ...]:
    """Spread the records over the scenario, so that there is work whenever harm is done."""
    count = chance.randint(3, 5)
    share = len(puts) / count
    cuts = [round(share * (place + chance.uniform(-0.3, 0.3))) for place in range(1, count)]
    bounds = list(zip([0, *cuts], [*cuts, len(puts)], strict=True))
    moments = [
        round(0.8 * span * (place + chance.uniform(-0.3, 0.3)) / count, 2) for place in range(1, count)
    ]
    return tuple(
        Wave(at, tuple(puts[start:end])) for at, (start, end) in zip([0.0, *moments], bounds, strict=True)
    )
