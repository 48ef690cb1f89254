from __future__ import annotations

from typing import Any

from stream_processor.core.aggregate_progress import (
    LONE_RECALL_SECONDS,
    MAX_AGGREGATES,
    MAX_PARTS,
    RECALL_SECONDS,
    AggregateProgress,
)
from stream_processor.core.kinesis_event import read_event


def received(make: Any, number: int = 1, shard: str = "shardId-000000000000", key: str = "k") -> Any:
    """An aggregate of two documents and a rejected record."""
    parts = [make.payload("a"), b"junk", make.payload("b")]
    event = {"Records": [make.entry(make.aggregate(parts), number, shard=shard, key=key)]}
    return read_event(event, max_document_bytes=1000, max_batch_text=1000).records[0]


def split_data(record: Any) -> list[Any]:
    """Sub-sequence numbers of what is left of a record."""
    return sorted(part.position.sub_sequence_number for part in (*record.documents, *record.rejected))


def left(progress: AggregateProgress, record: Any, now: float = 0.0) -> list[Any]:
    """What is left of a record at the head of a batch."""
    (unfinished,) = progress.without_parts_done([record], now)
    return split_data(unfinished)


def test_remembers_parts_and_forgets_when_finished(make: Any) -> None:
    """Parts that are done are left out, over several deliveries, until the aggregate is finished."""
    progress, record = AggregateProgress(), received(make)
    progress.remember(record.position, {0}, 0.0)
    assert left(progress, record, RECALL_SECONDS) == [1, 2]
    progress.remember(record.position, {1}, RECALL_SECONDS)
    assert left(progress, record, 2 * RECALL_SECONDS) == [2]
    progress.forget([record.position])
    assert left(progress, record) == [0, 1, 2]


def test_forgets_what_does_not_come_again_soon(make: Any) -> None:
    """An aggregate that comes late may come after older versions of its documents: it is done again whole."""
    progress, record = AggregateProgress(), received(make)
    progress.remember(record.position, {0}, 0.0)
    assert left(progress, record, RECALL_SECONDS + 0.1) == [0, 1, 2]
    assert len(progress) == 0


def test_a_lone_environment_remembers_until_the_shards_turn_comes_again(make: Any) -> None:
    """Where shards take turns of a minute, an aggregate larger than an invocation still gets finished."""
    progress, record = AggregateProgress(alone=True), received(make)
    progress.remember(record.position, {0}, 0.0)
    progress.without_parts_done([received(make, shard="shardId-000000000001")], 50.0)
    assert left(progress, record, LONE_RECALL_SECONDS) == [1, 2]
    assert left(progress, record, LONE_RECALL_SECONDS + 0.1) == [0, 1, 2]


def test_forgets_when_something_older_of_its_key_is_delivered(make: Any) -> None:
    """A stream that is delivered anew may bring an older version, so the part after it is written again."""
    progress, record = AggregateProgress(alone=True), received(make, number=2)
    progress.remember(record.position, {0}, 0.0)
    progress.without_parts_done([received(make, number=1)], 1.0)
    assert left(progress, record, 2.0) == [0, 1, 2]


def test_forgets_what_comes_again_behind_another_record(make: Any) -> None:
    """The retry of a batch begins with its unfinished aggregate; what comes before it is delivered anew."""
    progress, record = AggregateProgress(), received(make, number=2)
    progress.remember(record.position, {0}, 0.0)
    assert [split_data(each) for each in progress.without_parts_done([received(make), record], 0.0)] == [
        [0, 1, 2],
        [0, 1, 2],
    ]
    assert left(progress, record) == [0, 1, 2]


def test_other_records_are_left_alone(make: Any) -> None:
    """Neither another sequence number nor another shard is affected."""
    progress = AggregateProgress()
    progress.remember(received(make).position, {0, 1, 2}, 0.0)
    assert left(progress, received(make, number=2)) == [0, 1, 2]
    assert left(progress, received(make)) == []
    assert left(progress, received(make, shard="shardId-000000000001")) == [0, 1, 2]


def test_is_bounded(make: Any) -> None:
    """The oldest aggregates are forgotten first; an aggregate with too many parts is not remembered."""
    progress = AggregateProgress()
    for number in range(MAX_AGGREGATES + 3):
        progress.remember(received(make, number=number, key=f"k{number}").position, {0}, 0.0)
    assert len(progress) == MAX_AGGREGATES
    assert left(progress, received(make, number=0, key="k0")) == [0, 1, 2]
    progress.remember(received(make, number=9).position, range(MAX_PARTS + 1), 0.0)
    assert len(progress) == MAX_AGGREGATES - 1


def test_nothing_done_is_nothing_to_remember(make: Any) -> None:
    """A record without finished parts takes no room."""
    progress = AggregateProgress()
    progress.remember(received(make).position, (), 0.0)
    assert len(progress) == 0
