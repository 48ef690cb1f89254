"""The open shards of a stream: which one a hash key belongs to, and when to list them again."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from producers.core.backoff import Backoff
from producers.core.outcomes import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAST_HASH_KEY: Final = 2**128 - 1

_REFRESH_SECONDS: Final = 600.0

# After four listings without a useful answer sending continues with what is known, or without knowing any
# shard, and the shards are asked for as before: a producer that never gets an answer would stand still.
_REFRESH_BACKOFF: Final = Backoff(first_seconds=0.5, longest_seconds=30.0, attempts=4)


@dataclass(frozen=True, slots=True)
class ShardRange:
    """An open shard.

    Attributes:
        shard_id: Such as ``shardId-000000000003``.
        first: Its lowest hash key, from 0.
        last: Its highest hash key, below 2**128; both ends belong to it.
    """

    shard_id: str
    first: int
    last: int

    def contains(self, hash_key: int) -> bool:
        """Return whether a hash key belongs to this shard."""
        return self.first <= hash_key <= self.last


def hash_key_of(partition_key: str) -> int:
    """Return the 128-bit hash key of a partition key: its MD5 (API reference, PutRecords)."""
    digest = hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest, "big")


class ShardMap:
    """The open shards of a stream.

    Args:
        shards: In any order.
    """

    def __init__(self, shards: Iterable[ShardRange]) -> None:
        self.shards = tuple(sorted(shards, key=lambda shard: shard.last))
        self._lasts = [shard.last for shard in self.shards]
        self._by_id = {shard.shard_id: shard for shard in self.shards}

    @property
    def is_complete(self) -> bool:
        """Whether each hash key belongs to exactly one shard, as it does on every stream."""
        edges = [-1, *self._lasts]
        firsts = [shard.first for shard in self.shards]
        return firsts == [last + 1 for last in edges[:-1]] and edges[-1] == _LAST_HASH_KEY

    def locate(self, hash_key: int) -> ShardRange | None:
        """Return the shard of a hash key; None if no known shard contains it."""
        index = bisect_left(self._lasts, hash_key)
        if index == len(self.shards) or not self.shards[index].contains(hash_key):
            return None
        return self.shards[index]

    def get(self, shard_id: str) -> ShardRange | None:
        """Return a shard by its id; None if it is closed or unknown."""
        return self._by_id.get(shard_id)


class ShardMapCache:
    """The last shard map, whether it is stale, and the new one that is not in use yet.

    Attributes:
        current: The shards that sending uses; None while none is known.
    """

    def __init__(self) -> None:
        self.current: ShardMap | None = None
        self._new: ShardMap | None = None
        self._refreshing = False
        self._next_refresh = -math.inf
        self._failed_refreshes = 0
        self._stale = False
        self._unexpected_shard = ""
        self._predictable = True
        self._goes_without = False
        self._begins_without = False

    @property
    def awaits_first(self) -> bool:
        """Whether no shard is known, and an answer is still waited for."""
        return self.current is None and not self._goes_without

    @property
    def must_pause(self) -> bool:
        """Whether sending must wait: for a first or newer map, or until the new one is in use."""
        return self.awaits_first or self._stale or self._new is not None

    def seconds_to_refresh(self, now: float) -> float:
        """Return the seconds until the shards should be listed; infinity while an answer is pending."""
        if self._refreshing or self._new is not None:
            return math.inf
        return self._next_refresh - now

    def begin_refresh(self) -> None:
        """Record that the shards are being listed."""
        self._refreshing = True

    def mark_stale(self, shard_id: str, now: float) -> None:
        """Record that Kinesis used an unexpected shard: the stream was probably resharded.

        Args:
            shard_id: The shard that Kinesis used.
            now: Seconds on a steady clock.
        """
        if not self._predictable or self._stale:
            return
        if self._new is not None and self._new.get(shard_id) is not None:
            return  # already listed, only not in use yet
        self._stale = True
        self._unexpected_shard = shard_id
        self._failed_refreshes = 0
        self._next_refresh = min(self._next_refresh, now)

    def refresh(self, listed: ShardMap | Failure, now: float) -> None:
        """Record the answer of a listing, or why there was none."""
        self._refreshing = False
        if isinstance(listed, Failure):
            self._schedule_retry(now) if listed.retryable else self._go_without(now, _REFRESH_SECONDS)
        elif self.current is None or listed.shards != self.current.shards:
            self._new = listed
            self._predictable = True
            self._schedule_next(now)
        elif not self._stale:
            self._schedule_next(now)
        elif listed.get(self._unexpected_shard) is not None:
            # The same shards, and Kinesis used another one of them: it assigns records by rules of its own,
            # so predictions mean nothing.
            self._predictable = False
            self._schedule_next(now)
        else:
            self._schedule_retry(now)  # the list lags behind

    def apply(self) -> bool:
        """Use the new map from now on, or none; return False if what sending uses has not changed."""
        if self._new is None:
            begins, self._begins_without = self._begins_without, False
            return begins
        self.current, self._new = self._new, None
        return True

    def _schedule_next(self, now: float) -> None:
        self._failed_refreshes, self._stale = 0, False
        self._next_refresh = now + _REFRESH_SECONDS

    def _schedule_retry(self, now: float) -> None:
        self._failed_refreshes += 1
        if self._failed_refreshes < _REFRESH_BACKOFF.attempts:
            # Without jitter: sending waits for it, and producers do not start in step.
            self._next_refresh = now + _REFRESH_BACKOFF.seconds(self._failed_refreshes - 1, jitter=1.0)
            return
        self._go_without(now, _REFRESH_BACKOFF.longest_seconds)

    def _go_without(self, now: float, seconds: float) -> None:
        """Continue with the shards that are known, if any are, and ask again after some seconds."""
        self._next_refresh = now + seconds
        self._stale = False
        self._begins_without = self.awaits_first
        self._goes_without = True
