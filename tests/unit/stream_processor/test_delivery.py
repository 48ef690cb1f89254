from __future__ import annotations

import math
from typing import Any

import pytest

from stream_processor.delivery import KEY_RANGE, Pace
from stream_processor.errors import TryLater

PROVISIONED = "TableWriteProvisionedThroughputExceeded"


@pytest.mark.parametrize(
    ("reasons", "strong"),
    [
        ((PROVISIONED,), True),
        (("TableWrite" + KEY_RANGE,), False),
        ((PROVISIONED, KEY_RANGE), False),
        ((), False),
    ],
)
def test_only_a_named_table_throttle_is_strong_evidence(
    make: Any,
    reasons: tuple[str, ...],
    strong: bool,  # noqa: FBT001 - a table's column
) -> None:
    """A throttle that names the table's throughput cuts by 0.8; a hot key range or no name cuts by 0.85."""
    world = make.world(share=10.0)
    world.table.reasons = reasons
    world.table.admit = lambda number, items: [False] * len(items)
    world.clock.advance(60.0)
    world.process([make.entry(make.payload("a"), 1)], seconds=2.3)
    assert world.processor.surroundings.budget.share == pytest.approx(8.0 if strong else 8.5)


def test_rejected_items_are_left_alone_for_a_while(make: Any) -> None:
    """Between a rejection and the next try lie at least the jittered delays, which grow with each try."""
    world = make.world()
    world.table.admit = lambda number, items: [number >= 4] * len(items)
    world.process([make.entry(make.payload("a"), 1)])
    gaps = [
        later - sooner for sooner, later in zip(world.table.sent_at, world.table.sent_at[1:], strict=False)
    ]
    assert len(gaps) == 4
    for gap, doubled in zip(gaps, (2, 4, 8, 8), strict=True):
        assert 0.2 * doubled <= gap <= 0.6 * doubled + 0.05


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
    world = make.world(share=2.0, pace=Pace(reserve_seconds=reserve))
    started = world.clock.now()
    world.process([make.entry(make.payload(f"d{n}"), n) for n in range(200)], seconds=30.0)
    assert world.table.sent_at[-1] - started <= 30.0 - reserve
    assert world.table.sent_at[-1] - started > 30.0 - reserve - 1.0


def test_does_not_pay_for_what_comes_after_a_stuck_rejection(world: Any, make: Any) -> None:
    """If a rejection cannot be stored, records after it are not written in this invocation."""
    world.quarantine.fails = lambda _: True
    entries = [make.entry(b"junk", 1), make.entry(make.payload("a"), 2)]
    world.process(entries)
    assert not world.table.requests


def test_flood_of_poison_stops_at_the_deadline(world: Any, make: Any) -> None:
    """Storing rejections takes time too: when it is up, the rest is left for the next delivery."""
    store = world.quarantine.store

    def slowly(rejections: Any, *, seconds: float) -> Any:
        world.clock.advance(10.0)
        return store(rejections, seconds=seconds)

    world.quarantine.store = slowly
    entries = [make.entry(b"junk", number) for number in range(500)]
    answer = world.process(entries, seconds=25.0)
    assert answer == {"batchItemFailures": [{"itemIdentifier": make.number(300)}]}
    assert len(world.quarantine.stored) == 300


def test_an_outage_is_held_while_nothing_is_finished(world: Any, make: Any) -> None:
    """Giving back without progress would use up a retry: the table is asked again until the deadline."""
    down = TryLater("BatchWriteItem failed with InternalServerError")
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
    entries = [make.entry(make.payload(f"d{n:02d}"), n) for n in range(30)]
    assert world.process(entries) == {"batchItemFailures": [{"itemIdentifier": make.number(25)}]}
    assert len(world.table.requests) == 2
    assert not world.clock.slept
