"""Generates the plan of a seed: the same seed gives the same plan. Pure.

A document's versions share a partition key: Kinesis keeps order within a key only, and without order there is
no last version.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from chaos.fault_generator import FaultGenerator, generate_kinds
from chaos.plan import (
    OUTAGES,
    Aggregate,
    FaultKind,
    InvalidPart,
    Plan,
    Single,
    UnreadableRecord,
    Version,
    Wave,
)

if TYPE_CHECKING:
    from chaos.plan import Put

DEFAULT_RETRIES: Final = 100
"""The system's default, which no scenario is long enough to exhaust."""

MOST_UNREADABLE_RECORDS: Final = 15
"""``rejected_payloads`` makes one of each sort."""

ID_PREFIX: Final = "paper-no-"
"""Prefix of every document id; it must not appear in any log."""


def generate_plan(seed: int) -> Plan:
    """Return the plan of a seed, any integer."""
    rng = random.Random(seed)  # noqa: S311 - a scenario, not a secret
    kinds = generate_kinds(rng)
    shards = rng.randint(2 if FaultKind.MERGE in kinds else 1, 4)
    puts, units = _generate_puts(rng)
    span = rng.uniform(3.0, 4.5)
    # The table is slower than the records arrive, so that there is a backlog during all faults.
    write_units = min(200, max(20, round(units / rng.uniform(8.0, 12.0))))
    timeout_seconds = rng.randint(3, 5)
    factor = rng.randint(1, 2)
    waves = _in_waves(rng, puts, span)
    faults = FaultGenerator(rng, kinds, span, timeout_seconds, write_units, factor, waves[-1].at)
    return Plan(
        seed=seed,
        shards=shards,
        parallelization_factor=factor,
        batch_size=rng.choice([20, 50, 100]),
        write_units=write_units,
        burst_seconds=round(rng.uniform(0.0, 0.3), 2),
        overestimate=round(rng.uniform(1.0, 10.0), 1),
        timeout_seconds=timeout_seconds,
        max_retries=0 if kinds & OUTAGES else DEFAULT_RETRIES,
        waves=waves,
        faults=faults.all(shards),
    )


def _generate_puts(rng: random.Random) -> tuple[list[Put], int]:
    """Return everything that is put, and the least write units that it takes."""
    versions = _generate_versions(rng, documents=rng.randint(250, 450))
    keys = [f"aggregate-{number}" for number in range(rng.randint(1, 4))]
    packed_share = rng.uniform(0.2, 0.6)
    key_of: dict[str, str | None] = {}
    waiting: dict[str, list[Version | InvalidPart]] = {key: [] for key in keys}
    puts: list[Put] = []
    for version in versions:
        name = version.document_id
        if name not in key_of:
            key_of[name] = rng.choice(keys) if rng.random() < packed_share else None
        key = key_of[name]
        if key is None:
            puts.append(Single(version))
            continue
        waiting[key].append(version)
        if rng.random() < 0.05:
            waiting[key].append(InvalidPart(f"bad-{len(puts)}-{len(waiting[key])}"))
        if rng.random() < 0.08:
            puts.append(Aggregate(key, tuple(waiting[key])))
            waiting[key] = []
    puts += [Aggregate(key, tuple(parts)) for key, parts in waiting.items() if parts]
    for number in range(rng.randint(8, MOST_UNREADABLE_RECORDS)):
        puts.insert(rng.randint(0, len(puts)), UnreadableRecord(number))
    return puts, sum(1 + version.bulk // 4 for version in versions)


def _generate_versions(rng: random.Random, documents: int) -> list[Version]:
    """Return 1 to 3 versions of each document, shuffled, but each document's in order."""
    repeated = rng.uniform(0.05, 0.25)
    positions: list[tuple[float, str]] = []
    for number in range(documents):
        count = rng.randint(2, 3) if rng.random() < repeated else 1
        positions += [(rng.random(), f"{ID_PREFIX}{number}") for _ in range(count)]
    seen: dict[str, int] = {}
    versions = []
    for _, name in sorted(positions):
        seen[name] = seen.get(name, 0) + 1
        bulk = rng.randint(1, 12) if rng.random() < 0.1 else 0
        versions.append(Version(name, seen[name], bulk))
    return versions


def _in_waves(rng: random.Random, puts: list[Put], span: float) -> tuple[Wave, ...]:
    """Spread the records over the scenario, so that there is work during all faults."""
    count = rng.randint(3, 5)
    share = len(puts) / count
    cuts = [round(share * (position + rng.uniform(-0.3, 0.3))) for position in range(1, count)]
    bounds = list(zip([0, *cuts], [*cuts, len(puts)], strict=True))
    moments = [
        round(0.8 * span * (position + rng.uniform(-0.3, 0.3)) / count, 2) for position in range(1, count)
    ]
    return tuple(
        Wave(at, tuple(puts[start:end])) for at, (start, end) in zip([0.0, *moments], bounds, strict=True)
    )
