"""What a delivery would be: records, bytes, time and dollars. Pure: sends nothing, knows no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from producers import prices
from producers.parcels import DEFAULT_AGGREGATE_BYTES
from smartcat.wire_format.document import to_bytes
from smartcat.wire_format.kpl_aggregate import AGGREGATE_MAGIC, UserRecord, field_size, record_size

if TYPE_CHECKING:
    from smartcat.wire_format.document import Document

SHARD_BYTES: Final = 1024 * 1024
"""Bytes a second a shard takes."""

SHARD_RECORDS: Final = 1000
"""Records a second a shard takes."""

_FRAME_BYTES: Final = len(AGGREGATE_MAGIC) + 16  # and the MD5 behind it


@dataclass(slots=True)
class Billed:
    """What AWS counts of the records of a stream.

    Attributes:
        records: How many there are.
        payload_units: Units of 25 KiB that a provisioned stream counts, rounded up for each record.
        on_demand_bytes: Bytes that an on-demand stream counts: whole KiB of each record.
    """

    records: int = 0
    payload_units: int = 0
    on_demand_bytes: int = 0

    def add(self, size: int) -> None:
        """Count a record of so many bytes."""
        self.records += 1
        self.payload_units += -(-size // prices.PAYLOAD_UNIT_BYTES)
        self.on_demand_bytes += -(-size // prices.ON_DEMAND_RECORD_BYTES) * prices.ON_DEMAND_RECORD_BYTES

    @property
    def usd_provisioned(self) -> float:
        """Dollars for the records on a provisioned stream; its shards cost the same without them."""
        return self.payload_units / 1e6 * prices.USD_PER_MILLION_PAYLOAD_UNITS

    @property
    def usd_on_demand(self) -> float:
        """Dollars for the records on an on-demand stream, without its price an hour."""
        return self.on_demand_bytes / prices.GB * prices.USD_PER_ON_DEMAND_GB


@dataclass(slots=True)
class Estimate:
    """Sums over documents.

    Attributes:
        documents: How many.
        pages: How many they have.
        json_bytes: Their bytes as JSON, not compressed.
        wire_bytes: Data and partition keys as they are sent.
        single: What is billed where each document is a record of its own.
        aggregated: What is billed where they are packed as closely as ``DEFAULT_AGGREGATE_BYTES`` allows; a
            few more aggregates are sent, for each shard has its own. Complete after ``end``.
    """

    documents: int = 0
    pages: int = 0
    json_bytes: int = 0
    wire_bytes: int = 0
    single: Billed = field(default_factory=Billed)
    aggregated: Billed = field(default_factory=Billed)
    _aggregate: int = 0
    _packed: int = 0

    def add(self, document: Document) -> None:
        """Count a document."""
        data, key = to_bytes(document), len(document.document_id.encode())
        size = len(data) + key
        self.documents += 1
        self.pages += len(document.pages)
        self.json_bytes += len(to_bytes(document, gzip_above=None))
        self.wire_bytes += size
        self.single.add(size)
        self._pack(UserRecord(document.document_id, data), size, key)

    def end(self) -> None:
        """Count the aggregate that is not full."""
        if self._packed:
            self.aggregated.add(self._aggregate)
        self._aggregate = self._packed = 0

    def seconds(self, shards: int) -> float:
        """Give the time that the limits of so many shards ask for, if all are used alike."""
        return max(self.wire_bytes / SHARD_BYTES, self.documents / SHARD_RECORDS) / shards

    def _pack(self, record: UserRecord, size: int, key: int) -> None:
        if size > DEFAULT_AGGREGATE_BYTES:
            self.aggregated.add(size)
            return
        grown = field_size(key) + record_size(record, self._packed, None)
        if self._packed and self._aggregate + grown > DEFAULT_AGGREGATE_BYTES:
            self.end()
        if not self._packed:
            # The aggregate's own partition key is one of those in it.
            self._aggregate = _FRAME_BYTES + key
        self._aggregate += grown
        self._packed += 1
