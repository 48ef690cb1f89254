"""Counts what a replay selected, sent and skipped; its size does not grow with the records. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from stream_processor.storage_format.record_position import iso_utc

if TYPE_CHECKING:
    from datetime import datetime

    from smartcat.cli.replay.replayable_record import ReplayableRecord

EXAMPLES: Final = 3
"""Examples per reason."""

NAMED: Final = 10
"""Skipped objects that are named; the rest is counted."""


@dataclass(slots=True)
class Group:
    """The records of one reason.

    Attributes:
        records: Number of records.
        bytes: Size of their data.
        oldest: Earliest original arrival.
        newest: Latest original arrival.
        examples: Object and partition key of the first few.
    """

    oldest: datetime
    newest: datetime
    records: int = 0
    bytes: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    def add(self, record: ReplayableRecord, name: str) -> None:
        """Count a record of an object."""
        self.records += 1
        self.bytes += len(record.data)
        self.oldest = min(self.oldest, record.original.arrived_at)
        self.newest = max(self.newest, record.original.arrived_at)
        if len(self.examples) < EXAMPLES:
            self.examples.append((name, record.original.partition_key))


@dataclass(slots=True)
class Statistics:
    """The counts of one replay.

    Attributes:
        groups: Selected records that can be replayed, by reason.
        accepted: Records that the stream accepted.
        deleted: Objects deleted because all their records are on the stream.
        kept: Objects of which some records were replayed and others were not.
        newer: Objects that were written while the replay ran.
        skipped: Records and objects that could not be replayed, counted by cause.
        named: Object and cause of the first few of those.
    """

    groups: dict[str, Group] = field(default_factory=dict)
    accepted: int = 0
    deleted: int = 0
    kept: int = 0
    newer: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    named: list[tuple[str, str]] = field(default_factory=list)

    @property
    def records(self) -> int:
        """Number of selected records that can be replayed."""
        return sum(group.records for group in self.groups.values())

    def select(self, record: ReplayableRecord, name: str) -> None:
        """Count a selected record of an object."""
        arrived_at = record.original.arrived_at
        self.groups.setdefault(record.reason, Group(arrived_at, arrived_at)).add(record, name)

    def skip(self, name: str, cause: str, detail: str = "") -> None:
        """Count a record or object that cannot be replayed, and name it if few were named."""
        self.skipped[cause] += 1
        if len(self.named) < NAMED:
            self.named.append((name, f"{cause}: {detail}" if detail else cause))

    def to_dict(self) -> dict[str, Any]:
        """Return the counts for JSON."""
        return {
            "records": self.records,
            "reasons": [
                {
                    "reason": reason,
                    "records": group.records,
                    "bytes": group.bytes,
                    "oldest": iso_utc(group.oldest),
                    "newest": iso_utc(group.newest),
                    "examples": [{"object": name, "id": key} for name, key in group.examples],
                }
                for reason, group in sorted(self.groups.items())
            ],
            "accepted": self.accepted,
            "deleted": self.deleted,
            "kept": self.kept,
            "newer": self.newer,
            "left": dict(self.skipped),
            "left_examples": [{"object": name, "why": cause} for name, cause in self.named],
        }
