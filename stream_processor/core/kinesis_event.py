"""From the JSON that Lambda delivers to documents and rejected records. Pure: knows no clock and no labels.

One Kinesis record is one document or the claim of one, or a KPL aggregate of many that share one sequence
number. Whatever cannot be read becomes a rejected record that holds the exact bytes; reading one record never
affects its neighbours.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from smartcat.wire_format.claim_check import is_claim
from smartcat.wire_format.errors import Reason, WireFormatError
from stream_processor.core.claim_fetching import ClaimedDocument, check_claim, decode_claimed
from stream_processor.core.record_bounds import (
    MAX_BATCH_PARTS,
    MAX_CLAIMS,
    JsonAllowance,
    bounded_record,
    record_allowance,
)
from stream_processor.core.records import Batch, DecodedDocument
from stream_processor.errors import RejectRecord, TryLater
from stream_processor.storage_format.kinesis_records import (
    EncodedDocument,
    event_records,
    read_or_reject,
    record_bytes,
    split_data,
)
from stream_processor.storage_format.quarantine_object import RejectedRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from smartcat.wire_format.document import Document
    from stream_processor.core.claim_fetching import ClaimFetcher
    from stream_processor.core.ports import FetchResult
    from stream_processor.core.records import DecodedRecord
    from stream_processor.storage_format.record_position import RecordPosition

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
        data: Its bytes; None if it was not base64.
        parts: What was in it, in order.
        fetched: What became of its claims, by their positions.
    """

    position: RecordPosition
    data: bytes | None
    parts: Sequence[EncodedDocument | ClaimedDocument | RejectedRecord]
    fetched: Mapping[RecordPosition, FetchResult] = field(default_factory=dict)

    @property
    def claimed(self) -> list[ClaimedDocument]:
        return [part for part in self.parts if isinstance(part, ClaimedDocument)]

    @property
    def size(self) -> int:
        """Bytes of its parts."""
        return sum(
            part.encoded.size if isinstance(part, ClaimedDocument) else part.size for part in self.parts
        )

    @property
    def must_wait(self) -> bool:
        return any(isinstance(result, TryLater) for result in self.fetched.values())


def _always() -> bool:
    return True


def read_event(
    event: Mapping[str, Any],
    *,
    max_document_bytes: int,
    max_batch_text: int,
    claims: ClaimFetcher | None = None,
    has_time: Callable[[], bool] = _always,
) -> Batch:
    """Return the batch in a Lambda event.

    Args:
        event: The event as Lambda passes it.
        max_document_bytes: The most bytes one document may have after decompression.
        max_batch_text: Characters of text after which no further record is read in this invocation; at least
            one record is always read. Keeps a batch of well compressed documents from exhausting the memory.
        claims: Fetches what claims stand for; None to reject claims.
        has_time: Asked before each further record whether there is time to read it.

    Returns:
        The batch, with what cannot be read as rejected records. It ends before a record whose claims cannot
        be fetched now, and where memory or time for further ones is short.

    Raises:
        RefuseInvocation: The event is not from a Kinesis event source mapping.
    """
    entries = event_records(event)
    coming = iter(entries)
    split: deque[_SplitRecord] = deque()
    records: list[DecodedRecord] = []
    held, parts = 0, 0
    while held < max_batch_text and parts < MAX_BATCH_PARTS and len(records) < len(entries):
        if records and not has_time():
            break
        if not split:
            split += _split_some(coming, max_document_bytes, max_batch_text - held, claims, first=not records)
        record = split.popleft()
        if record.must_wait:
            break
        records.append(_decode_record(record, max_document_bytes))
        held += records[-1].size
        parts += records[-1].parts
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
    together, stored, held = 0, 0, 0
    for position, text in coming:
        split.append(_split(text, position, max_document_bytes, claims))
        together += len(split[-1].claimed)
        stored += sum(each.claim.size for each in split[-1].claimed)
        held += split[-1].size
        if not together or together >= FETCH_TOGETHER or FETCH_AHEAD * stored >= room or held >= room:
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
) -> _SplitRecord:
    data = record_bytes(text, position)
    if isinstance(data, RejectedRecord):
        return _SplitRecord(position, None, [data])
    try:
        parts = read_or_reject(lambda data: _check_parts(data, position, max_document_bytes, claims), data)
    except RejectRecord as error:
        parts = [RejectedRecord(position, error.reason, error.detail, data=data)]
    return _SplitRecord(position, data, parts)


def _check_parts(
    data: bytes, position: RecordPosition, max_document_bytes: int, claims: ClaimFetcher | None
) -> list[EncodedDocument | ClaimedDocument | RejectedRecord]:
    """Split a record, and check its claims.

    Raises:
        WireFormatError: ``TOO_MANY_PARTS``.
    """
    parts: list[EncodedDocument | ClaimedDocument | RejectedRecord] = []
    count, allowance = 0, record_allowance(max_document_bytes)
    for part in split_data(data, position):
        if isinstance(part, RejectedRecord) or not is_claim(part.data):
            parts.append(part)
            continue
        count += 1
        if count > MAX_CLAIMS:
            raise WireFormatError(Reason.TOO_MANY_PARTS, f"more than {MAX_CLAIMS} claims in one record")
        checked = check_claim(part, claims, min(max_document_bytes, allowance))
        if isinstance(checked, ClaimedDocument):
            allowance -= checked.claim.size
        parts.append(checked)
    return parts


def _decode_record(record: _SplitRecord, max_document_bytes: int) -> DecodedRecord:
    documents: list[DecodedDocument] = []
    rejected: list[RejectedRecord] = []
    allowance = JsonAllowance(max_document_bytes)
    for part in record.parts:
        decoded = _decode(part, record.fetched, allowance.read)
        if isinstance(decoded, RejectedRecord):
            rejected.append(decoded)
        else:
            documents.append(decoded)
    return bounded_record(record.position, record.data, documents, rejected)


def _decode(
    part: EncodedDocument | ClaimedDocument | RejectedRecord,
    fetched: Mapping[RecordPosition, FetchResult],
    read: Callable[[bytes], Document],
) -> DecodedDocument | RejectedRecord:
    if isinstance(part, RejectedRecord):
        return part
    if isinstance(part, ClaimedDocument):
        result = fetched[part.encoded.position]
        if isinstance(result, TryLater):  # never: such a record is not decoded
            raise result
        return decode_claimed(part, result, read)
    try:
        document = read_or_reject(read, part.data)
    except RejectRecord as error:
        return part.rejected(error)
    return DecodedDocument(part.position, part.data, document, part.origin)
