from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from stream_processor.core.batch_writer import KEY_RANGE
from stream_processor.core.wait_policy import WaitLimits
from stream_processor.core.write_budget.capacity_watch import CapacityWatch
from stream_processor.errors import TryLater

PROVISIONED = "TableWriteProvisionedThroughputExceeded"


@pytest.mark.parametrize(
    ("reasons", "share"),
    [
        ((PROVISIONED,), 8.0),
        ((PROVISIONED, KEY_RANGE), 8.0),
        ((), 8.5),
        (("TableWrite" + KEY_RANGE,), 10.0),
    ],
)
def test_only_a_named_table_throttle_is_strong_evidence(
    make: Any,
    reasons: tuple[str, ...],
    share: float,
) -> None:
    """A throttle that names the table cuts by 0.8, one without a name by 0.85, a hot key range not at all."""
    world = make.world(share=10.0)
    world.table.reasons = reasons
    world.table.admit = lambda number, items: [False] * len(items)
    world.clock.advance(60.0)
    world.process([make.entry(make.payload("a"), 1)], seconds=2.3)
    assert world.processor.dependencies.budget.share == pytest.approx(share)


def test_rejected_items_are_left_alone_for_a_while(make: Any) -> None:
    """Between a throttle and the next attempt lie the jittered delays, which grow with each attempt."""
    world = make.world()
    world.table.admit = lambda number, items: [number >= 4] * len(items)
    world.process([make.entry(make.payload("a"), 1)])
    gaps = [
        later - sooner for sooner, later in zip(world.table.sent_at, world.table.sent_at[1:], strict=False)
    ]
    assert len(gaps) == 4
    for gap, doubled in zip(gaps, (2, 4, 8, 8), strict=True):
        assert 0.2 * doubled <= gap <= 0.6 * doubled + 0.05


def test_an_answer_is_part_of_the_pause(make: Any) -> None:
    """A request follows the last by its part of a second, however long that took to be answered."""
    world = make.world(share=50.0)
    world.process([make.entry(make.payload(f"d{n}"), n) for n in range(100)])
    gaps = [later - sooner for sooner, later in pairwise(world.table.sent_at[2:])]
    assert len(gaps) > 5
    assert gaps == pytest.approx([0.2] * len(gaps), abs=1e-6)


def test_naps_are_short(make: Any) -> None:
    """A long wait is slept in slices of a second, so that a changed rate is noticed."""
    world = make.world(share=0.2)
    world.process([make.entry(make.payload("a"), 1)])
    assert max(world.clock.slept) <= 1.0
    assert (
        world.metrics.batches[0].waited_seconds == pytest.approx(sum(world.clock.slept)) == pytest.approx(5.0)
    )


@pytest.mark.parametrize("reserve", [0.5, 2.0, 20.0])
def test_keeps_the_reserve(make: Any, reserve: float) -> None:
    """With progress made, no request is begun once only the reserve is left."""
    world = make.world(share=2.0, wait_limits=WaitLimits(reserve_seconds=reserve))
    started = world.clock.now()
    world.process([make.entry(make.payload(f"d{n}"), n) for n in range(200)], seconds=30.0)
    assert world.table.sent_at[-1] - started <= 30.0 - reserve
    assert world.table.sent_at[-1] - started > 30.0 - reserve - 1.0


def test_does_not_pay_for_what_comes_after_a_stuck_rejected_record(world: Any, make: Any) -> None:
    """If a rejected record cannot be stored, records after it are not written in this invocation."""
    world.quarantine.fails = lambda _: True
    entries = [make.entry(b"junk", 1), make.entry(make.payload("a"), 2)]
    world.process(entries)
    assert not world.table.requests


def test_flood_of_bad_records_stops_at_the_deadline(world: Any, make: Any) -> None:
    """Storing rejected records takes time too: when it is up, the rest is left for the next delivery."""
    store = world.quarantine.store

    def slowly(rejected: Any, *, seconds: float) -> Any:
        world.clock.advance(10.0)
        return store(rejected, seconds=seconds)

    world.quarantine.store = slowly
    entries = [make.entry(b"junk", number) for number in range(500)]
    answer = world.process(entries, seconds=25.0)
    assert answer == {"batchItemFailures": [{"itemIdentifier": make.number(300)}]}
    assert len(world.quarantine.stored) == 300


def test_an_outage_is_held_while_nothing_is_finished(world: Any, make: Any) -> None:
    """Giving back without progress would use up a retry: the table is asked again until the deadline."""
    down = TryLater("PutItem failed with InternalServerError")
    world.table.faults = dict.fromkeys(range(1000), down)
    started = world.clock.now()
    answer = world.process([make.entry(make.payload("a"), 1)], seconds=60.0)
    assert answer == {"batchItemFailures": [{"itemIdentifier": make.number(1)}]}
    assert 57.0 <= world.clock.now() - started <= 59.0
    assert 10 < len(world.table.requests) < 100
    assert world.metrics.problems == [str(down)]


def test_an_outage_that_ends_costs_no_delivery(world: Any, make: Any) -> None:
    """A table and a quarantine that come back within the invocation leave the batch finished."""
    world.table.faults = dict.fromkeys(range(5), TryLater("down", seconds=math.inf))
    assert world.process([make.entry(make.payload("a"), 1)]) == {"batchItemFailures": []}
    assert set(world.table.items) == {"a"}
    world.quarantine.fails = lambda _: world.quarantine.calls < 5
    assert world.process([make.entry(b"junk", 2)]) == {"batchItemFailures": []}
    assert len(world.quarantine.stored) == 1
    waited = sum(batch.waited_seconds for batch in world.metrics.batches)
    assert waited == pytest.approx(sum(world.clock.slept))


def test_an_outage_after_progress_is_given_back_at_once(world: Any, make: Any) -> None:
    """With a record finished, an outage costs no paid waiting: the mapping delivers the rest again."""
    world.table.faults = dict.fromkeys(range(1, 1000), TryLater("down"))
    entries = [make.entry(make.payload(f"d{n:03d}"), n) for n in range(230)]
    assert world.process(entries) == {"batchItemFailures": [{"itemIdentifier": make.number(200)}]}
    assert len(world.table.requests) == 2
    assert not world.clock.slept


def test_a_hot_partition_lets_the_rest_of_the_batch_go_first(make: Any) -> None:
    """What one partition refuses is set aside, the other keys are written, and then it is tried again."""
    world = make.world(share=100.0)
    world.table.reasons = ("TableWrite" + KEY_RANGE,)
    world.table.admit = lambda number, items: [number > 1] * len(items)
    entries = [make.entry(make.payload(f"d{n:03d}"), n) for n in range(60)]
    assert world.process(entries) == {"batchItemFailures": []}
    first, asked = world.table.requests[:2]
    assert asked == first[:1], "one goes alone, to get the reason named"
    written = [key for request in world.table.requests[2:] for key in request]
    assert written[-len(first) :] == first
    assert len(written) == 60
    assert world.processor.dependencies.budget.share == 100.0


def test_a_hot_partition_that_stays_hot_holds_up_its_own_record(make: Any) -> None:
    """Other records are written, and the answer names the one whose key finds no room."""
    world = make.world(share=100.0)
    world.table.reasons = ("TableWrite" + KEY_RANGE,)
    world.table.admit = lambda _, items: [item.document_id != "d1" for item in items]
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(9)]
    assert world.process(entries, seconds=20.0) == {"batchItemFailures": [{"itemIdentifier": make.number(1)}]}
    assert len(world.table.items) == 8


def test_the_share_follows_the_tables_capacity(make: Any) -> None:
    """With four environments, a table of 400 units means a share of 100, whatever was configured."""
    world = make.world(share=1.0)
    world.table.units = 400.0
    world.processor = replace(
        world.processor, dependencies=replace(world.processor.dependencies, capacity_watch=CapacityWatch(4))
    )
    world.process([make.entry(make.payload("a"), 1)])
    assert world.processor.dependencies.budget.share == 100.0
    world.process([make.entry(make.payload("b"), 2)])
    assert len(world.table.asked_at) == 1
