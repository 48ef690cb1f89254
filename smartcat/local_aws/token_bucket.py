"""Token buckets. Pure: time is an argument, and no service is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Levels are sums of floats: a bucket that refilled to 0.9999999999 counts as holding a unit.
_TOLERANCE = 1e-6


class TokenBucket:
    """Units that refill at a constant rate up to a depth.

    The level never exceeds the depth. It may be negative: a full bucket admits a take larger than its depth
    (which would otherwise wait for ever), and a cost that is known only afterwards is charged afterwards.
    Later refill pays the debt, so the long-run rate holds.

    Not thread-safe: callers must serialize.
    """

    def __init__(self, *, rate: float, depth: float, level: float, now: float) -> None:
        """Start at a level.

        Args:
            rate: Units a second, 0 or more.
            depth: Largest level, above 0.
            level: Units at `now`; capped at the depth.
            now: Seconds on any monotonic clock; all later calls use the same clock.
        """
        self.rate = rate
        self.depth = depth
        self._level = min(level, depth)
        self._at = now

    def level(self, now: float) -> float:
        """Return the units at `now`, negative while in debt. A clock that went backwards refills nothing."""
        if now > self._at:
            self._level = min(self.depth, self._level + (now - self._at) * self.rate)
            self._at = now
        return self._level

    def fits(self, units: float, now: float) -> bool:
        """Return whether a take of this many units would be admitted at `now`."""
        return self.level(now) + _TOLERANCE >= min(units, self.depth)

    def charge(self, units: float, now: float) -> None:
        """Take units whatever the level; a negative number gives them back, up to the depth."""
        self._level = min(self.depth, self.level(now) - units)

    def resize(self, *, rate: float, depth: float, now: float) -> None:
        """Change rate and depth from `now` on; saved units are kept up to the new depth."""
        level = self.level(now)
        self.rate, self.depth = rate, depth
        self._level = min(level, depth)


def take_all(demands: Sequence[tuple[TokenBucket, float]], now: float) -> int | None:
    """Take from every bucket or from none.

    Args:
        demands: Bucket and units, each bucket at most once.
        now: Seconds on the buckets' clock.

    Returns:
        None if all was taken, else the index of the first bucket without enough units.
    """
    for index, (bucket, units) in enumerate(demands):
        if not bucket.fits(units, now):
            return index
    for bucket, units in demands:
        bucket.charge(units, now)
    return None
