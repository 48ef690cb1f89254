"""From the JSON that Lambda delivers to documents and rejections. Pure: knows no AWS, no clock, no labels.

One Kinesis record is one document or the claim of one, or a KPL aggregate of many that share one sequence
number. Whatever cannot be read becomes a rejection that holds the exact bytes; reading one record never
affects its neighbours.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from smartcat.wire_format.document import from_bytes
from stream_processor.arrivals import Arrival, Batch, Received, Rejection, Source
from stream_processor.claims import Claimed, judge, read_answer, reject
from stream_processor.errors import RejectRecord, TryLater
from stream_processor.record_parts import UNREADABLE, read_or_reject, records_of, take_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smartcat.wire_format.document import Document
    from stream_processor.claims import Claims
    from stream_processor.ports import Answer
    from stream_processor.record_parts import Part

__all__ = ["UNREADABLE", "Arrival", "Batch", "Received", "Rejection", "Source", "read_event"]

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
class _Opened:
    """A record taken apart, its claims judged.

    Attributes:
        source: The record.
        parts: What was in it, in order.
        answers: What became of its claims, by their places.
    """

    source: Source
    parts: Sequence[Part | Claimed | Rejection]
    answers: Mapping[Source, Answer] = field(default_factory=dict)

    @property
    def claimed(self) -> list[Claimed]:
        return [part for part in self.parts if isinstance(part, Claimed)]

    @property
    def must_wait(self) -> bool:
        return any(isinstance(answer, TryLater) for answer in self.answers.values())


def read_event(
    event: Mapping[str, Any], *, max_document_bytes: int, max_batch_text: int, claims: Claims | None = None
) -> Batch:
    """Read the records of a Lambda event.

    Args:
        event: The event as Lambda passes it.
        max_document_bytes: The most bytes one document may have after decompression.
        max_batch_text: Characters of text after which no further record is read in this invocation; at least
            one record is always read. Keeps a batch of well compressed documents from exhausting the memory.
        claims: Fetches what claims stand for; None to reject claims.

    Returns:
        The batch; poison is in it as rejections. It ends before a record whose claims cannot be fetched now.

    Raises:
        RefuseInvocation: The event is not from a Kinesis event source mapping.
    """
    entries = records_of(event)
    coming = iter(entries)
    opened: deque[_Opened] = deque()
    records: list[Received] = []
    text = 0
    while text < max_batch_text and len(records) < len(entries):
        if not opened:
            opened += _open_some(coming, max_document_bytes, max_batch_text - text, claims, first=not records)
        record = opened.popleft()
        if record.must_wait:
            break
        records.append(_receive(record, max_document_bytes))
        text += records[-1].text_size
    unread = entries[len(records) :]
    first = entries[0][0] if entries else None
    return Batch(tuple(records), unread[0][0].sequence_number if unread else None, len(unread), first)


def _open_some(
    coming: Iterator[tuple[Source, str]],
    max_document_bytes: int,
    room: int,
    claims: Claims | None,
    *,
    first: bool,
) -> Sequence[_Opened]:
    """Open the next record; if it holds claims, further ones too, so that theirs are fetched together."""
    opened: list[_Opened] = []
    together, stored = 0, 0
    for source, data in coming:
        opened.append(_Opened(source, _open(data, source, max_document_bytes, claims)))
        together += len(opened[-1].claimed)
        stored += sum(each.claim.size for each in opened[-1].claimed)
        if not together or together >= FETCH_TOGETHER or FETCH_AHEAD * stored >= room:
            break
    if not together or claims is None:
        return opened
    return _fetched(opened, claims, needed=len(opened[0].claimed) if first else 0)


def _fetched(opened: Sequence[_Opened], claims: Claims, *, needed: int) -> Sequence[_Opened]:
    """Give each record the answers to its claims."""
    claimed = [each for record in opened for each in record.claimed]
    answers = claims.fetch([each.claim for each in claimed], needed=needed)
    by_place = {each.part.source: answer for each, answer in zip(claimed, answers, strict=True)}
    return [
        replace(record, answers={each.part.source: by_place[each.part.source] for each in record.claimed})
        for record in opened
    ]


def _open(
    text: str, source: Source, max_document_bytes: int, claims: Claims | None
) -> list[Part | Claimed | Rejection]:
    parts: list[Part | Claimed | Rejection] = []
    allowance = RECORD_TEXT_FACTOR * max_document_bytes
    for part in take_apart(text, source):
        judged = (
            part if isinstance(part, Rejection) else judge(part, claims, min(max_document_bytes, allowance))
        )
        if isinstance(judged, Claimed):
            allowance -= judged.claim.size
        parts.append(judged)
    return parts


def _receive(record: _Opened, max_document_bytes: int) -> Received:
    parts: list[Arrival | Rejection] = []
    allowance = RECORD_TEXT_FACTOR * max_document_bytes
    for part in record.parts:
        read = _read(part, record.answers, min(max_document_bytes, allowance))
        if isinstance(read, Arrival):
            # At least 1, so that what exceeds the allowance is still read up to its first byte and judged.
            allowance = max(1, allowance - read.text_size)
        parts.append(read)
    return _sort(parts, record.source)


def _read(
    part: Part | Claimed | Rejection, answers: Mapping[Source, Answer], max_bytes: int
) -> Arrival | Rejection:
    if isinstance(part, Rejection):
        return part
    if isinstance(part, Claimed):
        answer = answers[part.part.source]
        if isinstance(answer, TryLater):  # never: such a record is not read
            raise answer
        return read_answer(part, answer, max_bytes)
    return _decode(part, max_bytes)


def _decode(part: Part, max_bytes: int) -> Arrival | Rejection:
    def read(data: bytes) -> Document:
        return from_bytes(data, max_bytes=max_bytes)

    try:
        document = read_or_reject(read, part.data)
    except RejectRecord as error:
        return reject(part, error)
    return Arrival(part.source, part.data, document, part.origin)


def _sort(parts: Sequence[Arrival | Rejection], source: Source) -> Received:
    return Received(
        source,
        documents=tuple(part for part in parts if isinstance(part, Arrival)),
        rejections=tuple(part for part in parts if isinstance(part, Rejection)),
    )
