"""From the JSON that Lambda delivers to documents and rejections. Pure: knows no AWS, no clock, no labels.

One Kinesis record is one document, or a KPL aggregate of many that share one sequence number. Whatever cannot
be read becomes a rejection that holds the exact bytes; reading one record never affects its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stream_processor.arrivals import Arrival, Batch, Received, Rejection, Source
from stream_processor.errors import RejectRecord
from stream_processor.record_parts import UNREADABLE, read_or_reject, records_of, take_apart
from wire_format.document import from_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream_processor.record_parts import Part
    from wire_format.document import Document

__all__ = ["UNREADABLE", "Arrival", "Batch", "Received", "Rejection", "Source", "read_event"]

RECORD_TEXT_FACTOR: Final = 2
"""One Kinesis record may unfold into this many times the text allowed for a document.

A 1 MiB aggregate of gzip bombs would otherwise unfold into a gigabyte and take the whole environment with
it, or be classified for longer than an invocation lasts: a record cannot be halved. With the defaults that is
32 MiB, some 15 s; a 1 MiB aggregate of honest text unfolds into a third of it.
"""


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
    entries = records_of(event)
    records: list[Received] = []
    text = 0
    for source, data in entries:
        if text >= max_batch_text:
            break
        records.append(_receive(data, source, max_document_bytes))
        text += records[-1].text_size
    unread = entries[len(records) :]
    return Batch(tuple(records), unread[0][0].sequence_number if unread else None, len(unread))


def _receive(text: str, source: Source, max_document_bytes: int) -> Received:
    parts: list[Arrival | Rejection] = []
    allowance = RECORD_TEXT_FACTOR * max_document_bytes
    for part in take_apart(text, source):
        limit = min(max_document_bytes, allowance)
        read = part if isinstance(part, Rejection) else _decode(part, limit)
        if isinstance(read, Arrival):
            # At least 1, so that what exceeds the allowance is still read up to its first byte and judged.
            allowance = max(1, allowance - read.text_size)
        parts.append(read)
    return _sort(parts, source)


def _decode(part: Part, max_bytes: int) -> Arrival | Rejection:
    def read(data: bytes) -> Document:
        return from_bytes(data, max_bytes=max_bytes)

    try:
        document = read_or_reject(read, part.data)
    except RejectRecord as error:
        return Rejection(part.source, error.reason, error.detail, data=part.data, origin=part.origin)
    return Arrival(part.source, part.data, document, part.origin)


def _sort(parts: Sequence[Arrival | Rejection], source: Source) -> Received:
    return Received(
        source,
        documents=tuple(part for part in parts if isinstance(part, Arrival)),
        rejections=tuple(part for part in parts if isinstance(part, Rejection)),
    )
