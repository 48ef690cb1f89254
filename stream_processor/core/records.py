"""What came in with a batch, as data: documents and rejected records. Nothing is read or decided here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream_processor.storage_format.quarantine_object import RejectedRecord

if TYPE_CHECKING:
    from smartcat.wire_format.document import Document
    from stream_processor.storage_format.record_position import RecordPosition


@dataclass(frozen=True, slots=True)
class DecodedDocument:
    """One readable document, with the exact bytes it came in.

    Attributes:
        position: The record that brought it.
        payload: Its bytes, or those of its claim.
        document: What they hold.
        origin: Its original position, if it was put on the stream again; never later than ``position``.
    """

    position: RecordPosition
    payload: bytes = field(repr=False)
    document: Document = field(repr=False)
    origin: RecordPosition | None = None

    @property
    def original_position(self) -> RecordPosition:
        """The position that decides which version of a document it is."""
        return self.origin or self.position

    @property
    def text_size(self) -> int:
        """Characters of text on all pages."""
        return sum(map(len, self.document.pages))

    @property
    def size(self) -> int:
        """What it takes in memory: characters of text, or bytes as it came where those are more."""
        return max(self.text_size, len(self.payload))

    def rejected(self, reason: str, detail: str) -> RejectedRecord:
        """Return the rejected record for a document that was readable but cannot become a result."""
        return RejectedRecord(self.position, reason, detail, data=self.payload, origin=self.origin)


@dataclass(frozen=True, slots=True)
class DecodedRecord:
    """One Kinesis record: everything that was in it, each part either a document or rejected."""

    position: RecordPosition
    documents: tuple[DecodedDocument, ...] = ()
    rejected: tuple[RejectedRecord, ...] = ()

    @property
    def size(self) -> int:
        """What it takes in memory: characters of text, or bytes as they came, rejected ones included."""
        return sum(part.size for part in self.documents) + sum(part.size for part in self.rejected)

    @property
    def parts(self) -> int:
        """Number of documents and rejected parts."""
        return len(self.documents) + len(self.rejected)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one invocation takes on.

    Attributes:
        records: The records read, in the order of the shard.
        left_over: Sequence number of the first record that was not read, or None.
        left_over_count: How many records were not read.
        first: Where the batch begins, read or not; None if there is no record.
    """

    records: tuple[DecodedRecord, ...]
    left_over: str | None = None
    left_over_count: int = 0
    first: RecordPosition | None = None
