"""One shard's records between reading and checkpoint: batches, order, concurrency. Pure; time is an argument.

A shard is divided into as many sub-shards as its parallelization factor. A partition key stays in one
sub-shard; a sub-shard has at most one batch in progress and delivers retries before new records; the
checkpoint is the last record before the lowest unfinished one.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.local_aws.event_source_mapping.batches import Batch, DiscardedRecords, Transition, split_expired
from smartcat.local_aws.event_source_mapping.records import EVENT_OVERHEAD, MAX_EVENT_BYTES, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.local_aws.event_source_mapping.settings import MappingSettings


@dataclass(frozen=True, slots=True)
class Deliver:
    """Invoke the function with this batch, then `apply` the transition that follows."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Discard:
    """Send these records to the failure destination, then `apply` a transition that discards them."""

    discarded: DiscardedRecords


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until `until` (seconds since the epoch), or until records arrive if it is None."""

    until: float | None


Step = Deliver | Discard | Wait


class ShardState:
    """The progress of one shard's records.

    Args:
        settings: The mapping's settings.
    """

    def __init__(self, settings: MappingSettings) -> None:
        self._settings = settings
        self._sub_shards = [_SubShard() for _ in range(settings.parallelization_factor)]
        self._order: deque[Record] = deque()
        self._finished: set[int] = set()
        self.checkpoint: int | None = None
        """Sequence number up to which all records are finished; None before the first."""
        self.buffered_bytes = 0
        """Bytes of the records that are read and not finished."""

    @property
    def backlog(self) -> int:
        """Return the number of records that are read and neither delivered nor discarded."""
        return len(self._order) - len(self._finished)

    @property
    def oldest_arrival(self) -> float | None:
        """Return when the lowest unfinished record arrived, in seconds since the epoch; None without one."""
        return self._order[0].arrived_at if self._order else None

    def feed(self, records: Iterable[Record], now: float) -> None:
        """Add records that were read, in the order of the shard.

        Args:
            records: Each with a higher sequence number than all before.
            now: Seconds since the epoch; the batching window starts here.
        """
        for record in records:
            self._order.append(record)
            self.buffered_bytes += len(record.event)
            self._sub_shard_of(record).add(record, now)

    def next_step(self, sub_shard: int, now: float) -> Step:
        """Return what a sub-shard must do now.

        Args:
            sub_shard: 0 up to the parallelization factor.
            now: Seconds since the epoch.

        Raises:
            ValueError: The sub-shard's last step is not applied yet.
        """
        return self._sub_shards[sub_shard].next_step(self._settings, now)

    def apply(self, sub_shard: int, transition: Transition) -> None:
        """Apply the result of a sub-shard's step.

        Call it after the discarded records have reached their destination, so that "no backlog" implies it.

        Args:
            sub_shard: The sub-shard of the step.
            transition: What `decide` returned, or the records of a `Discard`.
        """
        self._sub_shards[sub_shard].apply(transition)
        self._finish(transition.delivered)
        if transition.discarded:
            self._finish(transition.discarded.records)

    def reconfigure(self, settings: MappingSettings, now: float) -> None:
        """Change the settings; no sub-shard may have a step in progress.

        A changed parallelization factor distributes the unfinished records over new sub-shards, where their
        retries are counted from zero; the checkpoint is kept.

        Args:
            settings: The new settings.
            now: Seconds since the epoch.

        Raises:
            ValueError: A sub-shard has a step in progress.
        """
        if any(sub_shard.busy for sub_shard in self._sub_shards):
            raise ValueError("expected no step in progress when the settings change")
        self._settings = settings
        if len(self._sub_shards) == settings.parallelization_factor:
            return
        self._sub_shards = [_SubShard() for _ in range(settings.parallelization_factor)]
        for record in self._order:
            if record.sequence_number not in self._finished:
                self._sub_shard_of(record).add(record, now)

    def _sub_shard_of(self, record: Record) -> _SubShard:
        if len(self._sub_shards) == 1:
            return self._sub_shards[0]
        # The hash's first bytes select the shard, so they are alike within it; the last ones are not.
        digest = hashlib.md5(record.partition_key.encode(), usedforsecurity=False).digest()
        return self._sub_shards[int.from_bytes(digest[-4:], "big") % len(self._sub_shards)]

    def _finish(self, records: Iterable[Record]) -> None:
        for record in records:
            self._finished.add(record.sequence_number)
            self.buffered_bytes -= len(record.event)
        while self._order and self._order[0].sequence_number in self._finished:
            self.checkpoint = self._order.popleft().sequence_number
            self._finished.discard(self.checkpoint)


class _SubShard:
    """The records of some of the shard's partition keys, in order."""

    def __init__(self) -> None:
        self.busy = False
        self._retries: deque[Batch] = deque()
        self._pending: deque[tuple[Record, float]] = deque()
        self._pending_bytes = EVENT_OVERHEAD - 1

    def add(self, record: Record, now: float) -> None:
        self._pending.append((record, now))
        self._pending_bytes += len(record.event) + 1

    def next_step(self, settings: MappingSettings, now: float) -> Step:
        if self.busy:
            raise ValueError("expected the sub-shard's last step to be applied first")
        if not self._retries:
            ready_at = self._ready_at(settings)
            if ready_at is None or ready_at > now:
                return Wait(ready_at)
            self._retries.append(self._cut(settings))
        # Check the age before the delay: a batch that waits for its retry may exceed the maximum age.
        discarded, batch = split_expired(self._retries[0], settings, now)
        if discarded:
            self._retries.popleft()
            if batch:
                self._retries.appendleft(batch)
            self.busy = True
            return Discard(discarded)
        if self._retries[0].not_before > now:
            return Wait(self._retries[0].not_before)
        self.busy = True
        return Deliver(self._retries.popleft())

    def apply(self, transition: Transition) -> None:
        self.busy = False
        self._retries.extendleft(reversed(transition.retries))

    def _ready_at(self, settings: MappingSettings) -> float | None:
        if not self._pending:
            return None
        if len(self._pending) >= settings.batch_size or self._pending_bytes > MAX_EVENT_BYTES:
            return 0.0
        return self._pending[0][1] + settings.window

    def _cut(self, settings: MappingSettings) -> Batch:
        records: list[Record] = []
        size = EVENT_OVERHEAD - 1
        while self._pending and len(records) < settings.batch_size:
            cost = len(self._pending[0][0].event) + 1
            # A record that is too large by itself is sent alone: Lambda rejects it, and that counts as a
            # failure. Without a limit of retries or age it blocks its sub-shard until it expires.
            if records and size + cost > MAX_EVENT_BYTES:
                break
            records.append(self._pending.popleft()[0])
            self._pending_bytes -= cost
            size += cost
        return Batch(tuple(records))
