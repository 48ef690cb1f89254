"""What is seen of a running demo: one sample a half second, and the rates between samples. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Seconds over which a shown rate is averaged: shorter jumps about, longer hides what happens.
RATE_WINDOW = 3.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The state at one moment. Counts are totals since the start.

    Attributes:
        seconds: since the stream was opened.
        accepted: records that Kinesis accepted.
        repeated: those of them whose document had been accepted before; they share an item.
        stored: items in the table.
        quarantined: objects in the quarantine.
        provisioned: write capacity units a second.
        consumed: write capacity units used.
        throttled: requests to the table of which something was refused.
        environments: function environments alive.
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


def rate(samples: Sequence[Sample], quantity: str, window: float = RATE_WINDOW) -> float:
    """Give the growth a second of ``quantity`` over the last ``window`` seconds; 0.0 for fewer than two."""
    if len(samples) < 2:
        return 0.0
    last = samples[-1]
    first = next(sample for sample in samples if sample.seconds >= last.seconds - window)
    if first is last:
        first = samples[-2]
    grown: float = getattr(last, quantity) - getattr(first, quantity)
    return grown / (last.seconds - first.seconds) if last.seconds > first.seconds else 0.0


def rates(samples: Sequence[Sample], quantity: str) -> list[tuple[float, float]]:
    """Give (seconds, growth a second) at each sample, each over the window that ends there."""
    return [(sample.seconds, rate(samples[: index + 1], quantity)) for index, sample in enumerate(samples)]
