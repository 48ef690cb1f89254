"""How documents become records of the stream: sizes and rates. Pure arithmetic, from what producers do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from producers.core.kinesis_limits import DEFAULT_RECORD_BYTES
from producers.core.prices import PAYLOAD_UNIT_BYTES
from producers.core.record_packing import DEFAULT_AGGREGATE_BYTES, DEFAULT_LANES
from smartcat.wire_format.document import DEFAULT_GZIP_ABOVE

if TYPE_CHECKING:
    from smartcat.cli.capacity_planning.load import Load

KEY_BYTES: Final = 40
"""A document's id, which is its partition key; an assumption."""

CLAIM_BYTES: Final = 440
"""A claim and its key: "a few hundred bytes", docs/claim-check.md."""

AGGREGATE_FRAME_BYTES: Final = 64
RECORD_FRAME_BYTES: Final = 10
"""What the KPL format puts around an aggregate, and around each record in it; rounded up."""

LINGER_SECONDS: Final = 0.2
"""How long a document waits for company: ``Options.linger_seconds`` of producers."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is on the stream, of one stack.

    Attributes:
        wire_bytes: Bytes of a document that travels itself, with its key.
        claimed: Share of documents that travel as claims, 0 to 1.
        most_documents: Documents of a full record; 1 where nothing is aggregated.
        record_bytes: Bytes of a full record.
        stream_bytes: Bytes on the stream for a document, claims included, on average.
    """

    wire_bytes: float
    claimed: float
    most_documents: int
    record_bytes: float
    stream_bytes: float

    def documents_a_record(self, documents_per_second: float, shards: int) -> float:
        """Give the mean number of documents of a record at this rate, if one producer sends them.

        An aggregate is opened by a document and sent when it is full, or a while later with what came since.
        Every shard has eight open, one a lane.
        """
        company = documents_per_second * LINGER_SECONDS / (shards * DEFAULT_LANES)
        return min(float(self.most_documents), 1.0 + company)

    def records(self, documents_per_second: float, shards: int) -> float:
        """Give the records a second for so many documents a second."""
        each = self.documents_a_record(documents_per_second, shards)
        return documents_per_second * (self.claimed + (1 - self.claimed) / each)

    def payload_units(self, documents_per_second: float, shards: int) -> float:
        """Give the PUT payload units of a document: 25 KiB each, rounded up for each record of mean size."""
        each = self.documents_a_record(documents_per_second, shards)
        frame = AGGREGATE_FRAME_BYTES + KEY_BYTES if each > 1 else 0
        size = min(frame + each * (self.wire_bytes + RECORD_FRAME_BYTES), self.record_bytes)
        return self.claimed + (1 - self.claimed) * math.ceil(size / PAYLOAD_UNIT_BYTES) / each


def traffic(load: Load) -> Traffic:
    """Give what producers make of a load."""
    plain = load.json_bytes
    sent = plain if plain <= DEFAULT_GZIP_ABOVE else max(plain / load.compression, DEFAULT_GZIP_ABOVE / 2)
    wire = sent + KEY_BYTES
    claimed = 1.0 if wire > DEFAULT_RECORD_BYTES else load.claims_percent / 100
    room = DEFAULT_AGGREGATE_BYTES - AGGREGATE_FRAME_BYTES - KEY_BYTES
    fit = int(room // (wire + RECORD_FRAME_BYTES)) if load.aggregate and claimed < 1 else 0
    if fit < 2:
        # What does not fit beside another is a record of its own.
        most, record = 1, min(wire, float(DEFAULT_RECORD_BYTES)) if claimed < 1 else float(CLAIM_BYTES)
    else:
        most, record = fit, AGGREGATE_FRAME_BYTES + KEY_BYTES + fit * (wire + RECORD_FRAME_BYTES)
    stream = claimed * CLAIM_BYTES + (1 - claimed) * record / most
    return Traffic(wire, claimed, most, record, stream)
