"""From the JSON that Lambda delivers to documents and rejected records. Pure: knows no clock and no labels.

One Kinesis record is one document or the claim of one, or a KPL aggregate of many that share one sequence
number. Whatever cannot be read becomes a rejected record that holds the exact bytes; reading one record never
affects its neighbours.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from smartcat.wire_format.document import from_bytes
from stream_processor.core.claim_fetching import ClaimedDocument, check_claim, decode_claimed
from stream_processor.core.records import Batch, DecodedDocument, DecodedRecord
from stream_processor.errors import RejectRecord, TryLater
from stream_processor.storage_format.kinesis_records import event_records, read_or_reject, split_record
from stream_processor.storage_format.quarantine_object import RejectedRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smartcat.wire_format.document import Document
    from stream_processor.core.claim_fetching import ClaimFetcher
    from stream_processor.core.ports import FetchResult
    from stream_processor.storage_format.kinesis_records import EncodedDocument
    from stream_processor.storage_format.record_position import RecordPosition

RECORD_TEXT_FACTOR: Final = 2
"""One Kinesis record may unfold into this many times the text allowed for a document.

A 1 MiB aggregate of gzip bombs would otherwise unfold into a gigabyte and take the whole environment with
it, or be classified for longer than an invocation lasts: a record cannot be halved. With the defaults that is
32 MiB, some 15 s; a 1 MiB aggregate of honest text unfolds into a third of it. An aggregate of claims shares
the same allowance, so large documents belong on the stream as claims of their own.
"""

FETCH_TOGETHER: Final = 8
"""Claims fetched at the same time; more if one record holds more."""

FETCH_AHEAD: Final = 4
"""No further claim joins those fetched together once their bytes times this are the text still allowed.

Gzip'd text unfolds into some four times its size; what is fetched and then not read is fetched again.
"""


@dataclass(frozen=True, slots=True)
class _SplitRecord:
    """A record split into its user records, its claims checked.

    Attributes:
        position: The record.
        parts: What was in it, in order.
        fetched: What became of its claims, by their positions.
    """

    position: RecordPosition
    parts: Sequence[EncodedDocument | ClaimedDocument | RejectedRecord]
    fetched: Mapping[RecordPosition, FetchResult] = field(default_factory=dict)

    @property
    def claimed(self) -> list[ClaimedDocument]:
        return [part for part in self.parts if isinstance(part, ClaimedDocument)]

    @property
    def must_wait(self) -> bool:
        return any(isinstance(result, TryLater) for result in self.fetched.values())


def read_event(
    event: Mapping[str, Any],
    *,
    max_document_bytes: int,
    max_batch_text: int,
    claims: ClaimFetcher | None = None,
) -> Batch:
    """Return the batch in a Lambda event.

    Args:
        event: The event as Lambda passes it.
        max_document_bytes: The most bytes one document may have after decompression.
        max_batch_text: Characters of text after which no further record is read in this invocation; at least
            one record is always read. Keeps a batch of well compressed documents from exhausting the memory.
        claims: Fetches what claims stand for; None to reject claims.

    Returns:
        The batch, with what cannot be read as rejected records. It ends before a record whose claims cannot
        be fetched now.

    Raises:
        RefuseInvocation: The event is not from a Kinesis event source mapping.
    """
    entries = event_records(event)
    coming = iter(entries)
    split: deque[_SplitRecord] = deque()
    records: list[DecodedRecord] = []
    text = 0
    while text < max_batch_text and len(records) < len(entries):
        if not split:
            split += _split_some(coming, max_document_bytes, max_batch_text - text, claims, first=not records)
        record = split.popleft()
        if record.must_wait:
            break
        records.append(_decode_record(record, max_document_bytes))
        text += records[-1].text_size
    unread = entries[len(records) :]
    first = entries[0][0] if entries else None
    return Batch(tuple(records), unread[0][0].sequence_number if unread else None, len(unread), first)


def _split_some(
    coming: Iterator[tuple[RecordPosition, str]],
    max_document_bytes: int,
    room: int,
    claims: ClaimFetcher | None,
    *,
    first: bool,
) -> Sequence[_SplitRecord]:
    """Split the next record; if it holds claims, further ones too, so that theirs are fetched together."""
    split: list[_SplitRecord] = []
    together, stored = 0, 0
    for position, data in coming:
        split.append(_SplitRecord(position, _split(data, position, max_document_bytes, claims)))
        together += len(split[-1].claimed)
        stored += sum(each.claim.size for each in split[-1].claimed)
        if not together or together >= FETCH_TOGETHER or FETCH_AHEAD * stored >= room:
            break
    if not together or claims is None:
        return split
    return _fetch(split, claims, needed=len(split[0].claimed) if first else 0)


def _fetch(records: Sequence[_SplitRecord], claims: ClaimFetcher, *, needed: int) -> Sequence[_SplitRecord]:
    """Return the records with what became of their claims."""
    claimed = [each for record in records for each in record.claimed]
    results = claims.fetch([each.claim for each in claimed], needed=needed)
    by_position = {each.encoded.position: result for each, result in zip(claimed, results, strict=True)}
    return [
        replace(
            record,
            fetched={each.encoded.position: by_position[each.encoded.position] for each in record.claimed},
        )
        for record in records
    ]


def _split(
    text: str, position: RecordPosition, max_document_bytes: int, claims: ClaimFetcher | None
) -> list[EncodedDocument | ClaimedDocument | RejectedRecord]:
    parts: list[EncodedDocument | ClaimedDocument | RejectedRecord] = []
    allowance = RECORD_TEXT_FACTOR * max_document_bytes
    for part in split_record(text, position):
        if isinstance(part, RejectedRecord):
            parts.append(part)
            continue
        checked = check_claim(part, claims, min(max_document_bytes, allowance))
        if isinstance(checked, ClaimedDocument):
            allowance -= checked.claim.size
        parts.append(checked)
    return parts


def _decode_record(record: _SplitRecord, max_document_bytes: int) -> DecodedRecord:
    documents: list[DecodedDocument] = []
    rejected: list[RejectedRecord] = []
    allowance = RECORD_TEXT_FACTOR * max_document_bytes
    for part in record.parts:
        decoded = _decode(part, record.fetched, min(max_document_bytes, allowance))
        if isinstance(decoded, RejectedRecord):
            rejected.append(decoded)
            continue
        # At least 1, so that what exceeds the allowance is still read up to its first byte, and rejected.
        allowance = max(1, allowance - decoded.text_size)
        documents.append(decoded)
    return DecodedRecord(record.position, tuple(documents), tuple(rejected))


def _decode(
    part: EncodedDocument | ClaimedDocument | RejectedRecord,
    fetched: Mapping[RecordPosition, FetchResult],
    max_bytes: int,
) -> DecodedDocument | RejectedRecord:
    if isinstance(part, RejectedRecord):
        return part
    if isinstance(part, ClaimedDocument):
        result = fetched[part.encoded.position]
        if isinstance(result, TryLater):  # never: such a record is not decoded
            raise result
        return decode_claimed(part, result, max_bytes)
    return _decode_document(part, max_bytes)


def _decode_document(encoded: EncodedDocument, max_bytes: int) -> DecodedDocument | RejectedRecord:
    def read(data: bytes) -> Document:
        return from_bytes(data, max_bytes=max_bytes)

    try:
        document = read_or_reject(read, encoded.data)
    except RejectRecord as error:
        return encoded.rejected(error)
    return DecodedDocument(encoded.position, encoded.data, document, encoded.origin)
