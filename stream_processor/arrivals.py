"""What came in with a batch, as data: places, documents, rejections. Nothing is read or decided here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from smartcat.wire_format.document import Document


@dataclass(frozen=True, slots=True)
class Source:
    """A place on a stream; (stream, shard, sequence number, sub-sequence number) identifies it.

    Attributes:
        stream: Name of the stream.
        shard_id: Such as ``shardId-000000000003``.
        sequence_number: Decimal digits, increasing along the shard.
        sub_sequence_number: Place inside an aggregate, from 0; None for a record that is not part of one.
        partition_key: The one the producer gave; inside an aggregate, the user record's own.
        arrived_at: Kinesis's approximate arrival, UTC, to the millisecond.
    """

    stream: str
    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None
    partition_key: str
    arrived_at: datetime

    @property
    def version(self) -> tuple[int, int]:
        """Orders the records of one partition key: Kinesis numbers them upwards, across shards too."""
        sub = self.sub_sequence_number
        return int(self.sequence_number), -1 if sub is None else sub


@dataclass(frozen=True, slots=True)
class Arrival:
    """One readable document, with the exact bytes it came in.

    Attributes:
        source: The record that brought it.
        payload: Its bytes.
        document: What they say.
        origin: Where it first was, if somebody put it on the stream again; never later than ``source``.
    """

    source: Source
    payload: bytes = field(repr=False)
    document: Document = field(repr=False)
    origin: Source | None = None

    @property
    def first(self) -> Source:
        """The place that counts for which version of a document it is."""
        return self.origin or self.source

    @property
    def text_size(self) -> int:
        """Characters of text on all pages."""
        return sum(map(len, self.document.pages))


@dataclass(frozen=True, slots=True)
class Rejection:
    """One piece of poison, whole.

    Attributes:
        source: The record that brought it.
        reason: A stable code.
        detail: One line, without page text.
        data: The exact bytes; None if the record was not even base64.
        data_text: The original string, only if it was not base64.
        origin: Where it first was, if somebody put it on the stream again.
    """

    source: Source
    reason: str
    detail: str
    data: bytes | None = field(default=None, repr=False)
    data_text: str | None = field(default=None, repr=False)
    origin: Source | None = None

    @classmethod
    def of(cls, arrival: Arrival, reason: str, detail: str) -> Rejection:
        """Reject a document that was readable but cannot become a result."""
        return cls(arrival.source, reason, detail, data=arrival.payload, origin=arrival.origin)


@dataclass(frozen=True, slots=True)
class Received:
    """One Kinesis record: everything that was in it, each part either a document or a rejection."""

    source: Source
    documents: tuple[Arrival, ...] = ()
    rejections: tuple[Rejection, ...] = ()

    def without(self, parts: Collection[int]) -> Received:
        """Leave out the parts of an aggregate with these sub-sequence numbers."""
        return Received(
            self.source,
            tuple(part for part in self.documents if part.source.sub_sequence_number not in parts),
            tuple(part for part in self.rejections if part.source.sub_sequence_number not in parts),
        )

    @property
    def text_size(self) -> int:
        """Characters of text in all documents."""
        return sum(arrival.text_size for arrival in self.documents)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one invocation takes on.

    Attributes:
        records: The records read, in the order of the shard.
        left_over: Sequence number of the first record that was not read, or None.
        left_over_count: How many records were not read.
        first: Where the batch begins, read or not; None if there is no record.
    """

    records: tuple[Received, ...]
    left_over: str | None = None
    left_over_count: int = 0
    first: Source | None = None
