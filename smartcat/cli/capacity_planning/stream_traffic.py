"""Sizes and rates of the records that producers make of documents. Pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from producers.core.kinesis_limits import DEFAULT_RECORD_BYTES
from producers.core.prices import PAYLOAD_UNIT_BYTES
from producers.core.record_packing import DEFAULT_AGGREGATE_BYTES, LANES
from smartcat.wire_format.document import DEFAULT_GZIP_ABOVE

if TYPE_CHECKING:
    from smartcat.cli.capacity_planning.workload import Workload

KEY_BYTES: Final = 40
"""Assumed size of a document's id, which is its partition key."""

CLAIM_BYTES: Final = 440
"""Size of a claim and its key: docs/claim-check.md."""

AGGREGATE_FRAME_BYTES: Final = 64
RECORD_FRAME_BYTES: Final = 10
"""Overhead of the KPL format for an aggregate and for each record in it, rounded up."""

LINGER_SECONDS: Final = 0.2
"""How long an aggregate stays open for more documents: ``Options.linger_seconds`` of producers."""


@dataclass(frozen=True, slots=True)
class StreamTraffic:
    """The records of one deployment's stream.

    Attributes:
        wire_bytes: Bytes of a document on the stream, with its key.
        claimed: Share of documents sent as claims, 0 to 1.
        most_documents: Documents in a full record; 1 without aggregation.
        record_bytes: Bytes of a full record.
        stream_bytes: Mean bytes on the stream for a document, claims included.
    """

    wire_bytes: float
    claimed: float
    most_documents: int
    record_bytes: float
    stream_bytes: float

    def documents_a_record(self, documents_per_second: float, shards: int) -> float:
        """Return the mean number of documents in a record at this rate, if one producer sends them.

        A document opens an aggregate, which is sent when it is full or has lingered. Each shard has eight
        open at once.
        """
        others = documents_per_second * LINGER_SECONDS / (shards * LANES)
        return min(float(self.most_documents), 1.0 + others)

    def records(self, documents_per_second: float, shards: int) -> float:
        """Return the records a second for so many documents a second."""
        each = self.documents_a_record(documents_per_second, shards)
        return documents_per_second * (self.claimed + (1 - self.claimed) / each)

    def payload_units(self, documents_per_second: float, shards: int) -> float:
        """Return the PUT payload units of a document: 25 KiB each, rounded up per record of mean size."""
        each = self.documents_a_record(documents_per_second, shards)
        frame = AGGREGATE_FRAME_BYTES + KEY_BYTES if each > 1 else 0
        size = min(frame + each * (self.wire_bytes + RECORD_FRAME_BYTES), self.record_bytes)
        return self.claimed + (1 - self.claimed) * math.ceil(size / PAYLOAD_UNIT_BYTES) / each


def stream_traffic(workload: Workload) -> StreamTraffic:
    """Return the records that producers make of a workload."""
    plain = workload.json_bytes
    sent = plain if plain <= DEFAULT_GZIP_ABOVE else max(plain / workload.compression, DEFAULT_GZIP_ABOVE / 2)
    wire = sent + KEY_BYTES
    claimed = 1.0 if wire > DEFAULT_RECORD_BYTES else workload.claims_percent / 100
    available = DEFAULT_AGGREGATE_BYTES - AGGREGATE_FRAME_BYTES - KEY_BYTES
    fit = int(available // (wire + RECORD_FRAME_BYTES)) if workload.aggregate and claimed < 1 else 0
    if fit < 2:
        # A document that does not fit beside another is a record of its own.
        most, record = 1, min(wire, float(DEFAULT_RECORD_BYTES)) if claimed < 1 else float(CLAIM_BYTES)
    else:
        most, record = fit, AGGREGATE_FRAME_BYTES + KEY_BYTES + fit * (wire + RECORD_FRAME_BYTES)
    stream = claimed * CLAIM_BYTES + (1 - claimed) * record / most
    return StreamTraffic(wire, claimed, most, record, stream)
