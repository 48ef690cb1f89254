"""Which open shard a hash key leads to, as of the last look at the stream. Pure; asks nobody."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class ShardRange:
    """An open shard.

    Attributes:
        shard_id: Such as ``shardId-000000000003``.
        first: Its lowest hash key, from 0.
        last: Its highest, below 2**128; both belong to it.
    """

    shard_id: str
    first: int
    last: int

    def holds(self, hash_key: int) -> bool:
        """Tell whether a hash key leads here."""
        return self.first <= hash_key <= self.last


def hash_of(partition_key: str) -> int:
    """Give the 128-bit hash by which Kinesis places a partition key (API reference, PutRecords)."""
    digest = hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest, "big")


class ShardMap:
    """The open shards of a stream.

    Args:
        shards: In any order; none where nobody may ask for them, and then nothing is known of any hash key.
    """

    def __init__(self, shards: Iterable[ShardRange] = ()) -> None:
        self.shards = tuple(sorted(shards, key=lambda shard: shard.last))
        self._lasts = [shard.last for shard in self.shards]
        self._by_id = {shard.shard_id: shard for shard in self.shards}

    def locate(self, hash_key: int) -> ShardRange | None:
        """Give the shard a hash key leads to; None where no shard known here holds it."""
        place = bisect_left(self._lasts, hash_key)
        if place == len(self.shards) or not self.shards[place].holds(hash_key):
            return None
        return self.shards[place]

    def get(self, shard_id: str) -> ShardRange | None:
        """Give a shard by its id; None for one that is closed or unknown."""
        return self._by_id.get(shard_id)
