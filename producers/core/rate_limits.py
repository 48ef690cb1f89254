"""How fast a shard and a producer may send: token buckets over timestamps. Reads no clock and never waits."""

from __future__ import annotations

from typing import Final

from producers.core.kinesis_limits import SHARD_BYTES_PER_SECOND, SHARD_RECORDS_PER_SECOND

# Two clocks never agree, and a throttled record costs more than the last fiftieth brings.
_MARGIN: Final = 0.98

# Seconds' worth that may be sent at once. A shard tolerates a whole second's; requests bunch up on their way.
_BURST: Final = 0.5

# What other producers leave of a shard is found by trial: throttling cuts the share, time raises it again,
# slowly near where it was last throttled.
_CUT: Final = 0.7
_LEAST_SHARE: Final = 0.02
_FAST: Final = 0.05
_SLOW: Final = 0.01
_ONE_CUT_SECONDS: Final = 0.5


class ShardRateLimiter:
    """The rate at which one producer may send to one shard: a share that throttling cuts and time restores.

    Args:
        now: Seconds on a steady clock, as everywhere here.
    """

    def __init__(self, now: float) -> None:
        self._now = now
        self._records = SHARD_RECORDS_PER_SECOND * _BURST
        self._bytes = SHARD_BYTES_PER_SECOND * _BURST
        self._share = 1.0
        self._throttled_share = 1.0
        self._cut_at = now - _ONE_CUT_SECONDS

    @property
    def share(self) -> float:
        """The fraction of the shard's limits in use, above 0 and up to 1."""
        return self._share

    def wait_seconds(self, records: int, size: int, now: float) -> float:
        """Return the seconds until ``records`` records of ``size`` bytes in all may be sent; 0 for now.

        A record larger than a second's worth may be sent when a second's worth has gathered, and is paid for
        afterwards.
        """
        self._refill(now)
        rate = self._share * _MARGIN
        short_bytes = min(size, SHARD_BYTES_PER_SECOND) - self._available(
            self._bytes, SHARD_BYTES_PER_SECOND, size
        )
        short_records = min(records, SHARD_RECORDS_PER_SECOND) - self._available(
            self._records, SHARD_RECORDS_PER_SECOND, records
        )
        return max(
            0.0,
            short_bytes / (SHARD_BYTES_PER_SECOND * rate),
            short_records / (SHARD_RECORDS_PER_SECOND * rate),
        )

    def take(self, records: int, size: int, now: float) -> None:
        """Record that records are sent now."""
        self._refill(now)
        self._bytes = self._available(self._bytes, SHARD_BYTES_PER_SECOND, size) - size
        self._records = self._available(self._records, SHARD_RECORDS_PER_SECOND, records) - records

    def throttled(self, now: float) -> None:
        """Record that the shard throttled a request; repetitions within half a second count once."""
        self._refill(now)
        if now - self._cut_at < _ONE_CUT_SECONDS:
            return
        self._cut_at = now
        self._throttled_share = self._share
        self._share = max(_LEAST_SHARE, self._share * _CUT)
        self._bytes, self._records = min(self._bytes, 0.0), min(self._records, 0.0)

    def _refill(self, now: float) -> None:
        elapsed = max(0.0, now - self._now)
        self._now = max(now, self._now)
        rate = self._share * _MARGIN * elapsed
        self._bytes = min(SHARD_BYTES_PER_SECOND, self._bytes + SHARD_BYTES_PER_SECOND * rate)
        self._records = min(SHARD_RECORDS_PER_SECOND, self._records + SHARD_RECORDS_PER_SECOND * rate)
        self._share = self._recovered_share(elapsed)

    def _recovered_share(self, elapsed: float) -> float:
        """Return the share after ``elapsed`` seconds: fast up to 9/10 of the throttled share, then slowly."""
        near = self._throttled_share * 0.9
        fast = min(elapsed, max(0.0, (near - self._share) / _FAST))
        return min(1.0, self._share + fast * _FAST + (elapsed - fast) * _SLOW)

    @staticmethod
    def _available(level: float, per_second: int, wanted: int) -> float:
        """Return what of the level may be spent at once: the burst, or more for a single larger record."""
        return min(level, max(per_second * _BURST, wanted))


class RateLimiter:
    """Spaces documents evenly.

    Args:
        rate: Documents a second, above 0.
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._next = float("-inf")

    def reserve(self, now: float) -> float:
        """Reserve the next slot and return the seconds until it; unused slots do not accumulate."""
        slot = max(self._next, now)
        self._next = slot + self._interval
        return slot - now
