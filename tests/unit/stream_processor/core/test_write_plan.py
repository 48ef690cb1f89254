from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stream_processor.core.classification import ClassificationRules, classify_documents
from stream_processor.core.kinesis_event import read_event
from stream_processor.core.write_plan import QuarantineWrite, ResultWrite, make_plan, next_step, units_of
from stream_processor.storage_format.quarantine_object import RejectedRecord


def plan(make: Any, *bodies: bytes, start: int = 0) -> list[Any]:
    """The plan for records with these payloads, whose sequence numbers begin with this one."""
    event = {"Records": [make.entry(body, number) for number, body in enumerate(bodies, start)]}
    records = read_event(event, max_document_bytes=10_000, max_batch_text=10_000_000).records
    documents = [document for record in records for document in record.documents]
    return make_plan(records, classify_documents(documents, make.classifier(), ClassificationRules()).results)


def shape(tasks: list[Any]) -> list[tuple[int, str]]:
    """Record and kind of each write."""
    return [
        (task.index, task.item.document_id if isinstance(task, ResultWrite) else "quarantine")
        for task in tasks
    ]


def test_tasks_follow_the_records(make: Any) -> None:
    """Writes are ordered by record; inside a record, rejected ones come first."""
    mixed = make.aggregate([make.payload("b"), b"junk", make.payload("c")])
    tasks = plan(make, make.payload("a"), mixed, b"junk", make.payload("d"))
    assert shape(tasks) == [(0, "a"), (1, "quarantine"), (1, "b"), (1, "c"), (2, "quarantine"), (3, "d")]


def test_duplicates_take_the_first_place_and_the_last_content(make: Any) -> None:
    """Versions of one document make one write with the first one's record that settles all of them."""
    tasks = plan(make, make.payload("a", "old"), make.payload("b"), make.payload("a", "new"))
    assert shape(tasks) == [(0, "a"), (1, "b")]
    assert tasks[0].item.attributes["label"]["S"] == "new"
    assert [document.position.sequence_number for document in tasks[0].documents] == [
        make.number(0),
        make.number(2),
    ]


def test_of_a_batch_s_versions_the_latest_first_place_is_stored(make: Any) -> None:
    """A replayed version counts by its first place: it loses to what is later, and wins against earlier."""
    late, early = make.replayed(make.payload("a", "late"), 105), make.replayed(make.payload("a", "early"), 50)
    (task,) = plan(make, make.payload("a", "normal"), early, start=100)
    assert (task.item.attributes["label"]["S"], task.item.conditional) == ("normal", False)
    (task,) = plan(make, early, late, make.payload("a", "normal"), start=110)
    assert (task.item.attributes["label"]["S"], task.item.conditional) == ("normal", False)
    task, _ = plan(make, make.payload("a", "normal"), make.payload("b"), late, early, start=104)
    assert (task.item.attributes["label"]["S"], task.item.conditional) == ("late", True)
    assert len(task.documents) == 3


def test_places_in_an_aggregate_order_versions_too(make: Any) -> None:
    """Of two replayed versions out of one aggregate the one further back in it wins."""
    second, first = (make.replayed(make.payload("a", f"v{sub}"), 50, sub=sub) for sub in (10, 9))
    (task,) = plan(make, second, first, start=100)
    assert task.item.attributes["label"]["S"] == "v10"
    assert task.item.attributes["sub_sequence_number"]["N"] == "10"


def test_a_record_goes_before_its_own_repetition(make: Any) -> None:
    """Where a version came both as it was and again, its write needs no condition."""
    (task,) = plan(make, make.payload("a"), make.replayed(make.payload("a"), 100), start=100)
    assert not task.item.conditional


VERSIONS = st.lists(st.tuples(st.booleans(), st.integers(1, 99)), min_size=1, max_size=12)


@given(VERSIONS)
def test_the_latest_version_wins_in_any_mix_and_order(make: Any, drawn: list[tuple[bool, int]]) -> None:
    """Whatever comes again among whatever comes first, the item is that of the latest first place."""
    bodies, versions = [], []
    for number, (again, first) in enumerate(drawn, 100):
        version = first if again else number
        body = make.payload("a", f"v{version}")
        bodies.append(make.replayed(body, first) if again else body)
        versions.append((version, again))
    (task,) = plan(make, *bodies, start=100)
    latest, again = max(versions)
    assert task.item.attributes["label"]["S"] == f"v{latest}"
    assert int(task.item.attributes["sequence_number"]["S"]) == latest
    assert task.item.conditional == again
    assert len(task.documents) == len(drawn)


def test_document_that_fails_is_quarantined_with_its_record(make: Any) -> None:
    """A document the classifier fails on is quarantined with its record."""
    tasks = plan(make, make.payload("a"), make.payload("b", "explode"), make.payload("c"))
    assert shape(tasks) == [(0, "a"), (1, "quarantine"), (2, "c")]


def test_step_is_cut_by_units_items_and_rejected_records(make: Any) -> None:
    """A step has the units asked for, at most 200 result writes and 100 rejected records, at least one."""
    tasks = plan(make, *(make.payload(f"d{n}") for n in range(230)))
    assert len(next_step(tasks, 0, 0.1)) == 1
    assert len(next_step(tasks, 0, 4.9)) == 4
    assert len(next_step(tasks, 0, math.inf)) == 200
    assert len(next_step(tasks, 220, math.inf)) == 10
    assert next_step(tasks, 230, 5.0) == []
    assert len(next_step(plan(make, *[b"junk"] * 150), 0, 5.0)) == 100


bodies = st.lists(
    st.tuples(st.sampled_from(["junk", "explode", "good"]), st.sampled_from("abc")), max_size=30
)


@given(drawn=bodies, units=st.floats(0.1, 40.0))
def test_steps_cover_every_task_once(make: Any, drawn: list[tuple[str, str]], units: float) -> None:
    """Every document is settled by exactly one write, and steps cut the plan without loss or overlap."""
    data = [b"junk" if kind == "junk" else make.payload(name, kind) for kind, name in drawn]
    tasks = plan(make, *data)
    covered, start = [], 0
    while start < len(tasks):
        step = next_step(tasks, start, units)
        writes = [task for task in step if isinstance(task, ResultWrite)]
        assert len(writes) <= 1 or units_of(writes) <= units
        covered += step
        start += len(step)
    assert covered == tasks
    settled = [
        document.position for task in covered if isinstance(task, ResultWrite) for document in task.documents
    ]
    settled += [task.record.position for task in covered if isinstance(task, QuarantineWrite)]
    assert sorted(position.sequence_number for position in settled) == [
        make.number(n) for n in range(len(data))
    ]


def test_quarantine_write_keeps_its_record(make: Any) -> None:
    """The rejected record that is stored is the one that was made on reading."""
    (task,) = plan(make, b"junk")
    assert isinstance(task.record, RejectedRecord)
    assert task.record.data == b"junk"
