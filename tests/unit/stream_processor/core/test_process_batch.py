from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_processor.core.process_batch import Limits
from stream_processor.core.wait_policy import WaitLimits
from stream_processor.errors import RefuseInvocation, TryLater

FINISHED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


def failed(sequence_number: str) -> dict[str, list[dict[str, str]]]:
    """The answer that names the first record not finished."""
    return {"batchItemFailures": [{"itemIdentifier": sequence_number}]}


def test_stores_one_result_a_document(world: Any, make: Any) -> None:
    """A batch of good documents is stored, and Lambda is told that all of it is finished."""
    entries = [make.entry(make.payload(f"d{n}", f"label{n} words"), n) for n in range(60)]
    assert world.process(entries) == FINISHED
    assert {key: item["label"]["S"] for key, item in world.table.items.items()} == {
        f"d{n}": f"label{n}" for n in range(60)
    }


def test_a_stack_is_one_item_that_says_what_is_in_it(world: Any, make: Any) -> None:
    """One record, one result, also where it is a stack: with its documents, and for review if any is."""
    stack = make.payload("s", "payslip one", "", "unsure two", stack=True)
    assert world.process([make.entry(make.aggregate([stack, make.payload("d")]), 1)]) == FINISHED
    item = world.table.items["s"]
    assert item["documents"] == {"S": "payslip,other,unsure;0:0.4375,1:0.0000?,2:0.4375?"}
    assert item["page_labels"] == {"S": "payslip,-,unsure"}
    assert (item["label"], item["decision"]) == ({"S": "payslip"}, {"S": "review"})
    assert item["confidence"] == {"N": "0.0000"}
    assert "candidates" not in item
    assert "documents" not in world.table.items["d"]
    assert world.metrics.batches[0].review == 1


def test_classifies_in_one_call(world: Any, make: Any) -> None:
    """All documents of a batch, aggregated or not, go through the classifier together."""
    entries = [
        make.entry(make.payload("a"), 1),
        make.entry(make.aggregate([make.payload("b"), make.payload("c")]), 2),
    ]
    world.process(entries)
    assert world.classifier.calls == [3]


def test_empty_batch_is_finished(world: Any) -> None:
    """An event without records finishes without classifying or writing anything."""
    assert world.process([]) == FINISHED
    assert not world.classifier.calls
    assert not world.table.requests


def test_batch_of_bad_records_alone_classifies_nothing(world: Any, make: Any) -> None:
    """A batch in which every record is rejected is finished, and the classifier is not called."""
    assert world.process([make.entry("?", 1), make.entry(b"", 2)]) == FINISHED
    assert not world.classifier.calls
    assert len(world.quarantine.stored) == 2


BAD_RECORDS = {
    "bad base64": ("!not base64!", "bad_base64"),
    "base64 cut short": ("QUJ", "bad_base64"),
    "not ASCII": ("\u00e4\u00f6", "bad_base64"),
    "truncated gzip": (gzip.compress(b'{"document_id":"x","text":"y"}')[:-9], "bad_gzip"),
    "broken aggregate": (b"\xf3\x89\x9a\xc2" + b"\x0a\x01k" + b"0" * 16, "bad_aggregate"),
    "invalid UTF-8": (b'{"document_id":"x","text":"\xff"}', "bad_utf8"),
    "missing fields": (b'{"document_id":"x"}', "invalid_document"),
    "future version": (b'{"v":2,"document_id":"x","text":"y"}', "unsupported_version"),
    "oversize after decompression": (
        gzip.compress(json.dumps({"document_id": "x", "text": "y" * 5000}).encode()),
        "too_large",
    ),
    "empty data": (b"", "empty"),
    "not JSON": (b"plain text", "bad_json"),
    "defect in the classifier": (b'{"document_id":"x","text":"explode now"}', "classification_failed"),
}


@pytest.mark.parametrize(("data", "reason"), BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_bad_record_is_quarantined_and_neighbours_are_stored(make: Any, data: Any, reason: str) -> None:
    """Each kind of bad record is quarantined whole, with its reason, and its neighbours are stored."""
    world = make.world(limits=Limits(max_document_bytes=4096))
    before, after = make.entry(make.payload("before"), 1), make.entry(make.payload("after"), 3)
    assert world.process([before, make.entry(data, 2), after]) == FINISHED
    assert set(world.table.items) == {"before", "after"}
    ((key, rejected),) = world.quarantine.stored.items()
    assert key == (make.number(2), None)
    assert rejected.reason == reason
    assert (rejected.data_text or rejected.data) == data
    assert world.metrics.rejected == [rejected]


def test_bad_part_of_an_aggregate_keeps_its_place(world: Any, make: Any) -> None:
    """One bad part of an aggregate is quarantined under its own place; the others are stored."""
    parts = [make.payload("a"), b"junk", make.payload("b")]
    assert world.process([make.entry(make.aggregate(parts), 9)]) == FINISHED
    assert set(world.table.items) == {"a", "b"}
    assert world.quarantine.reasons == {(make.number(9), 1): "bad_json"}
    assert world.quarantine.stored[make.number(9), 1].position.partition_key == "p1"


def test_failing_quarantine_stops_the_batch_at_the_bad_record(world: Any, make: Any) -> None:
    """A rejected record that cannot be stored is delivered again, with everything after it."""
    world.quarantine.fails = lambda _: True
    entries = [
        make.entry(make.payload("a"), 1),
        make.entry(b"junk", 2),
        make.entry(make.payload("b"), 3),
    ]
    assert world.process(entries) == failed(make.number(2))
    assert set(world.table.items) == {"a"}
    assert world.metrics.problems == ["rejected records not stored in the quarantine: 1"]
    world.quarantine.fails = lambda _: False
    assert world.process(entries[1:]) == FINISHED
    assert set(world.table.items) == {"a", "b"}


def test_whole_classifier_failing_once_is_retried_one_by_one(world: Any, make: Any) -> None:
    """If the one call fails but no document fails alone, every document is stored."""
    world.classifier.broken_batches = 1
    assert world.process([make.entry(make.payload(f"d{n}"), n) for n in range(3)]) == FINISHED
    assert world.classifier.calls == [3, 1, 1, 1]
    assert len(world.table.items) == 3
    assert not world.quarantine.stored


def test_classification_failure_names_the_type_alone(world: Any, make: Any) -> None:
    """The detail of a classification failure holds the exception's type and not its message."""
    world.process([make.entry(make.payload("x", "explode"), 1)])
    (rejected,) = world.quarantine.stored.values()
    assert rejected.detail == "failed with ZeroDivisionError"


def test_memory_error_passes_through(world: Any, make: Any) -> None:
    """Running out of memory is not the document's fault: the invocation fails and nothing is quarantined."""
    world.classifier.error = MemoryError
    with pytest.raises(MemoryError):
        world.process([make.entry(make.payload("x", "explode"), 1)])
    assert not world.quarantine.stored


def test_later_duplicate_wins_with_one_write(world: Any, make: Any) -> None:
    """Two versions of a document in one batch make one write, of the later version."""
    entries = [
        make.entry(make.payload("same", "old"), 1),
        make.entry(make.payload("other"), 2),
        make.entry(make.payload("same", "new"), 3),
    ]
    assert world.process(entries) == FINISHED
    assert sorted(world.table.writes) == ["other", "same"]
    assert world.table.items["same"]["label"]["S"] == "new"
    assert world.metrics.batches[0].stored == 3


def test_unfinished_duplicate_holds_up_its_earlier_record(world: Any, make: Any) -> None:
    """The earlier record of a duplicate is not finished before the later one's item is stored."""
    world.table.admit = lambda _, items: [item.document_id != "same" for item in items]
    entries = [
        make.entry(make.payload("first"), 1),
        make.entry(make.payload("same", "old"), 2),
        make.entry(make.payload("other"), 3),
        make.entry(make.payload("same", "new"), 4),
    ]
    assert world.process(entries) == failed(make.number(2))
    world.table.admit = lambda _, items: [True] * len(items)
    assert world.process(entries[1:]) == FINISHED
    assert world.table.items["same"]["label"]["S"] == "new"


def test_bad_version_leaves_the_good_one(world: Any, make: Any) -> None:
    """If the later of two versions is quarantined, the earlier one's result is stored."""
    entries = [make.entry(make.payload("same", "old"), 1), make.entry(make.payload("same", "explode"), 2)]
    assert world.process(entries) == FINISHED
    assert world.table.items["same"]["label"]["S"] == "old"
    assert world.quarantine.reasons == {(make.number(2), None): "classification_failed"}


def test_stops_at_the_first_record_that_is_not_finished(world: Any, make: Any) -> None:
    """What the table never takes is returned by its sequence number, once, and only the first of them."""
    world.table.admit = lambda _, items: [item.document_id not in {"d3", "d5"} for item in items]
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(8)]
    assert world.process(entries) == failed(make.number(3))
    assert world.metrics.batches[0].not_done == 5


def test_table_that_refuses_everything_returns_the_first(world: Any, make: Any) -> None:
    """If the table takes nothing until the deadline, the first record is returned, within the deadline."""
    world.table.admit = lambda _, items: [False] * len(items)
    started = world.clock.now()
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(8)]
    assert world.process(entries, seconds=60) == failed(make.number(0))
    assert world.clock.now() - started < 59
    assert world.metrics.batches[0].throttled == world.metrics.batches[0].requests > 3


def test_unprocessed_items_are_sent_again(world: Any, make: Any) -> None:
    """Items that come back unprocessed are written later in the same invocation, and only those."""
    world.table.admit = lambda number, items: [number > 0 or place % 2 == 0 for place in range(len(items))]
    assert world.process([make.entry(make.payload(f"d{n}"), n) for n in range(6)]) == FINISHED
    assert world.table.requests == [[f"d{n}" for n in range(6)], ["d1"], ["d3", "d5"]]
    assert world.clock.slept


def test_unreachable_table_is_not_the_records_fault(world: Any, make: Any) -> None:
    """A table that cannot be used stops the batch at its record; nothing is quarantined."""
    world.table.faults = {1: TryLater("PutItem failed with AccessDeniedException")}
    entries = [make.entry(make.payload(f"d{n:03d}"), n) for n in range(230)]
    assert world.process(entries) == failed(make.number(200))
    assert not world.quarantine.stored
    assert world.metrics.problems == ["PutItem failed with AccessDeniedException"]


def test_all_that_the_table_refuses_of_the_first_record_is_put_aside_at_the_deadline(
    world: Any, make: Any
) -> None:
    """Each gets an attempt in the reserve: with one a delivery it would never be the second one's turn."""
    world.table.invalid_keys = {"d1", "d2"}
    record = make.entry(make.aggregate([make.payload("d1"), make.payload("d2")]), 1)
    assert world.process([record], seconds=1.5) == FINISHED
    assert set(world.quarantine.reasons) == {(make.number(1), 0), (make.number(1), 1)}


def test_item_the_table_never_takes_is_quarantined(world: Any, make: Any) -> None:
    """An item that DynamoDB calls invalid goes to the quarantine and does not block the shard."""
    world.table.invalid_keys = {"d1"}
    assert world.process([make.entry(make.payload(f"d{n}"), n) for n in range(3)]) == FINISHED
    assert set(world.table.items) == {"d0", "d2"}
    assert world.quarantine.reasons == {(make.number(1), None): "rejected_by_table"}


def test_aggregate_is_finished_when_all_of_it_is(world: Any, make: Any) -> None:
    """One unfinished part makes the whole aggregate unfinished, under the one sequence number it has."""
    world.table.admit = lambda _, items: [item.document_id != "c" for item in items]
    parts = [make.payload(name) for name in "abc"]
    entries = [make.entry(make.aggregate(parts), 4), make.entry(make.payload("d"), 5)]
    assert world.process(entries) == failed(make.number(4))


def test_dying_between_lines_changes_nothing_in_the_end(make: Any) -> None:
    """If the process dies around any of its writes, redelivery in a new one gives the same end."""
    entries = [make.entry(b"junk", 0), *(make.entry(make.payload(f"d{n}", f"l{n}"), n) for n in range(1, 60))]
    calm = make.world()
    calm.process(entries)
    for number in range(len(calm.table.requests)):
        for after in (False, True):
            world = make.world()
            world.table.faults = {number: RuntimeError("killed")}
            world.table.store_before_fault = after
            with pytest.raises(RuntimeError):
                world.process(entries)
            world.table.faults = {}
            world.restart()
            assert world.process(entries) == FINISHED
            assert world.table.items == calm.table.items
            assert world.quarantine.reasons == calm.quarantine.reasons


def test_text_beyond_the_limit_waits_for_the_next_delivery(make: Any) -> None:
    """A batch whose text would not fit in memory is taken on in parts; each part makes progress."""
    world = make.world(limits=Limits(max_batch_text=1000))
    entries = [make.entry(make.payload(f"d{n}", "word " * 120), n) for n in range(5)]
    assert world.process(entries) == failed(make.number(2))
    assert world.metrics.batches[0].not_done == 3
    assert world.drain(entries[2:]) == 2
    assert len(world.table.items) == 5


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": {}},
        {"detail-type": "Scheduled Event"},
        {"Records": [{"body": "{}", "eventSource": "aws:sqs"}]},
        {"Records": [None]},
    ],
)
def test_event_of_another_source_is_refused(world: Any, event: Any) -> None:
    """An event that is not Kinesis's fails the invocation with an error that says what was expected."""
    with pytest.raises(RefuseInvocation, match="Kinesis"):
        world.processor.process(event, lambda: 100.0)


def test_summary_accounts_for_the_batch(world: Any, make: Any) -> None:
    """The summary counts records, results, reviews, quarantined by reason, requests, units and age."""
    entries = [
        make.entry(make.payload("a"), 1),
        make.entry(make.payload("b", "unsure"), 2),
        make.entry(b"junk", 3),
    ]
    world.process(entries)
    (summary,) = world.metrics.batches
    assert (summary.records, summary.stored, summary.review, summary.not_done) == (3, 2, 1, 0)
    assert summary.quarantined == {"bad_json": 1}
    assert (summary.requests, summary.throttled, summary.units) == (1, 0, 2.0)
    assert summary.age_seconds == pytest.approx(1000.0)


def test_summary_times_each_stage(world: Any, make: Any) -> None:
    """The time of a batch is divided among its stages: what the classifier takes is the classifier's."""
    classify = world.classifier.classify

    def slowly(documents: Any, *, reasons: int = 5) -> Any:
        world.clock.advance(2.5)
        return classify(documents, reasons=reasons)

    world.classifier.classify = slowly
    world.process([make.entry(make.payload("a"), 1)])
    (summary,) = world.metrics.batches
    assert summary.stages == pytest.approx({"read": 0.0, "classify": 2.5, "plan": 0.0, "write": 0.01})
    assert summary.seconds == pytest.approx(2.51)


def test_summary_names_shard_and_budget(make: Any) -> None:
    """The summary says which shard it is of, and how fast this environment may write now."""
    world = make.world(share=8.0)
    world.process([make.entry(make.payload("a"), 1, shard="shardId-000000000007")])
    (summary,) = world.metrics.batches
    assert summary.shard_id == "shardId-000000000007"
    assert summary.budget_share == 8.0
    assert summary.budget_rate == world.processor.dependencies.budget.rate(world.clock.now()) > 0


def test_budget_is_told_where_a_batch_comes_from(world: Any, make: Any, monkeypatch: Any) -> None:
    """The budget learns of each batch's shard and age, and of an empty batch that it has neither."""
    told: list[Any] = []
    budget = world.processor.dependencies.budget
    monkeypatch.setattr(budget, "begin", lambda now, **facts: told.append(facts))
    world.process([make.entry(make.payload("a"), 1, shard="shardId-000000000007")])
    world.process([])
    assert told == [
        {"record_age": pytest.approx(1000.0), "shard": "shardId-000000000007"},
        {"record_age": 0.0, "shard": ""},
    ]


def test_empty_batch_has_no_forecast(world: Any) -> None:
    """Without a record there is no shard, no speed and nothing that expires."""
    world.process([])
    (summary,) = world.metrics.batches
    assert (summary.shard_id, summary.drain) == ("", "unknown")
    assert (summary.seconds_to_drain, summary.hours_to_expiry) == (None, None)


def arriving(make: Any, number: int, seconds: float) -> Any:
    """A document that arrived so many seconds after the first of this test."""
    entry = make.entry(make.payload(f"d{number}"), number)
    entry["kinesis"]["approximateArrivalTimestamp"] += seconds
    return entry


def test_forecast_of_a_shard_that_catches_up(world: Any, make: Any) -> None:
    """Two batches of one shard show its speed: 120 s of arrivals in 20 s, so what is left takes a fifth."""
    world.process([arriving(make, 1, 0.0)])
    assert world.metrics.batches[0].drain == "unknown"
    world.clock.advance(19.99)
    world.process([arriving(make, 2, 60.0), arriving(make, 3, 120.0)])
    summary = world.metrics.batches[1]
    behind = world.clock.now() - 120.0
    assert summary.drain == "draining"
    assert summary.seconds_to_drain == pytest.approx(behind / 5, rel=1e-4)


def test_expiry_is_that_of_the_oldest_record_not_done(world: Any, make: Any) -> None:
    """If all is done, the batch's first record counts, as it arrived here; else the first one not done."""
    entries = [arriving(make, 1, 0.0), arriving(make, 2, 360.0)]
    world.process(entries)
    assert world.metrics.batches[0].hours_to_expiry == pytest.approx(24 - 1000 / 3600)
    world.table.admit = lambda _, items: [item.document_id != "d2" for item in items]
    world.process(entries)
    age = world.clock.now() - 360.0
    assert world.metrics.batches[1].hours_to_expiry == pytest.approx(24 - age / 3600)
    assert world.metrics.batches[1].not_done == 1


def test_little_time_still_makes_progress(make: Any) -> None:
    """With less time than the reserve, the first record's item is written all the same."""
    world = make.world(share=0.5)
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(4)]
    assert world.process(entries, seconds=1.0) == failed(make.number(1))
    assert set(world.table.items) == {"d0"}


def test_first_aggregate_is_pressed_through_when_time_is_up(make: Any) -> None:
    """An aggregate at the head of the batch is finished beyond the budget rather than delivered again."""
    world = make.world(share=1.0)
    parts = [make.payload(f"a{n}") for n in range(60)]
    entries = [make.entry(make.aggregate(parts), 1), make.entry(make.payload("b"), 2)]
    assert world.process(entries, seconds=12.0) == failed(make.number(2))
    assert len(world.table.writes) == 60


def test_pressing_stops_at_the_first_throttle(make: Any) -> None:
    """Beyond the budget, one throttled request ends the invocation."""
    world = make.world(share=1.0)
    world.table.admit = lambda number, items: [number == 0] * len(items)
    entries = [make.entry(make.aggregate([make.payload(f"a{n}") for n in range(260)]), 1)]
    assert world.process(entries, seconds=1.9) == failed(make.number(1))
    assert [len(keys) for keys in world.table.requests] == [200, 60]


def test_slow_share_finishes_over_several_deliveries(make: Any) -> None:
    """A share far too small for the batch finishes in the end, with progress in each invocation."""
    world = make.world(share=0.05)
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(6)]
    assert world.drain(entries, seconds=30.0) <= 6
    assert len(world.table.writes) == 6


def test_gives_back_time_that_would_be_slept_away(make: Any) -> None:
    """Once there is progress, a wait longer than the bound is given back instead of paid for."""
    world = make.world(share=0.05, wait_limits=WaitLimits(max_wait_seconds=10.0))
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(3)]
    assert world.process(entries, seconds=500.0) == failed(make.number(1))
    assert sum(world.clock.slept) == pytest.approx(20.0, abs=0.1)


def test_stays_within_the_share(make: Any) -> None:
    """A backlog is written at the share's rate: so many units in so many seconds, in small requests."""
    world = make.world(share=10.0)
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(300)]
    started = world.clock.now()
    assert world.process(entries, seconds=120.0) == FINISHED
    assert world.clock.now() - started == pytest.approx(30.0, abs=2.0)
    assert max(len(keys) for keys in world.table.requests) <= 4


documents = st.sampled_from(["d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7"])
plain = st.one_of(
    st.builds(lambda name, version: ("doc", name, version), documents, st.sampled_from(["old", "new"])),
    st.just(("junk", "", "")),
    st.builds(lambda name: ("doc", name, "explode"), documents),
)
records = st.one_of(plain, st.lists(plain, min_size=1, max_size=8))


@settings(max_examples=150, deadline=None)
@given(
    batch=st.lists(records, max_size=12),
    chances=st.lists(st.integers(0, 3), min_size=1, max_size=12),
    broken_puts=st.sets(st.integers(0, 20), max_size=3),
    cold=st.booleans(),
    share=st.sampled_from([0.5, 5.0, 200.0]),
    seconds=st.sampled_from([1.0, 5.0, 60.0]),
)
def test_everything_ends_stored_or_quarantined(
    make: Any,
    batch: list[Any],
    chances: list[int],
    broken_puts: set[int],
    cold: bool,  # noqa: FBT001 - drawn by hypothesis
    share: float,
    seconds: float,
) -> None:
    """Whatever the batch and the throttling, redelivery ends with every document accounted for."""

    def data(part: tuple[str, str, str]) -> bytes:
        kind, name, version = part
        return b"junk" if kind == "junk" else bytes(make.payload(name, f"{version} text"))

    entries, results, bad = [], {}, set()
    for number, record in enumerate(batch):
        parts = record if isinstance(record, list) else [record]
        body = make.aggregate(map(data, parts)) if isinstance(record, list) else data(record)
        entries.append(make.entry(body, number))
        for sub, (kind, name, version) in enumerate(parts):
            if kind == "junk" or version == "explode":
                bad.add((make.number(number), sub if isinstance(record, list) else None))
            else:
                results[name] = version
    world = make.world(share=share)
    # Of each request the table takes at least one item, at most 1 to all of them.
    world.table.admit = lambda number, items: [
        place == 0 or place % (1 + chances[number % len(chances)]) == 0 for place in range(len(items))
    ]
    world.table.faults = {number: TryLater("down") for number in broken_puts}
    left, deliveries = entries, 0
    while True:
        before = len(world.table.requests)
        failures = world.process(left, seconds=seconds)["batchItemFailures"]
        deliveries += 1
        assert deliveries < 200
        if not failures:
            break
        place = [item["kinesis"]["sequenceNumber"] for item in left].index(failures[0]["itemIdentifier"])
        if not isinstance(batch[len(batch) - len(left)], list):
            hindered = broken_puts & set(range(before, len(world.table.requests)))
            assert place > 0 or hindered, "an invocation without progress"
        left = left[place:]
        if cold and deliveries % 3 == 0 and deliveries < 30:
            world.restart()
    assert {key: item["label"]["S"] for key, item in world.table.items.items()} == results
    assert set(world.quarantine.stored) == bad


def test_a_batch_of_sequence_numbers_beyond_64_bits_stops_in_the_order_of_the_shard(
    world: Any, make: Any
) -> None:
    """Sequence numbers are names here: order is the event's, whatever they look like as text or number."""
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(3)]
    numbers = [str(2**64 + 9), str(2**64 + 10), str(2**186)]
    for entry, number in zip(entries, numbers, strict=True):
        entry["kinesis"]["sequenceNumber"] = number
    world.table.admit = lambda _, items: [item.document_id == "d0" for item in items]
    assert world.process(entries) == failed(numbers[1])
    assert world.table.items["d0"]["sequence_number"] == {"S": numbers[0]}


@pytest.mark.parametrize("document_id", ["\U0001f600" * 256, "\x00" * 256, "a/b\n../c", "\u202e" * 256])
def test_odd_ids_are_ids(world: Any, make: Any, document_id: str) -> None:
    """Any 1 to 256 characters are a key of at most DynamoDB's 2,048 bytes, and of one write unit."""
    assert world.process([make.entry(make.payload(document_id), 1)]) == FINISHED
    item = world.table.items[document_id]
    assert item["document_id"] == {"S": document_id}
    assert world.metrics.batches[0].units <= 2
    assert len(document_id.encode()) <= 2048


def test_an_id_that_is_no_text_is_rejected(world: Any, make: Any) -> None:
    """A lone surrogate in an id can be no key: its record is quarantined for what it is."""
    data = b'{"document_id":"\\ud800","text":"y"}'
    assert world.process([make.entry(data, 1), make.entry(make.payload("a"), 2)]) == FINISHED
    assert set(world.table.items) == {"a"}
    ((_, reason),) = world.quarantine.reasons.items()
    assert reason in {"bad_json", "bad_utf8", "invalid_document"}


def test_an_id_across_aggregates_and_records_keeps_its_last_content(world: Any, make: Any) -> None:
    """However often an id occurs in a batch, one write settles it, and the shard's last content stays."""
    entries = [
        make.entry(make.aggregate([make.payload("d", "one"), make.payload("d", "two")]), 1),
        make.entry(make.payload("d", "three"), 2),
        make.entry(make.aggregate([make.payload("e", "other"), make.payload("d", "four")]), 3),
    ]
    assert world.process(entries) == FINISHED
    assert world.table.items["d"]["label"] == {"S": "four"}
    assert sorted(world.table.writes) == ["d", "e"]
    assert world.metrics.batches[0].stored == 5
