"""How fast a shard's results may be written while one partition of the table is hot. Pure arithmetic.

A partition's ceiling (1,000 units a second: DynamoDB developer guide, "Burst and adaptive capacity") has no
store of 300 s behind it, so a dip would not help: the rate is trimmed to what was accepted, and creeps up
again. The share of the table is left alone.
"""

from __future__ import annotations

import math
from typing import Final

TRIM: Final = 0.95
"""Of what was accepted: the first rate after a hot partition was met."""
SECOND_TRIM: Final = 0.93
DEEP_TRIM: Final = 0.8
"""Taken when it is still too much within ``DEEP_SECONDS``."""
DEEP_SECONDS: Final = 3.0
SAME_EVENT_SECONDS: Final = 0.3
"""Throttles this close together are one event."""

CREEP_SECONDS: Final = 45.0
CREEP: Final = 0.002
RUN: Final = 0.05
"""Growth of the rate a second: while creeping, and after it."""
FORGET_SECONDS: Final = 120.0
"""Without a throttle for this long, the partition is not hot any more."""

MEAN_SECONDS: Final = 3.0


class AcceptedRate:
    """A moving mean of what the table accepts, in units a second."""

    def __init__(self, now: float) -> None:
        self._mean = 0.0
        self._at = now

    @property
    def mean(self) -> float:
        """The mean over about three seconds."""
        return self._mean

    def accepted(self, units: float, now: float) -> None:
        """Take note of units that were stored since the last time."""
        elapsed = max(1e-3, now - self._at)
        kept = math.exp(-elapsed / MEAN_SECONDS)
        self._mean = self._mean * kept + units / elapsed * (1 - kept)
        self._at = now


class HotPartition:
    """The ceiling of one shard's rate since a hot partition was met.

    Args:
        rate: What was accepted when it was met, above 0.
        floor: The ceiling never falls below this.
        now: The time.
    """

    def __init__(self, rate: float, *, floor: float, now: float) -> None:
        self._floor = floor
        self._ceiling = max(TRIM * rate, floor)
        self._hot_at = self._raised_at = now

    @property
    def ceiling(self) -> float:
        """Units a second that this shard may write at most."""
        return self._ceiling

    def is_over(self, now: float) -> bool:
        """True when there has been no throttle for long enough to forget it."""
        return now - self._hot_at > FORGET_SECONDS

    def accepted(self, now: float) -> None:
        """Take note of a request that was not throttled: the ceiling creeps up."""
        growth = CREEP if now - self._hot_at < CREEP_SECONDS else RUN
        self._ceiling *= 1 + growth * min(1.0, max(0.0, now - self._raised_at))
        self._raised_at = now

    def throttled(self, now: float) -> None:
        """Take note of another throttle by the partition."""
        since = now - self._hot_at
        if since > SAME_EVENT_SECONDS:
            self._ceiling *= DEEP_TRIM if since < DEEP_SECONDS else SECOND_TRIM
        self._ceiling = max(self._ceiling, self._floor)
        self._hot_at = self._raised_at = now
