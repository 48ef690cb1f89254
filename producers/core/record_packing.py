"""Packs documents into Kinesis records: KPL aggregates per shard and lane, or a record each.

Knows bytes, keys and hash keys; nothing of requests or AWS. Whatever the packing, the partition key of a
document's record is its lane, which its id alone decides: Lambda keeps the order of each key, and no other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from producers.core.kinesis_limits import Entry
from producers.errors import ConfigurationError
from smartcat.wire_format.compression import compress_if_smaller, is_gzip
from smartcat.wire_format.document import DEFAULT_GZIP_ABOVE
from smartcat.wire_format.kpl_aggregate import AggregateBuilder, UserRecord
from smartcat.wire_format.zstd_aggregate import compress_aggregate

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_AGGREGATE_BYTES: Final = 50 * 1024
"""Bytes of data and partition key of an aggregate: the KPL's default, and exactly two PUT payload units."""

LANES: Final = 8
"""How many partition keys the documents of a stream have. No option: two producers with other numbers would
send versions of one document under different keys.
"""

LANE_BYTES: Final = len("lane-0")

# Of the bytes that compressing an aggregate as a whole is expected to leave, so that text that compresses
# less well still fits.
_COMPRESSED_MARGIN: Final = 0.95
_MAX_COMPRESSION_RATIO: Final = 8.0


@dataclass(slots=True, eq=False)
class Item:
    """A document or a raw record that waits to be sent.

    Attributes:
        ordinal: Its index among all that was put, from 0.
        partition_key: The document id, for a document.
        data: Its bytes.
        hash_key: The hash key that selects its shard.
        put_at: When it was put, seconds on the producer's clock.
        raw: Whether it must be a Kinesis record by itself, byte for byte.
        explicit_hash_key: For a raw record, the hash key to send along.
        is_claim: Whether it is a claim check for a document in S3. What one record expands to is bounded, so
            a claim shares its record with no other document, and it is never compressed.
        bytes_before: Bytes before compression.
        reroutes: How often it was queued again because its aggregate landed on another shard than its own.
    """

    ordinal: int
    partition_key: str
    data: bytes = field(repr=False)
    hash_key: int
    put_at: float
    raw: bool = False
    explicit_hash_key: str | None = None
    is_claim: bool = False
    bytes_before: int = 0
    reroutes: int = 0

    @property
    def record_key(self) -> str:
        """The partition key of the Kinesis record it travels in: its own if it is raw, else its lane."""
        return self.partition_key if self.raw else lane_key(self.hash_key)

    @property
    def record_size(self) -> int:
        """The bytes that Kinesis counts if it is a record by itself."""
        return len(self.data) + len(self.record_key.encode())


@dataclass(slots=True, eq=False)
class KinesisRecord:
    """A Kinesis record that is ready to be sent.

    Attributes:
        entry: Its entry in a PutRecords request.
        items: What it holds, in order.
        aggregated: Whether it is an aggregate, so that each item has a sub-sequence number.
        keys: The partition keys of its items.
        attempts: How often it was sent.
    """

    entry: Entry
    items: tuple[Item, ...]
    aggregated: bool
    keys: frozenset[str] = field(init=False)
    attempts: int = 0

    def __post_init__(self) -> None:
        """Collect the keys."""
        self.keys = frozenset(item.partition_key for item in self.items)


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How documents are packed into aggregates.

    Attributes:
        max_bytes: Bytes of data and partition key an aggregate may have; a larger document is sent alone.
        together: Whether an aggregate is compressed as a whole instead of document by document. That takes a
            third fewer bytes, and only smartcat's processor reads it.

    Raises:
        ConfigurationError: A value is out of range.
    """

    max_bytes: int = DEFAULT_AGGREGATE_BYTES
    together: bool = False

    def __post_init__(self) -> None:
        """Reject values that give no valid aggregate."""
        if not 1024 <= self.max_bytes <= 1024 * 1024:
            raise ConfigurationError(
                f"bytes of an aggregate: expected 1024 to 1048576, found {self.max_bytes}"
            )


def lane_key(hash_key: int) -> str:
    """Return the partition key of the Kinesis records of all documents with this hash key.

    Args:
        hash_key: The hash key of the document's id. Its lowest bits decide, and the highest the shard, so
            that the documents of each shard are spread over all lanes.
    """
    return f"lane-{hash_key % LANES}"


class Packer:
    """Makes the Kinesis records of one shard; the items of each partition key stay in order.

    Args:
        aggregation: How to aggregate; None to make each item a record of its own.
        shard_known: Whether the shard is known. If not, an aggregate could hold items of several shards, so
            each item is an aggregate of its own.
    """

    def __init__(self, aggregation: Aggregation | None, *, shard_known: bool = True) -> None:
        self._aggregation = aggregation
        self._shard_known = shard_known
        self._open: dict[str, _Aggregate] = {}  # by lane
        self._compression_ratio = 2.0

    @property
    def open_items(self) -> int:
        """Items in aggregates that are not full."""
        return sum(len(each.items) for each in self._open.values())

    def add(self, item: Item, record_bytes: int) -> list[KinesisRecord]:
        """Add an item.

        Args:
            item: The item.
            record_bytes: Bytes a record of the stream may have; the item with its key is not larger.

        Returns:
            The records that are complete now, in order.
        """
        aggregation = self._aggregation
        if aggregation is None:
            return [_single_record(item)]
        if item.raw:
            # The aggregate with its key must go first; those of other lanes may still grow.
            same_key = [lane for lane, each in self._open.items() if each.has(item.partition_key)]
            return [*self._close(same_key), _single_record(item)]
        lane, shared = item.record_key, self._shard_known and not item.is_claim
        if shared and lane in self._open and self._open[lane].add(item):
            return []
        complete = self._close([lane]) if lane in self._open else []
        max_bytes = self._max_bytes(aggregation, record_bytes)
        fresh = _Aggregate(lane, max_bytes, compressed=aggregation.together)
        if shared and fresh.add(item):
            self._open[lane] = fresh
            return complete
        return [*complete, _aggregate_of_one(item, record_bytes, compressed=aggregation.together)]

    def close(self, *, put_before: float, ordinal_below: int) -> list[KinesisRecord]:
        """Close and return the aggregates whose first item was put so early, or has such a low ordinal."""
        due = [
            lane
            for lane, each in self._open.items()
            if each.items[0].put_at <= put_before or each.items[0].ordinal < ordinal_below
        ]
        return self._close(due)

    def oldest(self) -> Item | None:
        """Return the oldest item in an aggregate that is not full; None if there is none."""
        return min((each.items[0] for each in self._open.values()), key=_ordinal, default=None)

    def remove_open(self) -> list[Item]:
        """Remove and return all items of aggregates that are not full."""
        items = [item for each in self._open.values() for item in each.items]
        self._open.clear()
        return items

    def _close(self, lanes: Iterable[str]) -> list[KinesisRecord]:
        records = []
        for lane in lanes:
            aggregate = self._open.pop(lane)
            record = aggregate.build()
            # Down at once and up by steps: a unit too many costs more than one that is filled a little less.
            self._compression_ratio = min(
                _MAX_COMPRESSION_RATIO, aggregate.size / record.entry.size, self._compression_ratio * 1.15
            )
            records.append(record)
        return records

    def _max_bytes(self, aggregation: Aggregation, record_bytes: int) -> int:
        """Return the bytes an aggregate may have before it is compressed as a whole."""
        compressed = min(aggregation.max_bytes, record_bytes)
        if not aggregation.together:
            return compressed
        expected = int(aggregation.max_bytes * self._compression_ratio * _COMPRESSED_MARGIN)
        return min(record_bytes, max(compressed, expected))


class _Aggregate:
    """An aggregate that still grows."""

    def __init__(self, key: str, max_bytes: int, *, compressed: bool = False) -> None:
        self._key = key
        self._builder = AggregateBuilder(max_bytes=max_bytes - len(self._key))
        self._compressed = compressed
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

    def build(self) -> KinesisRecord:
        data = self._builder.build()
        if self._compressed:
            data = min(data, compress_aggregate(data), key=len)
        # The first item's own hash key, as the KPL does: wherever the shard is split, at least one item is on
        # the right side.
        entry = Entry(self._key, data, str(self.items[0].hash_key))
        return KinesisRecord(entry, tuple(self.items), aggregated=True)


def _aggregate_of_one(item: Item, record_bytes: int, *, compressed: bool) -> KinesisRecord:
    """Return an aggregate of an item that shares none; a single record if even that is too large."""
    if compressed and not item.is_claim:
        _compress(item)
    aggregate = _Aggregate(item.record_key, record_bytes)
    return aggregate.build() if aggregate.add(item) else _single_record(item)


def _single_record(item: Item) -> KinesisRecord:
    # A lane's own hash key would lead to another shard than the document's.
    hash_key = item.explicit_hash_key if item.raw else str(item.hash_key)
    entry = Entry(item.record_key, item.data, hash_key)
    return KinesisRecord(entry, (item,), aggregated=False)


def _compress(item: Item) -> None:
    """Compress a document that is not compressed with others; once, because readers decompress once."""
    if not is_gzip(item.data):
        item.data = compress_if_smaller(item.data, above=DEFAULT_GZIP_ABOVE)


def _ordinal(item: Item) -> int:
    return item.ordinal
