"""A scenario as data: what is put on the stream, and which faults happen when. Nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


AT_THE_END: Final = 1000.0
"""The time of a fault after the first reconciliation; the second must succeed as well."""


class FaultKind(StrEnum):
    """A kind of fault. The first group lasts for a while, the second happens once."""

    TABLE_ERRORS = "table answers 500"
    TABLE_THROTTLES = "table throttles beyond its capacity"
    TABLE_LOST_ANSWERS = "table writes and its answer is lost"
    TABLE_LATE_WRITES = "table writes after the client gave up"
    TABLE_DAMAGED = "table's and quarantine's answers arrive damaged"
    TABLE_HANGS = "table hangs longer than the client waits"
    TABLE_LATENCY = "table is slow"
    TABLE_OUTAGE = "table fails for longer than an invocation, without retries left"
    NOISY_NEIGHBOR = "somebody else uses up the table's capacity"
    QUARANTINE_OUTAGE = "quarantine cannot be written"
    QUARANTINE_GONE = "quarantine fails for longer than an invocation, without retries left"
    DESTINATION_DOWN = "neither quarantine nor failure destination can be written"
    ANSWER_LOST = "function's answer is lost, its batch is delivered again"
    MODEL_OUTAGE = "model cannot be read while environments start"
    READ_ERRORS = "stream cannot be read"
    CREDENTIALS_GONE = "producer's credentials cannot be renewed"
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
    REDELIVERY = "everything is delivered again from the beginning"
    TABLE_EMPTIED = "everything is delivered again, and the table emptied in the middle of it"


OUTAGES: Final = frozenset({FaultKind.TABLE_OUTAGE, FaultKind.QUARANTINE_GONE})
"""Kinds of which a plan has no retries, so that records are discarded, and replayed in the end."""

AFTERWARDS: Final = frozenset({FaultKind.REDELIVERY, FaultKind.TABLE_EMPTIED})
"""Kinds that would hide earlier losses, and happen once all records are accounted for."""


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
class InvalidPart:
    """A user record in an aggregate that is not a document."""

    name: str


@dataclass(frozen=True, slots=True)
class Single:
    """One document as a record of its own, under its own key."""

    version: Version


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Several documents in one KPL record. All versions of a document travel under the same key."""

    key: str
    parts: tuple[Version | InvalidPart, ...]


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record that must be rejected: the ``number``-th payload of the scenario's seed, from 0."""

    number: int


Put = Single | Aggregate | UnreadableRecord


@dataclass(frozen=True, slots=True)
class Wave:
    """Records put one after the other, starting ``at`` seconds after the first result was stored.

    The first wave is put before that.
    """

    at: float
    puts: tuple[Put, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        kind: Its kind.
        at: Seconds after the first result was stored; ``AT_THE_END`` for what would hide a loss.
        lasts: Its duration in seconds; 0 for a fault that happens once.
        rule: The fault rule while it lasts, without its resource; None for faults without a rule. Its
            ``operations`` are those that meet it, each of its own.
        choice: Selects the process or shard, 0 up to 1.
        number: New capacity, shard count or parallelization factor; seconds without a table.
    """

    kind: FaultKind
    at: float
    lasts: float = 0.0
    rule: Mapping[str, Any] | None = None
    choice: float = 0.0
    number: float = 0.0

    @property
    def rules(self) -> list[dict[str, Any]]:
        """Return the rule as local AWS knows rules: one for each operation."""
        if self.rule is None:
            return []
        same = {name: value for name, value in self.rule.items() if name != "operations"}
        return [{**same, "operation": each} for each in self.rule["operations"]]

    def __str__(self) -> str:
        if self.at == AT_THE_END:
            return f"at the end: {self.kind}"
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
        burst_seconds: Seconds of unused capacity that a new table starts with.
        overestimate: Ratio of the capacity that the function is configured with to the table's, 1 or more:
            it learns the true one from throttling only.
        timeout_seconds: The function's.
        max_retries: Of the mapping. 0 exhausts retries on purpose: then the failure destination may hold
            records, and they are accounted for there.
        waves: The records, in the order in which they are put.
        faults: The faults, by time.
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
    faults: tuple[Fault, ...]

    @property
    def kinds(self) -> frozenset[FaultKind]:
        """Return the kinds of its faults."""
        return frozenset(fault.kind for fault in self.faults)

    def puts(self) -> Iterator[Put]:
        """Yield everything that is put, in order."""
        for wave in self.waves:
            yield from wave.puts

    def versions(self) -> Iterator[Version]:
        """Yield every version of every document, in the order in which they are put."""
        for put in self.puts():
            if isinstance(put, Single):
                yield put.version
            elif isinstance(put, Aggregate):
                yield from (part for part in put.parts if isinstance(part, Version))

    def __str__(self) -> str:
        """Return the plan as text: sizes, then waves, then faults, a line each."""
        versions = list(self.versions())
        documents = {each.document_id for each in versions}
        puts = list(self.puts())
        aggregates = [put for put in puts if isinstance(put, Aggregate)]
        invalid = sum(isinstance(part, InvalidPart) for put in aggregates for part in put.parts)
        rejected = sum(isinstance(put, UnreadableRecord) for put in puts)
        lines = [
            f"chaos scenario {self.seed}; repeat it with: make chaos SEED={self.seed}",
            f"{len(versions)} versions of {len(documents)} documents, {rejected} records to reject",
            f"{len(aggregates)} aggregates with {invalid} invalid parts",
            f"{self.shards} shards x {self.parallelization_factor}, batches of {self.batch_size}",
            f"{self.write_units} write units/s after {self.burst_seconds:.2f} s of burst",
            f"the function is configured with {self.overestimate} times the capacity",
            f"time-out {self.timeout_seconds} s, {self.max_retries} retries",
            *(f"{wave.at:5.2f} s: {len(wave.puts)} records are put" for wave in self.waves),
            *map(str, self.faults),
        ]
        return "\n".join(lines)
