"""How much one record, and one batch, may make the function hold and do, whatever is in it. Pure.

A hundred bytes of Zstandard unfold into 100,000 records, and 16 KB of gzip into 16 MiB. What honest producers
make stays below each bound; what is beyond it is one rejected record, kept as it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smartcat.wire_format.document import from_json, unpacked_json
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import MAX_RECORDS
from stream_processor.core.records import DecodedRecord
from stream_processor.storage_format.quarantine_object import RejectedRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.wire_format.document import Document
    from stream_processor.core.records import DecodedDocument
    from stream_processor.storage_format.record_position import RecordPosition

RECORD_TEXT_FACTOR: Final = 2
"""The documents of one Kinesis record may have this many times the JSON allowed for one document.

A 1 MiB aggregate of gzip bombs would otherwise unfold into a gigabyte, or be classified for longer than an
invocation lasts: a record cannot be halved. With the defaults that is 32 MiB, some 15 s; a 1 MiB aggregate of
honest text unfolds into a third of it. An aggregate of claims shares the same allowance, so large documents
belong on the stream as claims of their own.
"""

LEAST_ALLOWANCE: Final = 32 * 1024 * 1024
"""Bytes that a record may unfold into where the factor above gives less: a low bound on one document must not
let another be rejected for its neighbours."""

MAX_CLAIMS: Final = 100
"""Claims in one record. Our producer puts one; the allowance above holds 32 objects of 1 MiB, the least that
the stream itself does not take."""

MAX_REJECTED: Final = 100
"""Parts of a record that are quarantined one by one: an object each, in a quarter of a second together."""

MAX_REJECTED_BYTES: Final = 1024 * 1024
"""Bytes of those parts, unless the record has more: as many as one has on a stream with default limits."""

MAX_BATCH_PARTS: Final = MAX_RECORDS
"""Documents and rejected parts after which no further record is read; each takes a few KB of memory."""

_GZIP_RATIO: Final = 1032
"""The most that deflate makes of a byte (zlib's technical details)."""


def record_allowance(max_document_bytes: int) -> int:
    """Return the bytes of JSON that all documents of one record may have together, rejected ones included."""
    return max(RECORD_TEXT_FACTOR * max_document_bytes, LEAST_ALLOWANCE)


class JsonAllowance:
    """Reads the documents of one record, within the JSON that it may unfold into.

    Args:
        max_document_bytes: The most bytes of JSON that one document may have.
    """

    def __init__(self, max_document_bytes: int) -> None:
        self._max_document_bytes = max_document_bytes
        self._left = record_allowance(max_document_bytes)

    def read(self, payload: bytes) -> Document:
        """Return the document in some bytes.

        Raises:
            WireFormatError: As ``smartcat.wire_format.document.from_bytes``; ``TOO_LARGE`` also beyond what
                is left for the record.
        """
        # At least 1, so that what exceeds the allowance is still read up to its first byte, and rejected.
        most = max(1, min(self._max_document_bytes, self._left))
        try:
            json = unpacked_json(payload, max_bytes=most)
        except WireFormatError:
            self._left -= min(most, _GZIP_RATIO * len(payload))
            raise
        self._left -= len(json)
        return from_json(json)


def bounded_record(
    position: RecordPosition,
    data: bytes | None,
    documents: Sequence[DecodedDocument],
    rejected: Sequence[RejectedRecord],
) -> DecodedRecord:
    """Return a record whose rejected parts are bounded: too many of them are one, the record as it came.

    Its documents are kept: they are right, and to write one again with a replay changes nothing.

    Args:
        position: The record.
        data: Its bytes; None if it was not base64.
        documents: What could be read of it.
        rejected: What could not.
    """
    count, size = len(rejected), sum(each.size for each in rejected)
    if data is None or (count <= MAX_REJECTED and size <= max(MAX_REJECTED_BYTES, len(data))):
        return DecodedRecord(position, tuple(documents), tuple(rejected))
    detail = (
        f"{count} of {count + len(documents)} parts are rejected, with {size} bytes: at most {MAX_REJECTED}"
        f" parts and {MAX_REJECTED_BYTES} bytes are kept one by one. The first: {rejected[0].reason}"
    )
    whole = RejectedRecord(position, str(Reason.TOO_MANY_PARTS), detail, data=data)
    return DecodedRecord(position, tuple(documents), (whole,))
