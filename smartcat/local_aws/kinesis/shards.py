"""Which shard a record goes to, and whether the shard admits it. Pure state and arithmetic.

A shard takes 1,000 records/s and 1 MiB/s, with one second's burst (API reference of PutRecords).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.token_bucket import TokenBucket, take_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Protocol

    class Sized(Protocol):
        """Anything with a size in bytes."""

        @property
        def size(self) -> int:
            """Return the size in bytes."""


RECORDS_PER_SECOND = 1000
BYTES_PER_SECOND = 1024 * 1024
DEFAULT_MAX_RECORD_KIB = 1024
LARGEST_MAX_RECORD_KIB = 10 * 1024
_HASHES = 1 << 128


def hash_key(partition_key: str, explicit_hash_key: str | None = None) -> int:
    """Return the 128-bit hash of a record: the explicit hash key, else the MD5 of the partition key.

    Raises:
        ValueError: The explicit hash key is not a decimal number below 2**128.
    """
    if explicit_hash_key is None:
        return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest(), "big")
    value = int(explicit_hash_key)
    if not 0 <= value < _HASHES:
        raise ValueError("expected an explicit hash key below 2**128")
    return value


@dataclass(slots=True)
class Shard:
    """An open shard: its inclusive hash range and its token buckets."""

    shard_id: str
    first_hash: int
    last_hash: int
    records: TokenBucket
    bytes: TokenBucket

    def admit(self, size: int, now: float) -> bool:
        """Take one record of `size` bytes (data and partition key); return whether it was admitted."""
        return take_all([(self.records, 1), (self.bytes, size)], now) is None


class StreamCapacity:
    """The open shards of one stream. Not thread-safe: callers must serialize."""

    def __init__(self, name: str, *, max_record_kib: int = DEFAULT_MAX_RECORD_KIB) -> None:
        """Start without shards; `set_shards` must come before `shard_for`."""
        self.name = name
        self.max_record_kib = max_record_kib
        self.requests = 0
        self.records = 0
        self.bytes = 0
        self.throttled_records = 0
        self.throttled_requests = 0
        self.shards_known = False
        self._shards: list[Shard] = []

    def set_shards(self, descriptions: Iterable[Mapping[str, Any]], now: float) -> None:
        """Set the shards as ListShards returns them; a known shard keeps the levels of its buckets."""
        known = {shard.shard_id: shard for shard in self._shards}
        listed = [
            known.get(entry["ShardId"]) or _new_shard(entry, now)
            for entry in descriptions
            if "EndingSequenceNumber" not in entry["SequenceNumberRange"]
        ]
        self._shards = sorted(listed, key=lambda shard: shard.first_hash)
        self.shards_known = True

    def shard_for(self, hash_value: int) -> Shard:
        """Return the open shard whose range holds the hash.

        Raises:
            ValueError: No open shard does.
        """
        position = bisect_right(self._shards, hash_value, key=lambda shard: shard.first_hash) - 1
        if position < 0 or hash_value > self._shards[position].last_hash:
            raise ValueError(f"expected an open shard of stream {self.name} for every hash key")
        return self._shards[position]

    def count(self, offered: Sequence[Sized], accepted: Sequence[Sized]) -> None:
        """Count one request: the records it contained, and those of them that were accepted."""
        refused = len(offered) - len(accepted)
        self.requests += 1
        self.records += len(accepted)
        self.bytes += sum(record.size for record in accepted)
        self.throttled_records += refused
        self.throttled_requests += refused > 0

    def gauges(self) -> dict[str, int]:
        """Return cumulative counters of accepted and throttled records and requests."""
        return {
            "records": self.records,
            "bytes": self.bytes,
            "throttled_records": self.throttled_records,
            "requests": self.requests,
            "throttled_requests": self.throttled_requests,
            "open_shards": len(self._shards),
        }


def _new_shard(entry: Mapping[str, Any], now: float) -> Shard:
    span = entry["HashKeyRange"]
    return Shard(
        entry["ShardId"],
        int(span["StartingHashKey"]),
        int(span["EndingHashKey"]),
        _full_bucket(RECORDS_PER_SECOND, now),
        _full_bucket(BYTES_PER_SECOND, now),
    )


def _full_bucket(rate: float, now: float) -> TokenBucket:
    return TokenBucket(rate=rate, depth=rate, level=rate, now=now)
