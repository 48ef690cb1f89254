"""The queue of one shard: what is sent next, when, and what waits behind a failure. Takes timestamps.

At most one request of a shard is in flight. Within a request no partition key occurs twice, and what failed
returns to the front: so the items of a key reach the shard in the order they were put, whatever is refused.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.core.backoff import Backoff
    from producers.core.kinesis_limits import Limits
    from producers.core.outcomes import Failure
    from producers.core.rate_limits import ShardRateLimiter
    from producers.core.record_packing import Item, KinesisRecord, Packer
    from producers.core.shards import ShardRange

# A quarter of a shard's second is sent without waiting for more: four requests a second at full speed.
_FULL_BATCH_BYTES: Final = 256 * 1024
_FULL_BATCH_RECORDS: Final = 250

# A lane that does not fill while other lanes keep its shard busy is closed after this many seconds.
_BUSY_LINGER_SECONDS: Final = 5.0


class Request:
    """The entries of one PutRecords call, with the queues they came from.

    Args:
        limits: What it may hold.

    Attributes:
        records: The Kinesis records, in order.
        queues: The queue of each record, at the same index.
        size: Bytes of the entries.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._keys: set[tuple[int, str]] = set()
        self.records: list[KinesisRecord] = []
        self.queues: list[ShardQueue] = []
        self.size = 0

    def fits(self, queue: ShardQueue, record: KinesisRecord) -> bool:
        """Return whether a record can be added: within the limits, and no partition key a second time."""
        return (
            len(self.records) < self._limits.request_records
            and self.size + record.entry.size <= self._limits.request_bytes
            and not any((id(queue), key) in self._keys for key in record.keys)
        )

    def add(self, queue: ShardQueue, record: KinesisRecord) -> None:
        """Add a record that fits."""
        self.records.append(record)
        self.queues.append(queue)
        self.size += record.entry.size
        self._keys.update((id(queue), key) for key in record.keys)


class ShardQueue:
    """What waits for one shard.

    Args:
        shard: The shard; None for a stream whose shards are unknown.
        packer: Makes its records.
        rate_limiter: How fast it may send; None for no limit but the answers.

    Attributes:
        busy: Whether a request with its records is in flight.
        failed_attempts: Requests in a row of which the shard accepted nothing.
        refusing_since: When the first of these was answered; None if the last request was accepted in part.
        last_failure: Why it was given up while others accepted.
        is_ill: Whether it was given up: it accepted nothing in so many attempts, and nothing since.
    """

    def __init__(
        self, shard: ShardRange | None, packer: Packer, rate_limiter: ShardRateLimiter | None
    ) -> None:
        self.shard = shard
        self.rate_limiter = rate_limiter
        self.busy = False
        self.failed_attempts = 0
        self.refusing_since: float | None = None
        self.is_ill = False
        self.last_failure: Failure | None = None
        self._has_accepted = False
        self._packer = packer
        self._records: deque[KinesisRecord] = deque()
        self._oldest: Item | None = None  # of the records; None if not known
        self._record_bytes = 0
        self._not_before = -math.inf

    @property
    def has_full_batch(self) -> bool:
        """Whether so much is packed that it is sent without waiting for more."""
        return self._record_bytes >= _FULL_BATCH_BYTES or len(self._records) >= _FULL_BATCH_RECORDS

    @property
    def shard_id(self) -> str:
        """The id of the shard; "" if it is unknown."""
        return self.shard.shard_id if self.shard else ""

    @property
    def accepts(self) -> bool:
        """Whether the shard has accepted something, and has refused no whole request since."""
        return self._has_accepted and self.refusing_since is None

    @property
    def empty(self) -> bool:
        """Whether nothing waits here."""
        return not self._records and not self._packer.open_items

    def add(self, item: Item, record_bytes: int) -> None:
        """Append an item; ``record_bytes`` is what a record of the stream may have."""
        self._extend(self._packer.add(item, record_bytes))

    def due_at(self, now: float, linger: float, flush_below: int) -> float:
        """Return the time at which a request should be sent; infinity if nothing waits or one is in flight.

        Args:
            now: The time.
            linger: Seconds an item may wait for others.
            flush_below: Items with a lower ordinal do not linger.
        """
        oldest_open = self._packer.oldest()
        if self.busy or (oldest_open is None and not self._records):
            return math.inf
        if oldest_open is not None:
            allowed, below = (
                (linger + _BUSY_LINGER_SECONDS, 0) if self.has_full_batch else (linger, flush_below)
            )
            if oldest_open.put_at + allowed <= now or oldest_open.ordinal < below:
                # What is due by the sum may, by rounding, not be due by the difference.
                below = max(below, oldest_open.ordinal + 1)
                self._extend(self._packer.close(put_before=now - allowed, ordinal_below=below))
        at = max(self._ready_at(linger, flush_below), self._not_before)
        return at if at > now else now + self._rate_limit_wait(now)

    def is_lingering(self, now: float, linger: float, flush_below: int) -> bool:
        """Return whether nothing is in flight or ready to be sent; arguments as of ``due_at``."""
        return not self.busy and (not self._records or self._ready_at(linger, flush_below) > now)

    def move_first(self, request: Request, now: float) -> bool:
        """Move the first record into the request; return False if it does not fit or the rate forbids it."""
        if not self._records:
            return False
        record = self._records[0]
        size = record.entry.size
        if not request.fits(self, record):
            return False
        if self.rate_limiter is not None:
            if self.rate_limiter.wait_seconds(1, size, now) > 0:
                return False
            self.rate_limiter.take(1, size, now)
        self._records.popleft()
        self._record_bytes -= size
        self._oldest = None
        request.add(self, record)
        return True

    def requeue(self, records: Sequence[KinesisRecord]) -> None:
        """Put records that failed back to the front, in their order."""
        self._oldest = None
        self._records.extendleft(reversed(records))
        self._record_bytes += sum(record.entry.size for record in records)

    def note_answer(self, now: float, *, accepted: bool) -> None:
        """Record that a request was answered, and whether the shard accepted anything of it."""
        if accepted:
            self._has_accepted, self.is_ill = True, False
            self.failed_attempts, self.refusing_since = 0, None
        else:
            self.failed_attempts += 1
            self.refusing_since = now if self.refusing_since is None else self.refusing_since

    def back_off(self, backoff: Backoff, now: float, jitter: float) -> None:
        """Send nothing for a while after an answer with failures."""
        self._not_before = now + backoff.seconds(max(0, self.failed_attempts - 1), jitter)

    def pause(self, backoff: Backoff, now: float) -> None:
        """Send nothing for the longest wait: then one request finds out whether the shard accepts again."""
        self._not_before = now + backoff.longest_seconds

    def is_paused(self, now: float) -> bool:
        """Return whether nothing is in flight and nothing may be sent now."""
        return not self.busy and now < self._not_before

    def remove_all(self) -> list[Item]:
        """Remove and return every waiting item, in no particular order."""
        items = [item for record in self._records for item in record.items] + self._packer.remove_open()
        self._oldest = None
        self._records.clear()
        self._record_bytes = 0
        return items

    def _ready_at(self, linger: float, flush_below: int) -> float:
        if self.has_full_batch:
            return -math.inf
        if self._records:
            # Not always the first: an item of a lane that fills later may have been put earlier.
            oldest = self._oldest = self._oldest or min(map(_first_item, self._records), key=_ordinal)
            return -math.inf if oldest.ordinal < flush_below else oldest.put_at + linger
        oldest_open = self._packer.oldest()
        return math.inf if oldest_open is None else oldest_open.put_at + linger

    def _rate_limit_wait(self, now: float) -> float:
        if self.rate_limiter is None or not self._records:
            return 0.0
        size = max(self._records[0].entry.size, min(self._record_bytes, _FULL_BATCH_BYTES))
        return self.rate_limiter.wait_seconds(min(len(self._records), _FULL_BATCH_RECORDS), size, now)

    def _extend(self, records: Sequence[KinesisRecord]) -> None:
        for record in records:
            if self._oldest is not None:
                self._oldest = min(self._oldest, _first_item(record), key=_ordinal)
        self._records.extend(records)
        self._record_bytes += sum(record.entry.size for record in records)


def _first_item(record: KinesisRecord) -> Item:
    return record.items[0]


def _ordinal(item: Item) -> int:
    return item.ordinal
