"""What a delivery would be: records, bytes, time and dollars. Pure: sends nothing, knows no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from producers import prices
from wire_format.document import to_bytes

if TYPE_CHECKING:
    from wire_format.document import Document

SHARD_BYTES: Final = 1024 * 1024
"""Bytes a second a shard takes."""

SHARD_RECORDS: Final = 1000
"""Records a second a shard takes."""


@dataclass(slots=True)
class Estimate:
    """Sums over documents, each of which is a record of its own.

    Attributes:
        documents: How many.
        pages: How many they have.
        json_bytes: Their bytes as JSON, not compressed.
        wire_bytes: Data and partition keys as they are sent.
        payload_units: Units of 25 KiB that a provisioned stream counts.
        on_demand_bytes: Bytes that an on-demand stream counts: whole KiB of each record.
    """

    documents: int = 0
    pages: int = 0
    json_bytes: int = 0
    wire_bytes: int = 0
    payload_units: int = 0
    on_demand_bytes: int = 0

    def add(self, document: Document) -> None:
        """Count a document."""
        size = len(to_bytes(document)) + len(document.document_id.encode())
        self.documents += 1
        self.pages += len(document.pages)
        self.json_bytes += len(to_bytes(document, gzip_above=None))
        self.wire_bytes += size
        self.payload_units += -(-size // prices.PAYLOAD_UNIT_BYTES)
        self.on_demand_bytes += -(-size // prices.ON_DEMAND_RECORD_BYTES) * prices.ON_DEMAND_RECORD_BYTES

    def seconds(self, shards: int) -> float:
        """Give the time that the limits of so many shards ask for, if all are used alike."""
        return max(self.wire_bytes / SHARD_BYTES, self.documents / SHARD_RECORDS) / shards

    @property
    def usd_provisioned(self) -> float:
        """Dollars for the records on a provisioned stream; its shards cost the same without them."""
        return self.payload_units / 1e6 * prices.USD_PER_MILLION_PAYLOAD_UNITS

    @property
    def usd_on_demand(self) -> float:
        """Dollars for the records on an on-demand stream, without its price an hour."""
        return self.on_demand_bytes / prices.GB * prices.USD_PER_ON_DEMAND_GB
