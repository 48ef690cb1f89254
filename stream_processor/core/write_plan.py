"""What to write for a batch, as data: records to the quarantine and items to the table, in order. Pure.

Two documents with one id make one write: the later version, with the index of the earlier record. So one call
never holds a key twice, and when the write is done both documents are: the earlier version would only have
been overwritten. A document that was put on the stream again counts as the version it first was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream_processor.core.write_budget.write_budget import PARALLEL_REQUESTS
from stream_processor.storage_format.document_version import version_of
from stream_processor.storage_format.dynamodb_limits import MAX_REQUEST_ITEMS
from stream_processor.storage_format.quarantine_object import RejectedRecord
from stream_processor.storage_format.result_item import ResultItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream_processor.core.records import DecodedDocument, DecodedRecord

MAX_STEP_WRITES: Final = MAX_REQUEST_ITEMS * PARALLEL_REQUESTS
"""Result writes in one step: what parallel requests hold."""

MAX_STEP_QUARANTINED: Final = 100
"""Records quarantined in one step: bounds the time between two looks at the deadline."""


@dataclass(frozen=True, slots=True)
class ResultWrite:
    """One item to be written.

    Attributes:
        index: Index in the batch of the Kinesis record with which it is written.
        item: What is written.
        documents: The documents that are finished by it, in the order of their records.
    """

    index: int
    item: ResultItem
    documents: tuple[DecodedDocument, ...]


@dataclass(frozen=True, slots=True)
class QuarantineWrite:
    """One rejected record to be stored in the quarantine.

    Attributes:
        index: Index in the batch of the Kinesis record it came in.
        record: What is stored.
    """

    index: int
    record: RejectedRecord


PlannedWrite = ResultWrite | QuarantineWrite


def make_plan(
    records: Sequence[DecodedRecord], results: Sequence[ResultItem | RejectedRecord]
) -> list[PlannedWrite]:
    """Order everything a batch needs.

    Args:
        records: The records in the order of the shard.
        results: One result for each document of the records, in the same order.

    Returns:
        Writes, ordered by index. A record is finished when all writes up to and including its index are done;
        a record without writes is finished with the ones before it.
    """
    documents = [(index, document) for index, record in enumerate(records) for document in record.documents]
    classified = [
        (index, document, result) for (index, document), result in zip(documents, results, strict=True)
    ]
    plan: list[PlannedWrite] = [
        QuarantineWrite(index, rejected)
        for index, record in enumerate(records)
        for rejected in record.rejected
    ]
    plan += [
        QuarantineWrite(index, result)
        for index, _, result in classified
        if isinstance(result, RejectedRecord)
    ]
    plan += _coalesce(
        [(index, document, item) for index, document, item in classified if isinstance(item, ResultItem)]
    )
    return sorted(plan, key=lambda write: write.index)  # stable: in a record, rejected first, then its order


def next_step(plan: Sequence[PlannedWrite], start: int, max_units: float) -> Sequence[PlannedWrite]:
    """Return the writes that the next requests, sent at the same time, should carry.

    Args:
        plan: The whole plan.
        start: Index of the first write not done.
        max_units: Write capacity units they should carry.

    Returns:
        Nothing if there are no writes left, else at least one: at most 200 result writes of at most
        ``max_units`` in all (a single larger one excepted), and the quarantine writes among them.
    """
    results, quarantined, units = 0, 0, 0
    for end in range(start, len(plan)):
        write = plan[end]
        if isinstance(write, QuarantineWrite):
            quarantined += 1
        else:
            results += 1
            units += write.item.units
        too_much = results > MAX_STEP_WRITES or (results > 1 and units > max_units)
        if too_much or quarantined > MAX_STEP_QUARANTINED:
            return plan[start:end]
    return plan[start:]


def _coalesce(classified: Sequence[tuple[int, DecodedDocument, ResultItem]]) -> list[PlannedWrite]:
    """Make one write of all items with one key: the first one's index, the latest version's content."""
    same_key: dict[str, list[tuple[int, DecodedDocument, ResultItem]]] = {}
    for entry in classified:
        same_key.setdefault(entry[2].document_id, []).append(entry)
    return [_write(entries) for entries in same_key.values()]


def _write(entries: Sequence[tuple[int, DecodedDocument, ResultItem]]) -> ResultWrite:
    return ResultWrite(entries[0][0], _latest(entries), tuple(document for _, document, _ in entries))


def _latest(entries: Sequence[tuple[int, DecodedDocument, ResultItem]]) -> ResultItem:
    """Choose the item that is stored: the latest version. Between a record and its repetition, the record."""
    if len(entries) == 1:
        return entries[0][2]
    return max(
        (item for _, _, item in entries), key=lambda item: (version_of(item.attributes), not item.conditional)
    )


def first_index(writes: Sequence[PlannedWrite]) -> int:
    """Return the index of the first Kinesis record that any of the writes (at least one) belongs to."""
    return min(write.index for write in writes)


def units_of(writes: Sequence[ResultWrite]) -> int:
    """Return what the writes should cost, in write capacity units."""
    return sum(write.item.units for write in writes)


def by_key(writes: Sequence[ResultWrite]) -> Mapping[str, ResultWrite]:
    """Index writes by the key of their item; no key occurs twice in a plan."""
    return {write.item.document_id: write for write in writes}
