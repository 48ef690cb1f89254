"""Token buckets and unit arithmetic, pure: time comes in as an argument, and no service is known here.

Nothing in this file may read a clock, speak HTTP or name a table or a stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WRITE_UNIT_BYTES = 1024

# Levels are sums of floats: a bucket that refilled to 0.9999999999 has a unit for all that matters.
_TOLERANCE = 1e-6


def write_units(size_bytes: int) -> int:
    """Write capacity units that one write of an item of this size costs.

    One unit for each started KiB, and never less than one: deleting an item that is not there costs one too
    (DynamoDB developer guide, "Read and write operations").

    Args:
        size_bytes: Size of the larger of the old and the new item, 0 or more.
    """
    return max(1, -(-size_bytes // WRITE_UNIT_BYTES))


class TokenBucket:
    """Units that refill at a steady rate up to a depth.

    The level never exceeds the depth. It may fall below zero: a take larger than the whole depth is let
    through by a full bucket (else it would wait for ever), and a cost that is known only afterwards is
    charged afterwards. A debt is paid from later refill, so the long-run rate holds.

    Not thread-safe: the owner serialises.
    """

    def __init__(self, *, rate: float, depth: float, level: float, now: float) -> None:
        """Start at a level.

        Args:
            rate: Units a second, 0 or more.
            depth: Largest level, above 0.
            level: Units at `now`; held to the depth.
            now: Seconds on any steady clock; all later calls use the same clock.
        """
        self.rate = rate
        self.depth = depth
        self._level = min(level, depth)
        self._at = now

    def level(self, now: float) -> float:
        """Units at `now`; negative while in debt. A clock that went backwards refills nothing."""
        if now > self._at:
            self._level = min(self.depth, self._level + (now - self._at) * self.rate)
            self._at = now
        return self._level

    def fits(self, units: float, now: float) -> bool:
        """Whether a take of this many units would be let through at `now`."""
        return self.level(now) + _TOLERANCE >= min(units, self.depth)

    def charge(self, units: float, now: float) -> None:
        """Take units without asking; a negative number gives them back, up to the depth."""
        self._level = min(self.depth, self.level(now) - units)

    def reshape(self, *, rate: float, depth: float, now: float) -> None:
        """Change rate and depth from `now` on; what was saved stays, as far as the new depth holds it."""
        level = self.level(now)
        self.rate, self.depth = rate, depth
        self._level = min(level, depth)


def take_all(demands: Sequence[tuple[TokenBucket, float]], now: float) -> int | None:
    """Take from every bucket or from none.

    Args:
        demands: Bucket and units, each bucket at most once.
        now: Seconds on the buckets' clock.

    Returns:
        None when all was taken, else the index of the first bucket that refused.
    """
    for index, (bucket, units) in enumerate(demands):
        if not bucket.fits(units, now):
            return index
    for bucket, units in demands:
        bucket.charge(units, now)
    return None
