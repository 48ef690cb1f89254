"""A scenario as data: what is put on the stream, and what harm is done at which moment. Nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


AFTER_ALL: Final = 1000.0
"""The moment of what is done when the account has been closed, and must leave it closed."""


class Kind(StrEnum):
    """A kind of harm. The first group lasts for a while, the second strikes once."""

    TABLE_ERRORS = "table answers 500"
    TABLE_THROTTLES = "table throttles beyond its capacity"
    TABLE_LOST_ANSWERS = "table writes and its answer is lost"
    TABLE_HANGS = "table hangs longer than the client waits"
    TABLE_LATENCY = "table is slow"
    TABLE_OUTAGE = "table fails for longer than an invocation, without retries left"
    NEIGHBOUR = "somebody else uses up the table's capacity"
    QUARANTINE_OUTAGE = "quarantine cannot be written"
    MODEL_OUTAGE = "model cannot be read while environments start"
    READ_ERRORS = "stream cannot be read"
    PUT_ERRORS = "producer's requests fail or lose their answer"

    KILL_ALL = "every environment is killed"
    KILL_ONE = "one environment is killed"
    FREEZE_ONE = "one environment stands still until it times out"
    SPLIT = "a shard is split"
    MERGE = "two shards are merged"
    RESCALE = "the number of shards is changed"
    TABLE_RESTORED = "table is deleted and restored"
    CAPACITY = "the table's capacity is changed"
    MAPPING = "the event source mapping is changed"
    DELIVERED_AGAIN = "everything is delivered again from the beginning"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document.

    Attributes:
        document_id: Its id.
        number: 1, 2, 3: the order in which the versions are put.
        bulk: Entries of metadata that make its item larger, 0 to 12; four cost about one write unit.
    """

    document_id: str
    number: int
    bulk: int = 0


@dataclass(frozen=True, slots=True)
class BadPart:
    """A user record in an aggregate that is no document."""

    name: str


@dataclass(frozen=True, slots=True)
class Single:
    """One document as a record of its own, under its own key."""

    version: Version


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Several documents in one KPL record. All versions of a document travel under the same key."""

    key: str
    parts: tuple[Version | BadPart, ...]


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that nobody can read: the ``number``-th payload of the scenario's seed, from 0."""

    number: int


Put = Single | Aggregate | Poison


@dataclass(frozen=True, slots=True)
class Wave:
    """Records that are put one after the other, beginning ``at`` seconds after the first result was stored.

    The first wave is put before that.
    """

    at: float
    puts: tuple[Put, ...]


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm.

    Attributes:
        kind: What it is.
        at: Seconds after the first result was stored; ``AFTER_ALL`` for what would hide a loss.
        lasts: Seconds it lasts; 0 for what strikes once.
        rule: The fault rule of what lasts, without its resource; None where something else is done.
        choice: Says which process or shard is struck, 0 up to 1.
        number: New capacity, shard count or parallelization factor; seconds for which the table is gone.
    """

    kind: Kind
    at: float
    lasts: float = 0.0
    rule: Mapping[str, Any] | None = None
    choice: float = 0.0
    number: float = 0.0

    def __str__(self) -> str:
        if self.at == AFTER_ALL:
            return f"after all: {self.kind}"
        until = f" to {self.at + self.lasts:.2f}" if self.lasts else ""
        rule = f" {dict(self.rule)}" if self.rule else ""
        details = "" if self.rule else f" (choice {self.choice:.3f}, number {self.number:g})"
        return f"{self.at:5.2f} s{until}: {self.kind}{rule}{details}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a seed decides.

    Attributes:
        seed: The seed.
        shards: Shards at the start.
        parallelization_factor: Of the mapping at the start.
        batch_size: Records an invocation.
        write_units: Capacity of the table at the start, units a second.
        burst_seconds: Seconds' worth of unused capacity that a new table starts with.
        overestimate: How many times the table's capacity the function is told, 1 or more: only the table's
            refusals tell it better.
        timeout_seconds: The function's.
        max_retries: Of the mapping. 0 uses up retries on purpose: then the failure destination may hold
            records, and they are accounted for there.
        waves: What is put, in this order.
        harms: What is done, by time.
    """

    seed: int
    shards: int
    parallelization_factor: int
    batch_size: int
    write_units: int
    burst_seconds: float
    overestimate: float
    timeout_seconds: int
    max_retries: int
    waves: tuple[Wave, ...]
    harms: tuple[Harm, ...]

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of harm in it."""
        return frozenset(harm.kind for harm in self.harms)

    def puts(self) -> Iterator[Put]:
        """Everything that is put, in order."""
        for wave in self.waves:
            yield from wave.puts

    def versions(self) -> Iterator[Version]:
        """Every version of every document, in the order in which they are put."""
        for put in self.puts():
            if isinstance(put, Single):
                yield put.version
            elif isinstance(put, Aggregate):
                yield from (part for part in put.parts if isinstance(part, Version))

    def __str__(self) -> str:
        """The plan for people: sizes, then waves, then harms, a line each."""
        versions = list(self.versions())
        documents = {each.document_id for each in versions}
        puts = list(self.puts())
        aggregates = [put for put in puts if isinstance(put, Aggregate)]
        bad = sum(isinstance(part, BadPart) for put in aggregates for part in put.parts)
        poison = sum(isinstance(put, Poison) for put in puts)
        lines = [
            f"chaos scenario {self.seed}; repeat it with: make chaos SEED={self.seed}",
            f"{len(versions)} versions of {len(documents)} documents, {poison} poison records",
            f"{len(aggregates)} aggregates with {bad} bad parts",
            f"{self.shards} shards x {self.parallelization_factor}, batches of {self.batch_size}",
            f"{self.write_units} write units/s after {self.burst_seconds:.2f} s of burst",
            f"the function is told {self.overestimate} times the capacity",
            f"time-out {self.timeout_seconds} s, {self.max_retries} retries",
            *(f"{wave.at:5.2f} s: {len(wave.puts)} records are put" for wave in self.waves),
            *map(str, self.harms),
        ]
        return "\n".join(lines)
