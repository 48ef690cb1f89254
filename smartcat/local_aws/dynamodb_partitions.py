"""The partitions of a table: each takes 1,000 write units a second, whatever the others do. Pure.

Knows keys as text and time as an argument; what a write costs and what a table may do is elsewhere.
"""

from __future__ import annotations

import hashlib

from smartcat.local_aws.capacity import TokenBucket

PARTITION_UNITS = 1000
"""Write units a second of one partition; no unused ones are kept beyond that second."""

MOST_PARTITIONS = 1024
"""More are not modelled: 1,024,000 units/s are 25 times the default quota of a table."""

_HASH_BITS = 64


class Partitions:
    """Equal ranges of the hashes of partition keys, each with a bucket of its own.

    DynamoDB splits partitions and never merges them, so there can only be more of them. Where exactly it
    splits is not published; here the ranges are always equal, so that evenly spread keys get the whole of a
    table's capacity. Nothing splits for heat: a hot key stays hot.

    Not thread-safe: the owner serialises.
    """

    def __init__(self, now: float) -> None:
        """Begin with one partition that nobody has written to."""
        self._buckets = [self._bucket(PARTITION_UNITS, now)]

    def __len__(self) -> int:
        return len(self._buckets)

    @staticmethod
    def _bucket(level: float, now: float) -> TokenBucket:
        return TokenBucket(rate=PARTITION_UNITS, depth=PARTITION_UNITS, level=level, now=now)

    def grow(self, count: int, now: float) -> None:
        """Have at least so many partitions.

        A new one starts with the least that any of the old ones in its range had: a split gives nobody
        units that were used already, and each child refills at the full rate.
        """
        before, after = len(self._buckets), min(count, MOST_PARTITIONS)
        if after <= before:
            return
        levels = [bucket.level(now) for bucket in self._buckets]
        ranges = [(place * before // after, -(-(place + 1) * before // after)) for place in range(after)]
        self._buckets = [self._bucket(min(levels[first:end]), now) for first, end in ranges]

    def bucket(self, partition_key: str) -> TokenBucket:
        """The bucket of the partition that holds a key."""
        count = len(self._buckets)
        if count == 1:
            return self._buckets[0]
        digest = hashlib.md5(partition_key.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
        return self._buckets[int.from_bytes(digest[: _HASH_BITS // 8], "big") * count >> _HASH_BITS]

    def level(self, now: float) -> float:
        """Units that all partitions together would take at `now`."""
        return sum(bucket.level(now) for bucket in self._buckets)
