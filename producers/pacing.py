"""How fast a shard and a producer may go: arithmetic on timestamps. Pure: reads no clock and never waits."""

from __future__ import annotations

from typing import Final

SHARD_RECORDS: Final = 1000
"""Records a shard takes in a second (Kinesis API, PutRecords)."""

SHARD_BYTES: Final = 1024 * 1024
"""Bytes of data and partition keys a shard takes in a second (Kinesis API, PutRecords)."""

# Two clocks never agree, and a refused record costs more than the last fiftieth brings.
_MARGIN: Final = 0.98

# Seconds' worth that may go at once. A shard bears a whole second's; arrivals bunch up on their way to it.
_BURST: Final = 0.5

# What other producers leave is found by trial: a refusal cuts the share, time raises it again, slowly where
# it was last refused.
_CUT: Final = 0.7
_LEAST_SHARE: Final = 0.02
_FAST: Final = 0.05
_SLOW: Final = 0.01
_ONE_REFUSAL_SECONDS: Final = 0.5


class ShardPace:
    """What one shard takes from one producer: a share that falls at a refusal and recovers with time.

    Args:
        now: Seconds on a steady clock, as everywhere here.
    """

    def __init__(self, now: float) -> None:
        self._now = now
        self._records = SHARD_RECORDS * _BURST
        self._bytes = SHARD_BYTES * _BURST
        self._share = 1.0
        self._refused_at = 1.0
        self._cut_at = now - _ONE_REFUSAL_SECONDS

    @property
    def share(self) -> float:
        """The part of the shard's limits used, above 0 and up to 1."""
        return self._share

    def wait(self, records: int, size: int, now: float) -> float:
        """Give the seconds until so many records of so many bytes in all may go; 0 for now.

        A record larger than a second's worth may go when a second's worth has gathered, and is paid for
        afterwards.
        """
        self._advance(now)
        rate = self._share * _MARGIN
        short_bytes = min(size, SHARD_BYTES) - self._ready(self._bytes, SHARD_BYTES, size)
        short_records = min(records, SHARD_RECORDS) - self._ready(self._records, SHARD_RECORDS, records)
        return max(0.0, short_bytes / (SHARD_BYTES * rate), short_records / (SHARD_RECORDS * rate))

    def take(self, records: int, size: int, now: float) -> None:
        """Note that records go now."""
        self._advance(now)
        self._bytes = self._ready(self._bytes, SHARD_BYTES, size) - size
        self._records = self._ready(self._records, SHARD_RECORDS, records) - records

    def refused(self, now: float) -> None:
        """Note that the shard had no room; what comes within half a second counts as one refusal."""
        self._advance(now)
        if now - self._cut_at < _ONE_REFUSAL_SECONDS:
            return
        self._cut_at = now
        self._refused_at = self._share
        self._share = max(_LEAST_SHARE, self._share * _CUT)
        self._bytes, self._records = min(self._bytes, 0.0), min(self._records, 0.0)

    def _advance(self, now: float) -> None:
        passed = max(0.0, now - self._now)
        self._now = max(now, self._now)
        rate = self._share * _MARGIN * passed
        self._bytes = min(SHARD_BYTES, self._bytes + SHARD_BYTES * rate)
        self._records = min(SHARD_RECORDS, self._records + SHARD_RECORDS * rate)
        self._share = self._grown(passed)

    def _grown(self, passed: float) -> float:
        """Recover quickly to nine tenths of where the last refusal came, slowly from there."""
        near = self._refused_at * 0.9
        fast = min(passed, max(0.0, (near - self._share) / _FAST))
        return min(1.0, self._share + fast * _FAST + (passed - fast) * _SLOW)

    @staticmethod
    def _ready(level: float, a_second: int, wanted: int) -> float:
        """Give what of the level may go at once: the burst, or more for a single larger record."""
        return min(level, max(a_second * _BURST, wanted))


class RateGate:
    """Spaces documents evenly.

    Args:
        rate: Documents a second, above 0.
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._next = float("-inf")

    def reserve(self, now: float) -> float:
        """Take the next place and give the seconds until it; time that passed unused is not made up for."""
        place = max(self._next, now)
        self._next = place + self._interval
        return place - now
