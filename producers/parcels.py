"""Documents become Kinesis records: KPL aggregates by shard and lane, or records of their own. Pure.

Knows bytes, keys and hash keys; nothing of requests, threads or AWS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from producers.errors import ConfigurationError
from producers.packing import Entry
from smartcat.wire_format.compression import compress_if_smaller, is_gzip
from smartcat.wire_format.document import DEFAULT_GZIP_ABOVE
from smartcat.wire_format.kpl_aggregate import AggregateBuilder, UserRecord
from smartcat.wire_format.zstd_aggregate import compress_aggregate

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_AGGREGATE_BYTES: Final = 50 * 1024
"""Bytes of data and partition key of an aggregate: as the KPL's, and two PUT payload units to the byte."""

DEFAULT_LANES: Final = 8

# Of the bytes that compressing together is expected to leave, so that a text that packs worse still fits.
_COMPRESSED_MARGIN: Final = 0.95
_MOST_COMPRESSION: Final = 8.0


@dataclass(slots=True, eq=False)
class Item:
    """What somebody put, waiting for its place on the stream.

    Attributes:
        ordinal: Its place among all that was put, from 0.
        partition_key: The document id, for a document.
        data: Its bytes.
        hash_key: The hash key that places it.
        put_at: When it was put, seconds on the producer's clock.
        exact: Whether it must be a Kinesis record by itself, as it is.
        explicit_hash_key: For such a record, the hash key to send along.
        is_claim: Whether it stands for a document in S3. What one record unfolds to is bounded, so a claim
            shares its record with no other document, and it is never compressed.
        bytes_before: Bytes before compression.
        moved: How often it was put again because its aggregate came to a shard that is not its own.
    """

    ordinal: int
    partition_key: str
    data: bytes = field(repr=False)
    hash_key: int
    put_at: float
    exact: bool = False
    explicit_hash_key: str | None = None
    is_claim: bool = False
    bytes_before: int = 0
    moved: int = 0


@dataclass(slots=True, eq=False)
class Parcel:
    """A Kinesis record that is ready to go.

    Attributes:
        entry: The record.
        items: What is in it, in order.
        aggregated: Whether it is an aggregate, so that each item has a sub-sequence number.
        keys: The partition keys of its items.
        sent: How often it was sent.
    """

    entry: Entry
    items: tuple[Item, ...]
    aggregated: bool
    keys: frozenset[str] = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        """Gather the keys."""
        self.keys = frozenset(item.partition_key for item in self.items)


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How documents are packed into aggregates.

    Attributes:
        max_bytes: Bytes of data and partition key that an aggregate may have; a larger document goes alone.
        lanes: Into how many aggregates of a shard documents are divided by their id, 1 to 256. Each lane has
            a partition key of its own, so a mapping with a parallelization factor above 1 still works a
            shard in parallel and keeps the versions of a document in order.
        together: Whether an aggregate is compressed as a whole, not each document in it. That takes a third
            fewer bytes, and only smartcat's processor reads it.
    """

    max_bytes: int = DEFAULT_AGGREGATE_BYTES
    lanes: int = DEFAULT_LANES
    together: bool = False

    def __post_init__(self) -> None:
        """Refuse what makes no aggregates."""
        if not 1 <= self.lanes <= 256:
            raise ConfigurationError(f"lanes: expected 1 to 256, found {self.lanes}")
        if not 1024 <= self.max_bytes <= 1024 * 1024:
            raise ConfigurationError(
                f"bytes of an aggregate: expected 1024 to 1048576, found {self.max_bytes}"
            )


class Packer:
    """Makes the Kinesis records of one shard, in the order that keeps each key's items in theirs.

    Args:
        aggregation: How to aggregate; None to make each item a record of its own.
        placed: Whether the shard is known. Where it is not, an aggregate could hold what belongs to several,
            so each item is a record of its own too.
    """

    def __init__(self, aggregation: Aggregation | None, *, placed: bool = True) -> None:
        self._aggregation = aggregation if placed else None
        self._together = aggregation is not None and aggregation.together
        self._open: dict[int, _Aggregate] = {}
        self._ratio = 2.0

    @property
    def open_items(self) -> int:
        """Items that wait in aggregates that are not full."""
        return sum(len(each.items) for each in self._open.values())

    def add(self, item: Item, record_bytes: int) -> list[Parcel]:
        """Take an item.

        Args:
            item: The item.
            record_bytes: Bytes a record of the stream may have; the item with its key is not larger.

        Returns:
            The records that are ready by it, in order.
        """
        plan = self._aggregation
        if plan is None:
            return [_plain(item, compressed=self._together)]
        if item.exact:
            # What has its key must go before it; the other lanes may still grow.
            waiting = [lane for lane, each in self._open.items() if each.has(item.partition_key)]
            return [*self._close(waiting), _plain(item)]
        lane = item.hash_key % plan.lanes
        if lane in self._open and not item.is_claim and self._open[lane].add(item):
            return []
        ready = self._close([lane]) if lane in self._open else []
        if item.is_claim:
            return [*ready, _alone(item, lane, record_bytes, compressed=False)]
        fresh = _Aggregate(lane, self._room(plan, record_bytes), together=plan.together)
        if fresh.add(item):
            self._open[lane] = fresh
            return ready
        return [*ready, _alone(item, lane, record_bytes, compressed=plan.together)]

    def close(self, *, put_before: float, ordinal_below: int) -> list[Parcel]:
        """Finish the aggregates that hold an item put so early, or with such a low ordinal."""
        due = [
            lane
            for lane, each in self._open.items()
            if each.items[0].put_at <= put_before or each.items[0].ordinal < ordinal_below
        ]
        return self._close(due)

    def oldest(self) -> Item | None:
        """Give the item that has waited longest in an aggregate that is not full."""
        return min((each.items[0] for each in self._open.values()), key=_ordinal, default=None)

    def take_open(self) -> list[Item]:
        """Give back all items of aggregates that are not full; nothing is left."""
        items = [item for each in self._open.values() for item in each.items]
        self._open.clear()
        return items

    def _close(self, lanes: Iterable[int]) -> list[Parcel]:
        parcels = []
        for lane in lanes:
            aggregate = self._open.pop(lane)
            parcel = aggregate.seal()
            # Down at once and up by steps: a unit too many costs more than one that is filled a little less.
            self._ratio = min(_MOST_COMPRESSION, aggregate.size / parcel.entry.size, self._ratio * 1.15)
            parcels.append(parcel)
        return parcels

    def _room(self, plan: Aggregation, record_bytes: int) -> int:
        most = min(plan.max_bytes, record_bytes)
        if not plan.together:
            return most
        expected = int(plan.max_bytes * self._ratio * _COMPRESSED_MARGIN)
        return min(record_bytes, max(most, expected))


class _Aggregate:
    """An aggregate that still grows."""

    def __init__(self, lane: int, max_bytes: int, *, together: bool = False) -> None:
        self._key = _lane_key(lane)
        self._builder = AggregateBuilder(max_bytes=max_bytes - len(self._key))
        self._together = together
        self.items: list[Item] = []
        self._keys: set[str] = set()

    @property
    def size(self) -> int:
        """Bytes before it is compressed as a whole, with its partition key."""
        return self._builder.size + len(self._key)

    def has(self, partition_key: str) -> bool:
        return partition_key in self._keys

    def add(self, item: Item) -> bool:
        if not self._builder.add(UserRecord(item.partition_key, item.data)):
            return False
        self.items.append(item)
        self._keys.add(item.partition_key)
        return True

    def seal(self) -> Parcel:
        data = self._builder.build()
        if self._together:
            data = min(data, compress_aggregate(data), key=len)
        # The first item's own hash key, as the KPL does: wherever the shard is split, one item at least is
        # where it belongs.
        entry = Entry(self._key, data, str(self.items[0].hash_key))
        return Parcel(entry, tuple(self.items), aggregated=True)


def _alone(item: Item, lane: int, record_bytes: int, *, compressed: bool) -> Parcel:
    """Make a record of an item that fits into no aggregate with others.

    It is an aggregate of one, under the lane's key, so that a mapping keeps it in order with the smaller
    versions of its document; a plain record where even that is too large.
    """
    if compressed:
        _compress(item)
    aggregate = _Aggregate(lane, record_bytes)
    return aggregate.seal() if aggregate.add(item) else _plain(item)


def _plain(item: Item, *, compressed: bool = False) -> Parcel:
    if compressed and not item.exact and not item.is_claim:
        _compress(item)
    return Parcel(Entry(item.partition_key, item.data, item.explicit_hash_key), (item,), aggregated=False)


def _compress(item: Item) -> None:
    """Compress a document that goes by itself; once, for readers undo it once."""
    if not is_gzip(item.data):
        item.data = compress_if_smaller(item.data, above=DEFAULT_GZIP_ABOVE)


def _lane_key(lane: int) -> str:
    return f"lane-{lane}"


def _ordinal(item: Item) -> int:
    return item.ordinal
