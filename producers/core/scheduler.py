"""Decides what to do next: list the shards, send a request, or wait. Takes timestamps and jitter.

The whole state of a delivery is here, so that tests can play any failure against it without a thread.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from producers.core.actions import ListShards, Send, Settle, Settled, Wait
from producers.core.outcomes import INTERRUPTED, Accepted, Failure, Receipt
from producers.core.rate_limits import ShardRateLimiter
from producers.core.record_packing import Packer
from producers.core.shard_queue import Request, ShardQueue
from producers.core.shards import ShardMapCache
from producers.core.statistics import DeliveryStatistics
from producers.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from producers.core.kinesis_limits import Limits
    from producers.core.options import SchedulerOptions
    from producers.core.record_packing import Item, KinesisRecord
    from producers.core.shards import ShardMap

_NOT_SENT: Final = "sending was stopped before its turn"
_NOT_RETRIED: Final = "sending was stopped after Kinesis had refused it"


class Scheduler:
    """Decides what a producer sends and when.

    Args:
        options: How it packs, waits and retries.
        limits: What requests and records may hold; may be replaced by larger limits later.

    Attributes:
        statistics: Counters of the delivery.
        in_flight: Requests that were sent and not answered.
        stopped: Whether it sends nothing more.
    """

    def __init__(self, options: SchedulerOptions, limits: Limits) -> None:
        self.limits = limits
        self.statistics = DeliveryStatistics()
        self.in_flight = 0
        self.stopped = False
        self._options = options
        self._shards = ShardMapCache()
        self._queues: dict[str, ShardQueue] = {}  # by shard id
        self._unassigned: list[Item] = []  # until the shards are known
        self._misrouted: list[tuple[KinesisRecord, Accepted]] = []
        self._flush_below = 0
        self._turn = 0

    def add(self, item: Item) -> bool:
        """Add an item; return whether that changes when something is to be done."""
        if self._shards.awaits_first:
            self._unassigned.append(item)
            return len(self._unassigned) == 1
        queue = self._queue_of(item)
        was_empty, had_full_batch = queue.empty, queue.has_full_batch
        queue.add(item, self.limits.record_bytes)
        return was_empty or (queue.has_full_batch and not had_full_batch)

    def is_lingering(self, now: float) -> bool:
        """Return whether all waiting items only wait for others to fill a batch."""
        linger, below = self._options.linger_seconds, self._flush_below
        return all(queue.is_lingering(now, linger, below) for queue in self._queues.values())

    def flush(self, ordinal_below: int) -> None:
        """Let the items below an ordinal linger no longer."""
        self._flush_below = max(self._flush_below, ordinal_below)

    def next_action(self, now: float) -> ListShards | Send | Settle | Wait:
        """Return what to do; the answer to ``ListShards`` or ``Send`` must be handed in, whatever happens."""
        if self.stopped:
            return Wait(math.inf)
        refresh_in = self._shards.seconds_to_refresh(now)
        if refresh_in <= 0:
            self._shards.begin_refresh()
            return ListShards()
        if self._shards.must_pause:
            return Wait(refresh_in)
        if given_up := self._give_up_waiting(now):
            return Settle(given_up)
        due = self._due(now)
        ready = [queue for at, queue in due if at <= now]
        request = self._compose(ready, now) if ready else None
        if request is None:
            return Wait(min((at for at, _ in due), default=math.inf) - now)
        self.in_flight += 1
        self.statistics.count_request(request.records)
        return Send(request)

    def handle_response(
        self, request: Request, results: Sequence[Accepted | Failure], now: float, jitter: float
    ) -> list[Settled]:
        """Handle the results of a request, one for each record at the same index.

        Returns:
            The items with a final outcome; those that failed and may succeed are sent again.
        """
        self.in_flight -= 1
        settled: list[Settled] = []
        by_queue: dict[ShardQueue, list[tuple[KinesisRecord, Accepted | Failure]]] = {}
        for queue, record, result in zip(request.queues, request.records, results, strict=True):
            record.attempts += 1
            self.statistics.count_result(record, result, accepted=isinstance(result, Accepted))
            by_queue.setdefault(queue, []).append((record, result))
        for queue, of_shard in by_queue.items():
            settled += self._handle_shard_results(queue, of_shard, now, jitter)
        return settled + self._apply_new_shards(now)

    def handle_shards(self, shards: ShardMap | Failure, now: float) -> list[Settled]:
        """Handle the answer to ``ListShards``, or why there was none; return the items it settles."""
        self._shards.refresh(shards, now)
        return self._apply_new_shards(now)

    def stop(self) -> list[Settled]:
        """Send nothing more, and return the items that will never be sent; requests in flight still count."""
        self.stopped = True
        items = [item for queue in self._queues.values() for item in queue.remove_all()]
        items += self._unassigned
        self._unassigned = []
        misrouted = self._accept_misrouted()
        return misrouted + [
            self._failed(item, INTERRUPTED, _NOT_SENT) for item in sorted(items, key=_ordinal)
        ]

    # ------------------------------------------------------------------------------------------ requests
    def _due(self, now: float) -> list[tuple[float, ShardQueue]]:
        linger, below = self._options.linger_seconds, self._flush_below
        return [(queue.due_at(now, linger, below), queue) for queue in self._queues.values()]

    def _compose(self, ready: list[ShardQueue], now: float) -> Request | None:
        """Fill a request round robin, a record per shard; each request begins with another shard."""
        request = Request(self.limits)
        self._turn = (self._turn + 1) % len(ready)
        queues = ready[self._turn :] + ready[: self._turn]
        while queues:
            queues = [queue for queue in queues if queue.move_first(request, now)]
        for queue in set(request.queues):
            queue.busy = True
        return request if request.records else None

    # ------------------------------------------------------------------------------------------ results
    def _handle_shard_results(
        self,
        queue: ShardQueue,
        results: list[tuple[KinesisRecord, Accepted | Failure]],
        now: float,
        jitter: float,
    ) -> list[Settled]:
        queue.busy = False
        settled, retries, accepted = [], [], False
        for record, result in results:
            if isinstance(result, Accepted):
                accepted = True
                settled += self._accepted(queue, record, result, now)
            elif result.retryable:
                retries.append((record, result))
            else:
                is_shards = not result.of_request and self._others_accept(queue)
                settled += self._refused(record.items, result, queue.shard_id if is_shards else "")
        queue.note_answer(now, accepted=accepted)
        throttled = any(isinstance(result, Failure) and result.throttled for _, result in results)
        if throttled and queue.rate_limiter:
            queue.rate_limiter.throttled(now)
        return settled + self._retry(queue, retries, now, jitter)

    def _retry(
        self, queue: ShardQueue, failures: list[tuple[KinesisRecord, Failure]], now: float, jitter: float
    ) -> list[Settled]:
        """Queue failed records again, or return their items as failed after too many attempts."""
        if self.stopped:
            return [
                self._failed(item, INTERRUPTED, _NOT_RETRIED)
                for record, _ in failures
                for item in record.items
            ]
        if failures and self._is_hopeless(queue, failures, now):
            return self._give_up(queue, failures, now)
        if failures:
            queue.requeue([record for record, _ in failures])
            queue.back_off(self._options.backoff, now, jitter)
        return []

    def _is_hopeless(
        self, queue: ShardQueue, failures: list[tuple[KinesisRecord, Failure]], now: float
    ) -> bool:
        """Return whether a shard that refused all of its last request gets no further attempt."""
        if queue.refusing_since is None:
            return False
        if queue.is_ill and self._others_accept(queue):
            return True
        patience = max(failure.patience_seconds for _, failure in failures)
        attempts = self._options.backoff.attempts
        return queue.failed_attempts >= attempts and now - queue.refusing_since >= patience

    def _give_up(
        self, queue: ShardQueue, failures: list[tuple[KinesisRecord, Failure]], now: float
    ) -> list[Settled]:
        """Return the items of refused records as failed.

        While other shards accept, all that waits for this one fails with them: it would fill the producer,
        and hold the others up. Where none accepts, what waits has its own attempts, which slows down whoever
        puts.
        """
        queue.failed_attempts, queue.is_ill = 0, True
        last = failures[-1][1]
        self.statistics.ill_shards[queue.shard_id] = last.code
        alone = queue.shard_id if self._others_accept(queue) else ""
        settled = [
            each for record, failure in failures for each in self._refused(record.items, failure, alone)
        ]
        if alone:
            queue.last_failure = last
            queue.pause(self._options.backoff, now)
            settled += self._refused(sorted(queue.remove_all(), key=_ordinal), last, alone)
        return settled

    def _give_up_waiting(self, now: float) -> list[Settled]:
        """Return what was put for ill shards since their last attempt as failed."""
        return [
            settled
            for queue in self._queues.values()
            if queue.is_ill and queue.last_failure and queue.is_paused(now) and self._others_accept(queue)
            for settled in self._refused(
                sorted(queue.remove_all(), key=_ordinal), queue.last_failure, queue.shard_id
            )
        ]

    def _others_accept(self, queue: ShardQueue) -> bool:
        return any(other.accepts for other in self._queues.values() if other is not queue)

    def _accepted(
        self, queue: ShardQueue, record: KinesisRecord, result: Accepted, now: float
    ) -> list[Settled]:
        if queue.shard is not None and result.shard_id not in ("", queue.shard.shard_id):
            self._shards.mark_stale(result.shard_id, now)
            if record.aggregated and self._shards.must_pause and not self.stopped:
                self._misrouted.append((record, result))
                return []
        return [self._delivered(item, record, index, result) for index, item in enumerate(record.items)]

    def _delivered(self, item: Item, record: KinesisRecord, index: int, result: Accepted) -> Settled:
        self.statistics.accepted += 1
        self.statistics.bytes_before += item.bytes_before
        sub_sequence_number = index if record.aggregated else None
        return Settled(
            item, Receipt(item.partition_key, result.shard_id, result.sequence_number, sub_sequence_number)
        )

    def _refused(self, items: Iterable[Item], failure: Failure, shard_id: str) -> list[Settled]:
        return [self._failed(item, failure.code, failure.explanation, shard_id) for item in items]

    def _failed(self, item: Item, code: str, explanation: str, shard_id: str = "") -> Settled:
        self.statistics.failed.append((item.partition_key, code))
        return Settled(item, DeliveryError(item.partition_key, code, explanation, shard_id))

    # ------------------------------------------------------------------------------------------ shards
    def _apply_new_shards(self, now: float) -> list[Settled]:
        """Use new shards once nothing is in flight: then no record can overtake another."""
        if self.in_flight or self.stopped:
            return self._accept_misrouted() if self.stopped else []
        if self._shards.apply():
            return self._repack(now)
        return [] if self._shards.must_pause else self._accept_misrouted()

    def _repack(self, now: float) -> list[Settled]:
        """Pack and queue everything again for the new shards, in the order it was put."""
        settled: list[Settled] = []
        items = [item for queue in self._queues.values() for item in queue.remove_all()] + self._unassigned
        for record, result in self._misrouted:
            for index, item in enumerate(record.items):
                if self._is_dropped_by_readers(item, result):
                    item.reroutes += 1
                    items.append(item)
                else:
                    settled.append(self._delivered(item, record, index, result))
        before, self._queues, self._unassigned, self._misrouted = self._queues, {}, [], []
        for item in sorted(items, key=_ordinal):
            self._queue_of(item, before, now).add(item, self.limits.record_bytes)
        return settled

    def _is_dropped_by_readers(self, item: Item, result: Accepted) -> bool:
        """Return whether readers that follow the KPL's rules drop the item: it belongs to another shard."""
        shard = self._shards.current.get(result.shard_id) if self._shards.current else None
        return shard is not None and not shard.contains(item.hash_key) and not item.reroutes

    def _accept_misrouted(self) -> list[Settled]:
        misrouted, self._misrouted = self._misrouted, []
        return [
            self._delivered(item, record, index, result)
            for record, result in misrouted
            for index, item in enumerate(record.items)
        ]

    def _queue_of(
        self, item: Item, before: dict[str, ShardQueue] | None = None, now: float = 0.0
    ) -> ShardQueue:
        """Return the queue of the item's shard; a new one takes over the rate limiter of the one before."""
        shard = self._shards.current.locate(item.hash_key) if self._shards.current else None
        shard_id = shard.shard_id if shard else ""
        queue = self._queues.get(shard_id)
        if queue is None:
            known = (before or {}).get(shard_id)
            rate_limiter = known.rate_limiter if known else ShardRateLimiter(now) if shard else None
            packer = Packer(self._options.aggregation, shard_known=shard is not None)
            queue = self._queues[shard_id] = ShardQueue(shard, packer, rate_limiter)
        return queue


def _ordinal(item: Item) -> int:
    return item.ordinal
