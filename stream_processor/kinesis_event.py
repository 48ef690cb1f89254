"""From the JSON that Lambda delivers to documents and rejections. Pure: knows no AWS, no clock, no labels.

One Kinesis record is one document, or a KPL aggregate of many that share one sequence number. Whatever cannot
be read becomes a rejection that holds the exact bytes; reading one record never affects its neighbours.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from stream_processor.errors import RefuseInvocation, RejectRecord
from wire_format.aggregation import is_aggregate, unpack
from wire_format.document import from_bytes
from wire_format.errors import Reason, WireFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from wire_format.document import Document

T = TypeVar("T")

UNREADABLE: Final = "unreadable"
"""Reason of a payload whose decoding failed in a way the wire format does not foresee."""

RECORD_TEXT_FACTOR: Final = 2
"""One Kinesis record may unfold into this many times the text allowed for a document.

A 1 MiB aggregate of gzip bombs would otherwise unfold into a gigabyte and take the whole environment with
it, or be classified for longer than an invocation lasts: a record cannot be halved. With the defaults that is
32 MiB, some 15 s; a 1 MiB aggregate of honest text unfolds into a third of it.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from; (stream, shard, sequence number, sub-sequence number) identifies it.

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


@dataclass(frozen=True, slots=True)
class Arrival:
    """One readable document, with the exact bytes it came in."""

    source: Source
    payload: bytes = field(repr=False)
    document: Document = field(repr=False)

    @property
    def text_size(self) -> int:
        """Characters of text on all pages."""
        return sum(map(len, self.document.pages))


@dataclass(frozen=True, slots=True)
class Rejection:
    """One piece of poison, whole.

    Attributes:
        source: Where it came from.
        reason: A stable code.
        detail: One line, without page text.
        data: The exact bytes; None if the record was not even base64.
        data_text: The original string, only if it was not base64.
    """

    source: Source
    reason: str
    detail: str
    data: bytes | None = field(default=None, repr=False)
    data_text: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, arrival: Arrival, reason: str, detail: str) -> Rejection:
        """Reject a document that was readable but cannot become a result."""
        return cls(arrival.source, reason, detail, data=arrival.payload)


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
    """

    records: tuple[Received, ...]
    left_over: str | None = None
    left_over_count: int = 0


def read_event(event: Mapping[str, Any], *, max_document_bytes: int, max_batch_text: int) -> Batch:
    """Read the records of a Lambda event.

    Args:
        event: The event as Lambda passes it.
        max_document_bytes: The most bytes one document may have after decompression.
        max_batch_text: Characters of text after which no further record is read in this invocation; at least
            one record is always read. Keeps a batch of well compressed documents from exhausting the memory.

    Returns:
        The batch; poison is in it as rejections.

    Raises:
        RefuseInvocation: The event is not from a Kinesis event source mapping.
    """
    entries = _entries(event)
    # Every entry must be ours before any is worked on: a wrong mapping fails at once and whole.
    sources = [_source(entry, place) for place, entry in enumerate(entries)]
    records: list[Received] = []
    text = 0
    for entry, source in zip(entries, sources, strict=True):
        if text >= max_batch_text:
            break
        records.append(_receive(entry["kinesis"]["data"], source, max_document_bytes))
        text += records[-1].text_size
    unread = sources[len(records) :]
    return Batch(tuple(records), unread[0].sequence_number if unread else None, len(unread))


def _entries(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    entries = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(entries, list):
        raise RefuseInvocation(
            "the event has no list 'Records': expected an event of a Kinesis event source mapping"
        )
    return entries


def _source(entry: Any, place: int) -> Source:
    try:
        kinesis = entry["kinesis"]
        is_text = isinstance(kinesis["data"], str)
        arrived_ms = round(float(kinesis["approximateArrivalTimestamp"]) * 1000)
        source = Source(
            stream=str(entry["eventSourceARN"]).rpartition("/")[2],
            shard_id=str(entry["eventID"]).partition(":")[0],
            sequence_number=str(kinesis["sequenceNumber"]),
            sub_sequence_number=None,
            # On-demand streams may distribute records without partition keys.
            partition_key=str(kinesis.get("partitionKey") or ""),
            arrived_at=datetime.fromtimestamp(arrived_ms / 1000, UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _refusal(place, type(error).__name__) from None
    if not is_text:
        raise _refusal(place, "data is not a string")
    return source


def _refusal(place: int, why: str) -> RefuseInvocation:
    return RefuseInvocation(
        f"record {place} of the event is not a Kinesis record ({why}): expected eventID, eventSourceARN, "
        "kinesis.data, kinesis.sequenceNumber and kinesis.approximateArrivalTimestamp"
    )


def _receive(text: str, source: Source, max_document_bytes: int) -> Received:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: characters outside ASCII
        rejection = Rejection(source, str(Reason.BAD_BASE64), "the data is not strict base64", data_text=text)
        return Received(source, rejections=(rejection,))
    if is_aggregate(data):
        return _receive_aggregate(data, source, max_document_bytes)
    return _sort([_decode(data, source, max_document_bytes)], source)


def _receive_aggregate(data: bytes, source: Source, max_document_bytes: int) -> Received:
    try:
        users = _guarded(unpack, data)
    except RejectRecord as error:
        return Received(source, rejections=(Rejection(source, error.reason, error.detail, data=data),))
    parts: list[Arrival | Rejection] = []
    allowance = RECORD_TEXT_FACTOR * max_document_bytes
    for place, user in enumerate(users):
        inner = replace(source, sub_sequence_number=place, partition_key=user.partition_key)
        part = _decode(user.data, inner, min(max_document_bytes, allowance))
        if isinstance(part, Arrival):
            # At least 1, so that what exceeds the allowance is still read up to its first byte and judged.
            allowance = max(1, allowance - part.text_size)
        parts.append(part)
    return _sort(parts, source)


def _decode(payload: bytes, source: Source, max_bytes: int) -> Arrival | Rejection:
    try:
        document = _guarded(lambda data: from_bytes(data, max_bytes=max_bytes), payload)
    except RejectRecord as error:
        return Rejection(source, error.reason, error.detail, data=payload)
    return Arrival(source, payload, document)


def _guarded(read: Callable[[bytes], T], data: bytes) -> T:
    """Run a reader of the wire format; whatever it raises is the record's fault, never its neighbours'."""
    try:
        return read(data)
    except WireFormatError as error:
        raise RejectRecord(str(error.reason), error.detail) from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect in decoding must not block the shard
        # The type alone: the message of an unforeseen error may quote the payload.
        raise RejectRecord(UNREADABLE, f"decoding failed with {type(error).__name__}") from None


def _sort(parts: Sequence[Arrival | Rejection], source: Source) -> Received:
    return Received(
        source,
        documents=tuple(part for part in parts if isinstance(part, Arrival)),
        rejections=tuple(part for part in parts if isinstance(part, Rejection)),
    )
