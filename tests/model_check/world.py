"""A world as data: what is put on the stream, what happens to it, and when. Nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class PartKind(StrEnum):
    """What one user record is."""

    DOCUMENT = "document"
    CLAIM = "claim of a document"
    JUNK = "no document"
    DEFECT = "document that the classifier fails on"
    REFUSED = "document whose item the table never takes"
    MISSING_CLAIM = "claim of an object that is not there"


REJECTED: Final = frozenset({PartKind.JUNK, PartKind.DEFECT, PartKind.REFUSED, PartKind.MISSING_CLAIM})
"""What belongs in the quarantine."""


@dataclass(frozen=True, slots=True)
class Part:
    """One user record.

    Attributes:
        document: The number of its document.
        kind: What it is.
        bulk: Kilobytes of metadata, which make its item larger.
        version: What the producer says of its version; None if it says nothing.
        replay_of: The place, among the puts, of the record that it puts on the stream again, with tags; None
            for an ordinary one. Of an aggregate, its part of the same place.
    """

    document: int
    kind: PartKind = PartKind.DOCUMENT
    bulk: int = 0
    version: int | str | None = None
    replay_of: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """One Kinesis record.

    Attributes:
        number: Its place on the stream, which its sequence number follows.
        at: When it is put, in seconds.
        lane: The number of its partition key. All versions of a document have one key.
        parts: One, or those of an aggregate.
        aggregate: Whether it is an aggregate.
    """

    number: int
    at: float
    lane: int
    parts: tuple[Part, ...]
    aggregate: bool


class FaultKind(StrEnum):
    """A kind of fault. The first group is met by requests while it lasts, the second happens once."""

    TABLE_FAILS = "table answers 500, nothing is written"
    TABLE_THROTTLES = "table throttles beyond its capacity"
    TABLE_LOST_ANSWER = "table writes and its answer is lost"
    TABLE_LATE_WRITE = "table writes after the client gave up"
    TABLE_DAMAGED = "table's answers arrive damaged"
    TABLE_REFUSES = "table refuses whatever it is sent"
    OBJECTS_FAIL = "S3 answers 503"
    OBJECTS_DAMAGED = "S3's answers arrive damaged"
    QUARANTINE_DOWN = "quarantine cannot be written"
    ANSWER_LOST = "function's answer is lost, the batch is delivered again"
    REPEATED_EARLY = "batch is delivered again while it is worked on"

    CHECKPOINT = "mapping goes back to its checkpoint"
    REWIND = "mapping is made anew at the oldest record"
    TABLE_EMPTIED = "table is emptied, and the mapping made anew at the oldest record"
    KILLED = "every execution environment is gone"
    PAUSED = "mapping stands still"
    CLOCK_BACK = "clocks are set back"


ONCE: Final = frozenset(
    {
        FaultKind.CHECKPOINT,
        FaultKind.REWIND,
        FaultKind.TABLE_EMPTIED,
        FaultKind.KILLED,
        FaultKind.PAUSED,
        FaultKind.CLOCK_BACK,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        kind: Its kind.
        at: When it begins, in seconds.
        lasts: For how long; by how much clocks are set back; 0 for what happens at once.
        share: The share of requests, or of batches, that meet it while it lasts.
        delay: Seconds from a request to its late effect.
    """

    kind: FaultKind
    at: float
    lasts: float = 0.0
    share: float = 1.0
    delay: float = 0.0

    def __str__(self) -> str:
        if self.kind in ONCE:
            return f"{self.at:7.2f} s: {self.kind}" + (f", {self.lasts:.0f} s" if self.lasts else "")
        late = f", {self.delay:.1f} s later" if self.delay else ""
        return f"{self.at:7.2f} s to {self.at + self.lasts:.2f}: {self.kind} ({self.share:.0%}{late})"


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a seed decides.

    Attributes:
        seed: The seed; what remains to chance follows from it as well.
        environments: The most execution environments at once.
        told_environments: Whether the function is configured with that number.
        sub_shards: Sub-shards, each of which works off its records in order beside the other: those of one
            shard with a parallelization factor of 2, or ``two_shards``.
        two_shards: Whether they are two shards.
        batch_size: Most records in a batch.
        units: The table's write units a second.
        burst: Units that the table has saved up.
        overestimate: Ratio of the capacity that the function is configured with to the table's.
        timeout: Seconds of an invocation.
        latency: Most seconds from a request to its arrival.
        clock_stands_still: Whether an environment's monotonic clock stands still between its invocations.
        models: Of how many models the environments are, in turn: 2 while a new one is being deployed.
        through_botocore: Whether requests go through botocore's clients as bytes.
        puts: The records, in their order.
        faults: The faults.
    """

    seed: int
    environments: int
    told_environments: bool
    sub_shards: int
    two_shards: bool
    batch_size: int
    units: float
    burst: float
    overestimate: float
    timeout: float
    latency: float
    clock_stands_still: bool
    models: int
    through_botocore: bool
    puts: tuple[Put, ...]
    faults: tuple[Fault, ...]

    @property
    def end_of_faults(self) -> float:
        """When the last fault is over, and the last record put."""
        ends = [
            fault.at + (0.0 if fault.kind is FaultKind.CLOCK_BACK else fault.lasts) for fault in self.faults
        ]
        return max([put.at for put in self.puts] + ends, default=0.0)

    def parts(self) -> Iterator[tuple[Put, int, Part]]:
        """Yield each user record with its put and its place in it, in the order of the stream."""
        for put in self.puts:
            for place, part in enumerate(put.parts):
                yield put, place, part

    def __str__(self) -> str:
        """Return the world as text: a line each."""
        told = "known" if self.told_environments else "not known"
        shards = "shards" if self.two_shards else "sub-shards"
        clock = ", whose clocks stand still in between" if self.clock_stands_still else ""
        clock += ", of two models" if self.models > 1 else ""
        way = ", through botocore" if self.through_botocore else ""
        lines = [
            f"world {self.seed}: {self.sub_shards} {shards}, batches of {self.batch_size}",
            f"{self.environments} environments ({told}){clock}, {self.timeout:.0f} s an invocation",
            f"table of {self.units:g} units/s, taken for {self.overestimate:g} times it, {self.burst:g} left"
            + way,
        ]
        for put in self.puts:
            parts = ", ".join(_described(part) for part in put.parts)
            form = "aggregate of " if put.aggregate else ""
            lines.append(f"{put.at:7.2f} s: record {put.number}, lane {put.lane}: {form}{parts}")
        return "\n".join([*lines, *map(str, self.faults)])


def _described(part: Part) -> str:
    text = f"d{part.document}"
    if part.version is not None:
        text += f" version {part.version}"
    if part.kind is not PartKind.DOCUMENT:
        text += f" ({part.kind})"
    if part.replay_of is not None:
        text += f" (replay of {part.replay_of[0]}.{part.replay_of[1]})"
    return text
