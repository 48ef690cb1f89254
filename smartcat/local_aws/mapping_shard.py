"""One shard's records between reading and checkpoint: lanes, batches, order. Pure, time is passed in.

Rules: a partition key stays in one lane; a lane has one batch under way and delivers what must be retried
before anything new; the checkpoint is the last record before the lowest unfinished one.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.local_aws.mapping_batches import Batch, Discard, Transition, split_expired
from smartcat.local_aws.mapping_records import EVENT_OVERHEAD, MAX_EVENT_BYTES, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.local_aws.mapping_settings import MappingSettings


@dataclass(frozen=True, slots=True)
class Deliver:
    """Invoke the function with this batch, then `apply` what follows."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Send these records to the failure destination, then `apply` a transition that discards them."""

    discard: Discard


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until` (seconds since the epoch), or before records arrive if it is None."""

    until: float | None


Step = Deliver | GiveUp | Wait


class ShardState:
    """Where the records of one shard stand.

    Args:
        settings: The mapping's settings.
    """

    def __init__(self, settings: MappingSettings) -> None:
        self._settings = settings
        self._lanes = [_Lane() for _ in range(settings.parallelization_factor)]
        self._order: deque[Record] = deque()
        self._finished: set[int] = set()
        self.checkpoint: int | None = None
        """Sequence number up to which everything is finished; None before the first."""
        self.buffered_bytes = 0
        """Bytes of the records that are read and not finished."""

    @property
    def backlog(self) -> int:
        """Records that are read and neither delivered nor discarded."""
        return len(self._order) - len(self._finished)

    @property
    def oldest_arrival(self) -> float | None:
        """When the lowest unfinished record arrived, in seconds since the epoch; None without one."""
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
            self._lane_of(record).add(record, now)

    def next_step(self, lane: int, now: float) -> Step:
        """Return what a lane must do now.

        Args:
            lane: 0 up to the parallelization factor.
            now: Seconds since the epoch.

        Raises:
            ValueError: The lane's last step was not applied yet.
        """
        return self._lanes[lane].next_step(self._settings, now)

    def apply(self, lane: int, transition: Transition) -> None:
        """Record what became of a lane's step.

        Call it after the discarded records have reached their destination: then "no backlog" means all is
        there.

        Args:
            lane: The lane of the step.
            transition: What `decide` returned, or the discard of a `GiveUp`.
        """
        self._lanes[lane].apply(transition)
        self._finish(transition.delivered)
        if transition.discard:
            self._finish(transition.discard.records)

    def reconfigure(self, settings: MappingSettings, now: float) -> None:
        """Take other settings; no lane may have a step under way.

        A changed parallelization factor sorts the unfinished records into new lanes, where their retries are
        counted afresh; the checkpoint stays.

        Args:
            settings: The new settings.
            now: Seconds since the epoch.

        Raises:
            ValueError: A lane has a step under way.
        """
        if any(lane.busy for lane in self._lanes):
            raise ValueError("expected every lane at rest before its settings change")
        self._settings = settings
        if len(self._lanes) == settings.parallelization_factor:
            return
        self._lanes = [_Lane() for _ in range(settings.parallelization_factor)]
        for record in self._order:
            if record.sequence_number not in self._finished:
                self._lane_of(record).add(record, now)

    def _lane_of(self, record: Record) -> _Lane:
        if len(self._lanes) == 1:
            return self._lanes[0]
        # The hash's first bytes chose the shard, so they are alike in it; the last ones are not.
        digest = hashlib.md5(record.partition_key.encode(), usedforsecurity=False).digest()
        return self._lanes[int.from_bytes(digest[-4:], "big") % len(self._lanes)]

    def _finish(self, records: Iterable[Record]) -> None:
        for record in records:
            self._finished.add(record.sequence_number)
            self.buffered_bytes -= len(record.event)
        while self._order and self._order[0].sequence_number in self._finished:
            self.checkpoint = self._order.popleft().sequence_number
            self._finished.discard(self.checkpoint)


class _Lane:
    """Records of some partition keys, in order."""

    def __init__(self) -> None:
        self.busy = False
        self._again: deque[Batch] = deque()
        self._pending: deque[tuple[Record, float]] = deque()
        self._pending_bytes = EVENT_OVERHEAD - 1

    def add(self, record: Record, now: float) -> None:
        self._pending.append((record, now))
        self._pending_bytes += len(record.event) + 1

    def next_step(self, settings: MappingSettings, now: float) -> Step:
        if self.busy:
            raise ValueError("expected the lane's last step to be applied first")
        if not self._again:
            ready_at = self._ready_at(settings)
            if ready_at is None or ready_at > now:
                return Wait(ready_at)
            self._again.append(self._cut(settings))
        # Age comes before the delay: a batch that waits for its retry can become too old meanwhile.
        discard, batch = split_expired(self._again[0], settings, now)
        if discard:
            self._again.popleft()
            if batch:
                self._again.appendleft(batch)
            self.busy = True
            return GiveUp(discard)
        if self._again[0].not_before > now:
            return Wait(self._again[0].not_before)
        self.busy = True
        return Deliver(self._again.popleft())

    def apply(self, transition: Transition) -> None:
        self.busy = False
        self._again.extendleft(reversed(transition.again))

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
            # A record that is too large on its own goes alone: Lambda refuses it, and that counts as a
            # failure. Without a limit of retries or age it holds its lane until it expires in the stream.
            if records and size + cost > MAX_EVENT_BYTES:
                break
            records.append(self._pending.popleft()[0])
            self._pending_bytes -= cost
            size += cost
        return Batch(tuple(records))
