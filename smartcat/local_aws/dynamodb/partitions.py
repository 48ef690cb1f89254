"""The partitions of a table: each takes 1,000 write units a second, whatever the others do. Pure.

Keys are text and time is an argument; what a write costs and what a table may do is elsewhere.
"""

from __future__ import annotations

import hashlib

from smartcat.local_aws.token_bucket import TokenBucket

PARTITION_UNITS = 1000
"""Write units a second of one partition; unused ones are kept for one second only."""

MOST_PARTITIONS = 1024
"""The model's limit: 1,024,000 units/s are 25 times the default quota of a table."""

_HASH_BITS = 64


class Partitions:
    """Equal ranges of the hashes of partition keys, each with a bucket of its own.

    DynamoDB splits partitions and never merges them, so their number only grows. Where it splits is not
    published; here the ranges are always equal, so that evenly spread keys get the whole of a table's
    capacity. Partitions do not split for heat: a hot key stays hot.

    Not thread-safe: callers must serialize.
    """

    def __init__(self, now: float) -> None:
        """Start with one partition, its bucket full."""
        self._buckets = [self._bucket(PARTITION_UNITS, now)]

    def __len__(self) -> int:
        return len(self._buckets)

    @staticmethod
    def _bucket(level: float, now: float) -> TokenBucket:
        return TokenBucket(rate=PARTITION_UNITS, depth=PARTITION_UNITS, level=level, now=now)

    def grow(self, count: int, now: float) -> None:
        """Grow to at least `count` partitions.

        A new partition starts at the lowest level of the old ones in its range: a split gives back no used
        units, and each child refills at the full rate.
        """
        before, after = len(self._buckets), min(count, MOST_PARTITIONS)
        if after <= before:
            return
        levels = [bucket.level(now) for bucket in self._buckets]
        ranges = [(index * before // after, -(-(index + 1) * before // after)) for index in range(after)]
        self._buckets = [self._bucket(min(levels[first:end]), now) for first, end in ranges]

    def bucket(self, partition_key: str) -> TokenBucket:
        """Return the bucket of the partition that holds a key."""
        count = len(self._buckets)
        if count == 1:
            return self._buckets[0]
        digest = hashlib.md5(partition_key.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
        return self._buckets[int.from_bytes(digest[: _HASH_BITS // 8], "big") * count >> _HASH_BITS]

    def level(self, now: float) -> float:
        """Return the units that all partitions together would take at `now`."""
        return sum(bucket.level(now) for bucket in self._buckets)
