"""What to do for a batch, as data: which rejections to store and which items to write, in which order. Pure.

Two documents with one id make one write: the later version, at the place of the earlier record. So one call
never holds a key twice, and when the write is done both documents are: the earlier version would only have
been overwritten. A document that was put on the stream again counts as the version it first was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream_processor.kinesis_event import Arrival, Rejection
from stream_processor.result_item import ResultItem
from stream_processor.write_budget import MAX_REQUEST_ITEMS, PARALLEL_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream_processor.kinesis_event import Received

MAX_STEP_WRITES: Final = MAX_REQUEST_ITEMS * PARALLEL_REQUESTS
"""Writes in one step: what parallel requests hold."""

MAX_STEP_REJECTIONS: Final = 100
"""Rejections stored in one step: bounds the time between two looks at the deadline."""


@dataclass(frozen=True, slots=True)
class Write:
    """One item to be written.

    Attributes:
        place: Index of the Kinesis record at which it is written.
        item: What is written.
        settles: The documents that are finished by it, in the order of their records.
    """

    place: int
    item: ResultItem
    settles: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Exile:
    """One rejection to be stored in the quarantine.

    Attributes:
        place: Index of the Kinesis record it came in.
        rejection: What is stored.
    """

    place: int
    rejection: Rejection


Task = Write | Exile


def make_plan(records: Sequence[Received], results: Sequence[ResultItem | Rejection]) -> list[Task]:
    """Order everything a batch needs.

    Args:
        records: The records in the order of the shard.
        results: One result for each document of the records, in the same order.

    Returns:
        Tasks, ordered by place. A record is finished when all tasks up to and including its place are done;
        a record without tasks is finished with the ones before it.
    """
    documents = [(place, arrival) for place, record in enumerate(records) for arrival in record.documents]
    labelled = [(place, arrival, result) for (place, arrival), result in zip(documents, results, strict=True)]
    tasks: list[Task] = [
        Exile(place, rejection) for place, record in enumerate(records) for rejection in record.rejections
    ]
    tasks += [Exile(place, result) for place, _, result in labelled if isinstance(result, Rejection)]
    tasks += _coalesce(
        [(place, arrival, item) for place, arrival, item in labelled if isinstance(item, ResultItem)]
    )
    return sorted(tasks, key=lambda task: task.place)  # stable: in a record, rejections first, then its order


def next_step(tasks: Sequence[Task], start: int, max_units: float) -> Sequence[Task]:
    """Take the tasks that the next requests, sent at the same time, should carry.

    Args:
        tasks: The whole plan.
        start: Index of the first task not done.
        max_units: Write capacity units they should carry.

    Returns:
        Nothing if there are no tasks left, else at least one: at most 200 writes of at most ``max_units`` in
        all (a single larger one excepted), and the rejections among them.
    """
    writes, exiles, units = 0, 0, 0
    for end in range(start, len(tasks)):
        task = tasks[end]
        if isinstance(task, Exile):
            exiles += 1
        else:
            writes += 1
            units += task.item.units
        too_much = writes > MAX_STEP_WRITES or (writes > 1 and units > max_units)
        if too_much or exiles > MAX_STEP_REJECTIONS:
            return tasks[start:end]
    return tasks[start:]


def _coalesce(labelled: Sequence[tuple[int, Arrival, ResultItem]]) -> list[Task]:
    """Make one write of all items with one key: the first one's place, the latest version's content."""
    same_key: dict[str, list[tuple[int, Arrival, ResultItem]]] = {}
    for entry in labelled:
        same_key.setdefault(entry[2].document_id, []).append(entry)
    return [_write(entries) for entries in same_key.values()]


def _write(entries: Sequence[tuple[int, Arrival, ResultItem]]) -> Write:
    return Write(entries[0][0], _latest(entries), tuple(arrival for _, arrival, _ in entries))


def _latest(entries: Sequence[tuple[int, Arrival, ResultItem]]) -> ResultItem:
    """Choose the item that is stored.

    Records are in order already, so only those that came again need their first places compared. Between a
    record and its own repetition the record goes first: its write needs no guard.
    """
    if not any(item.guarded for _, _, item in entries):
        return entries[-1][2]
    _, _, latest = max(entries, key=lambda entry: (entry[1].first.version, not entry[2].guarded))
    return latest


def first_place(tasks: Sequence[Task]) -> int:
    """Give the index of the first Kinesis record that any of the tasks (at least one) belongs to."""
    return min(task.place for task in tasks)


def units_of(writes: Sequence[Write]) -> int:
    """Add up what the writes should cost, in write capacity units."""
    return sum(write.item.units for write in writes)


def by_key(writes: Sequence[Write]) -> Mapping[str, Write]:
    """Index writes by the key of their item; no key occurs twice in a plan."""
    return {write.item.document_id: write for write in writes}
