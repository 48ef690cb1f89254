"""What a replay found, put back and left, in figures that stay small however much there is. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from stream_processor.storage_format.record_position import iso_utc

if TYPE_CHECKING:
    from datetime import datetime

    from smartcat.cli.replay.held import Held

EXAMPLES: Final = 3
"""Objects named for each reason."""

NAMED: Final = 10
"""Objects named among those that were left; of more than these the counts say enough."""


@dataclass(slots=True)
class Group:
    """The records of one reason.

    Attributes:
        records: How many.
        bytes: Of their data.
        oldest: First arrival of the oldest.
        newest: The same of the newest.
        examples: Object and partition key of the first few.
    """

    oldest: datetime
    newest: datetime
    records: int = 0
    bytes: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    def add(self, held: Held, name: str) -> None:
        """Count a record of the object with this name."""
        self.records += 1
        self.bytes += len(held.data)
        self.oldest = min(self.oldest, held.first.arrived_at)
        self.newest = max(self.newest, held.first.arrived_at)
        if len(self.examples) < EXAMPLES:
            self.examples.append((name, held.first.partition_key))


@dataclass(slots=True)
class Tally:
    """The figures of one replay.

    Attributes:
        groups: What was found and can be put back, by reason.
        accepted: Records the stream took.
        deleted: Objects that were deleted since all they held is on the stream.
        kept: Objects that stay although records of them went back: others in them did not.
        newer: Objects passed over since they came in while the replay ran.
        left: What could not be put back, counted by why.
        named: Object and why of the first few of those.
    """

    groups: dict[str, Group] = field(default_factory=dict)
    accepted: int = 0
    deleted: int = 0
    kept: int = 0
    newer: int = 0
    left: Counter[str] = field(default_factory=Counter)
    named: list[tuple[str, str]] = field(default_factory=list)

    @property
    def records(self) -> int:
        """Records found that can be put back."""
        return sum(group.records for group in self.groups.values())

    def find(self, held: Held, name: str) -> None:
        """Count a record that can be put back, of the object with this name."""
        moment = held.first.arrived_at
        self.groups.setdefault(held.reason, Group(moment, moment)).add(held, name)

    def leave(self, name: str, why: str, detail: str = "") -> None:
        """Count what could not be put back, and name its object, with details, if few were named."""
        self.left[why] += 1
        if len(self.named) < NAMED:
            self.named.append((name, f"{why}: {detail}" if detail else why))

    def to_dict(self) -> dict[str, Any]:
        """Give the figures for JSON."""
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
            "left": dict(self.left),
            "left_examples": [{"object": name, "why": why} for name, why in self.named],
        }
