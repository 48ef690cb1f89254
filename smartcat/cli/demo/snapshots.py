"""Snapshots of a running demo, one per half second, and the rates between them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Seconds over which a rate is averaged: less is noisy, more hides changes.
RATE_WINDOW = 3.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at one time. Counts are totals since the start.

    Attributes:
        seconds: Seconds since the start.
        accepted: Records that Kinesis accepted.
        repeated: Accepted records whose document had been accepted before: they share an item.
        stored: Items in the table.
        quarantined: Objects in the quarantine.
        provisioned: Provisioned write units a second.
        consumed: Consumed write units.
        throttled: Requests to the table that were throttled in part or in full.
        environments: Running Lambda execution environments.
    """

    seconds: float
    accepted: int
    repeated: int
    stored: int
    quarantined: int
    provisioned: float
    consumed: float
    throttled: int
    environments: int

    @property
    def backlog(self) -> int:
        """Accepted records that have neither item nor quarantine object yet."""
        return max(0, self.accepted - self.repeated - self.stored - self.quarantined)


def rate(snapshots: Sequence[Snapshot], quantity: str, window: float = RATE_WINDOW) -> float:
    """Return the growth a second of ``quantity`` over the last ``window`` seconds; 0.0 for fewer than two."""
    if len(snapshots) < 2:
        return 0.0
    last = snapshots[-1]
    first = next(snapshot for snapshot in snapshots if snapshot.seconds >= last.seconds - window)
    if first is last:
        first = snapshots[-2]
    grown: float = getattr(last, quantity) - getattr(first, quantity)
    return grown / (last.seconds - first.seconds) if last.seconds > first.seconds else 0.0


def rates(snapshots: Sequence[Snapshot], quantity: str) -> list[tuple[float, float]]:
    """Return (seconds, growth a second) at each snapshot, each over the window that ends there."""
    return [
        (snapshot.seconds, rate(snapshots[: index + 1], quantity)) for index, snapshot in enumerate(snapshots)
    ]
