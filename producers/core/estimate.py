"""What a delivery would take: records, bytes, seconds and dollars. Sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from producers.core import prices
from producers.core.kinesis_limits import SHARD_BYTES_PER_SECOND, SHARD_RECORDS_PER_SECOND
from producers.core.record_packing import DEFAULT_AGGREGATE_BYTES, LANE_BYTES
from smartcat.wire_format.document import to_bytes
from smartcat.wire_format.kpl_aggregate import AGGREGATE_MAGIC, UserRecord, field_size, record_size

if TYPE_CHECKING:
    from smartcat.wire_format.document import Document

_FRAME_BYTES: Final = len(AGGREGATE_MAGIC) + 16  # the MD5 at the end


@dataclass(slots=True)
class Billed:
    """What AWS bills for the records of a stream.

    Attributes:
        records: Number of records.
        payload_units: Units of 25 KiB on a provisioned stream, rounded up for each record.
        on_demand_bytes: Bytes on an on-demand stream: whole KiB of each record.
    """

    records: int = 0
    payload_units: int = 0
    on_demand_bytes: int = 0

    def add(self, size: int) -> None:
        """Count a record of ``size`` bytes."""
        self.records += 1
        self.payload_units += prices.payload_units(size)
        self.on_demand_bytes += prices.on_demand_bytes(size)

    @property
    def usd_provisioned(self) -> float:
        """Dollars for the records on a provisioned stream, without its shard hours."""
        return self.payload_units / 1e6 * prices.USD_PER_MILLION_PAYLOAD_UNITS

    @property
    def usd_on_demand(self) -> float:
        """Dollars for the records on an on-demand stream, without its stream hours."""
        return self.on_demand_bytes / prices.GB * prices.USD_PER_ON_DEMAND_GB


@dataclass(slots=True)
class Estimate:
    """Sums over documents.

    Attributes:
        documents: Number of documents.
        pages: Number of their pages.
        json_bytes: Their bytes as JSON, not compressed.
        wire_bytes: Data and partition keys as they are sent.
        single: What is billed if each document is a record of its own.
        aggregated: What is billed if they are packed as closely as ``DEFAULT_AGGREGATE_BYTES`` allows; a few
            more aggregates are sent, because each shard has its own. Complete after ``end``.
    """

    documents: int = 0
    pages: int = 0
    json_bytes: int = 0
    wire_bytes: int = 0
    single: Billed = field(default_factory=Billed)
    aggregated: Billed = field(default_factory=Billed)
    _aggregate_bytes: int = 0
    _aggregate_records: int = 0

    def add(self, document: Document) -> None:
        """Count a document."""
        data, key_bytes = to_bytes(document), len(document.document_id.encode())
        size = len(data) + LANE_BYTES
        self.documents += 1
        self.pages += len(document.pages)
        self.json_bytes += len(to_bytes(document, gzip_above=None))
        self.wire_bytes += size
        self.single.add(size)
        self._aggregate(UserRecord(document.document_id, data), size, key_bytes)

    def end(self) -> None:
        """Count the last aggregate, which is not full."""
        if self._aggregate_records:
            self.aggregated.add(self._aggregate_bytes)
        self._aggregate_bytes = self._aggregate_records = 0

    def seconds(self, shards: int) -> float:
        """Return the least seconds that the limits of ``shards`` evenly used shards allow."""
        by_bytes = self.wire_bytes / SHARD_BYTES_PER_SECOND
        return max(by_bytes, self.documents / SHARD_RECORDS_PER_SECOND) / shards

    def _aggregate(self, record: UserRecord, size: int, key_bytes: int) -> None:
        if size > DEFAULT_AGGREGATE_BYTES:
            self.aggregated.add(size)
            return
        added = field_size(key_bytes) + record_size(record, self._aggregate_records, None)
        if self._aggregate_records and self._aggregate_bytes + added > DEFAULT_AGGREGATE_BYTES:
            self.end()
        if not self._aggregate_records:
            self._aggregate_bytes = _FRAME_BYTES + LANE_BYTES
        self._aggregate_bytes += added
        self._aggregate_records += 1
