"""The queue of one shard: what goes next, when, and what waits behind a failure. Pure; takes timestamps.

At most one request of a shard is under way. Within a request no key occurs twice, and what failed goes back
to the front: so the items of a key reach the shard in the order they were put, whatever is refused.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.delivery import Backoff
    from producers.pacing import ShardPace
    from producers.packing import Limits
    from producers.parcels import Item, Packer, Parcel
    from producers.shard_map import ShardRange

# A quarter of a shard's second is sent without waiting for more: four requests a second at full speed.
_ENOUGH_BYTES: Final = 256 * 1024
_ENOUGH_RECORDS: Final = 250

# A lane that does not fill while its shard is kept busy by others is closed after this many seconds.
_PATIENCE_SECONDS: Final = 5.0


class Request:
    """The entries of one PutRecords call, with the queues they came from.

    Args:
        limits: What it may hold.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._keys: set[tuple[int, str]] = set()
        self.parcels: list[Parcel] = []
        self.outboxes: list[Outbox] = []
        self.size = 0

    def fits(self, outbox: Outbox, parcel: Parcel) -> bool:
        """Tell whether a parcel can be added: room for it and its bytes, and no key for a second time."""
        return (
            len(self.parcels) < self._limits.request_records
            and self.size + parcel.entry.size <= self._limits.request_bytes
            and not any((id(outbox), key) in self._keys for key in parcel.keys)
        )

    def add(self, outbox: Outbox, parcel: Parcel) -> None:
        """Add a parcel that fits."""
        self.parcels.append(parcel)
        self.outboxes.append(outbox)
        self.size += parcel.entry.size
        self._keys.update((id(outbox), key) for key in parcel.keys)


class Outbox:
    """What waits for one shard.

    Args:
        shard: The shard; None for a stream whose shards are not known.
        packer: Makes its records.
        pace: How fast it may go; None for as fast as it is answered.
    """

    def __init__(self, shard: ShardRange | None, packer: Packer, pace: ShardPace | None) -> None:
        self.shard = shard
        self.pace = pace
        self.busy = False
        self.fruitless = 0
        self._packer = packer
        self._queue: deque[Parcel] = deque()
        self._oldest: Item | None = None  # in the queue; None for not known
        self._queued_bytes = 0
        self._not_before = -math.inf

    @property
    def enough(self) -> bool:
        """Whether so much is ready that it goes without waiting for more."""
        return self._queued_bytes >= _ENOUGH_BYTES or len(self._queue) >= _ENOUGH_RECORDS

    @property
    def empty(self) -> bool:
        """Whether nothing waits here."""
        return not self._queue and not self._packer.open_items

    def add(self, item: Item, record_bytes: int) -> None:
        """Take an item at the end."""
        self._extend(self._packer.add(item, record_bytes))

    def due(self, now: float, linger: float, hurry_below: int) -> float:
        """Give the time at which a request should go; infinity if nothing waits or one is under way.

        Args:
            now: The time.
            linger: Seconds an item may wait for company.
            hurry_below: Items with a lower ordinal do not linger.
        """
        oldest_open = self._packer.oldest()
        if self.busy or (oldest_open is None and not self._queue):
            return math.inf
        if oldest_open is not None:
            patience, below = (linger + _PATIENCE_SECONDS, 0) if self.enough else (linger, hurry_below)
            if oldest_open.put_at + patience <= now or oldest_open.ordinal < below:
                # What is due by the sum may, by rounding, not be due by the difference.
                below = max(below, oldest_open.ordinal + 1)
                self._extend(self._packer.close(put_before=now - patience, ordinal_below=below))
        at = max(self._ready_at(linger, hurry_below), self._not_before)
        return at if at > now else now + self._pace_wait(now)

    def lingers(self, now: float, linger: float, hurry_below: int) -> bool:
        """Tell whether nothing is under way or ready to go; arguments as of ``due``."""
        return not self.busy and (not self._queue or self._ready_at(linger, hurry_below) > now)

    def _ready_at(self, linger: float, hurry_below: int) -> float:
        if self.enough:
            return -math.inf
        if self._queue:
            # Not always at the front: what fills later in one lane may be put earlier than in another.
            oldest = self._oldest = self._oldest or min(map(_first, self._queue), key=_ordinal)
            return -math.inf if oldest.ordinal < hurry_below else oldest.put_at + linger
        oldest_open = self._packer.oldest()
        return math.inf if oldest_open is None else oldest_open.put_at + linger

    def _pace_wait(self, now: float) -> float:
        if self.pace is None or not self._queue:
            return 0.0
        size = max(self._queue[0].entry.size, min(self._queued_bytes, _ENOUGH_BYTES))
        return self.pace.wait(min(len(self._queue), _ENOUGH_RECORDS), size, now)

    def give(self, request: Request, now: float) -> bool:
        """Move the first parcel into the request; False if it does not fit or the shard's pace forbids."""
        if not self._queue:
            return False
        parcel = self._queue[0]
        size = parcel.entry.size
        if not request.fits(self, parcel):
            return False
        if self.pace is not None:
            if self.pace.wait(1, size, now) > 0:
                return False
            self.pace.take(1, size, now)
        self._queue.popleft()
        self._queued_bytes -= size
        self._oldest = None
        request.add(self, parcel)
        return True

    def take_back(self, parcels: Sequence[Parcel]) -> None:
        """Put parcels that failed back to the front, in their order."""
        self._oldest = None
        self._queue.extendleft(reversed(parcels))
        self._queued_bytes += sum(parcel.entry.size for parcel in parcels)

    def back_off(self, backoff: Backoff, now: float, chance: float) -> None:
        """Send nothing for a while after an answer with failures."""
        self._not_before = now + backoff.seconds(max(0, self.fruitless - 1), chance)

    def take_all(self) -> list[Item]:
        """Give back every item that waits, in no order; nothing is left."""
        items = [item for parcel in self._queue for item in parcel.items] + self._packer.take_open()
        self._oldest = None
        self._queue.clear()
        self._queued_bytes = 0
        return items

    def _extend(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            if self._oldest is not None:
                self._oldest = min(self._oldest, _first(parcel), key=_ordinal)
        self._queue.extend(parcels)
        self._queued_bytes += sum(parcel.entry.size for parcel in parcels)


def _first(parcel: Parcel) -> Item:
    return parcel.items[0]


def _ordinal(item: Item) -> int:
    return item.ordinal
