"""The table knows the newest version of a document, and no environment does: whoever writes, and whenever."""

from __future__ import annotations

from typing import Any

import pytest

FINISHED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


def labels(world: Any) -> dict[str, str]:
    """What the table says of each document."""
    return {key: item["label"]["S"] for key, item in world.table.items.items()}


def limited(world: Any, rate: float) -> None:
    """Let the table take so many items a second, of which it saves up a second's."""
    level, at = rate, world.clock.now()

    def admit(_: int, items: Any) -> list[bool]:
        nonlocal level, at
        level, at = min(rate, level + rate * (world.clock.now() - at)), world.clock.now()
        room = [place < int(level) for place in range(len(items))]
        level -= sum(room)
        return room

    world.table.admit = admit


def test_a_table_made_anew_gets_all_of_an_aggregate(make: Any) -> None:
    """An environment that wrote half of an aggregate trusts nothing but the table about what is stored."""
    world = make.world(share=5.0)
    limited(world, 5.0)
    names = [f"d{n}" for n in range(400)]
    entries = [make.entry(make.aggregate([make.payload(name) for name in names]), 1)]
    assert world.process(entries, seconds=50.0) != FINISHED
    assert 100 < len(world.table.items) < 400
    world.table.items.clear()
    world.drain(entries, seconds=50.0)
    assert set(world.table.items) == set(names)


def test_an_environment_whose_answer_was_lost_does_not_hide_what_another_wrote(make: Any) -> None:
    """The newer version is stored in the end, though another environment wrote the older one after it."""
    world = make.world()
    older = make.entry(make.payload("x", "old"), 1)
    newer = make.entry(make.aggregate([make.payload("x", "new"), make.payload("y")]), 2)
    world.table.admit = lambda _, items: [item.document_id != "y" for item in items]
    assert world.process([older, newer]) != FINISHED  # and this answer never arrives
    first = world.processor
    world.restart()
    world.table.admit = lambda _, items: [True] * len(items)
    assert world.process([older]) == FINISHED
    world.processor = first
    assert world.process([newer]) == FINISHED
    assert labels(world) == {"x": "new", "y": "invoice"}


def test_an_older_version_never_replaces_a_newer_one(world: Any, make: Any) -> None:
    """A batch that is delivered late, or again, leaves the later version where it is, and counts so."""
    older, newer = make.entry(make.payload("x", "old"), 1), make.entry(make.payload("x", "new"), 2)
    assert world.process([newer]) == FINISHED
    assert world.process([older, make.entry(make.payload("y"), 1)]) == FINISHED
    assert labels(world) == {"x": "new", "y": "invoice"}
    assert (world.metrics.batches[1].superseded, world.metrics.batches[1].stored) == (1, 1)


def test_a_later_version_replaces_an_older_one(world: Any, make: Any) -> None:
    """Documents that have a result get the new one, together with others or alone."""
    for number, word in enumerate(["one", "two", "three"]):
        entries = [make.entry(make.payload(name, word), number) for name in "xyz"[: 3 - number]]
        assert world.process(entries) == FINISHED
    assert labels(world) == {"x": "three", "y": "two", "z": "one"}


def test_an_aggregate_larger_than_an_invocation_ends_wherever_it_is_delivered(make: Any) -> None:
    """Each delivery, to a cold environment, goes on where the last ended, and writes nothing twice."""
    world = make.world(share=20.0)
    limited(world, 20.0)
    entries = [make.entry(make.aggregate([make.payload(f"d{n}") for n in range(900)]), 1)]
    deliveries = 1
    while world.process(entries, seconds=14.0) != FINISHED and deliveries <= 6:
        deliveries += 1
        world.restart()
    assert deliveries <= 6
    assert len(world.table.items) == len(world.table.stored_keys) == 900
    spent = sum(batch.units for batch in world.metrics.batches)
    assert spent <= 900 + 4 * deliveries, "a delivery pays for one step of what is stored"


def test_a_table_that_cannot_be_asked_is_written_to(make: Any) -> None:
    """Without an answer every document is sent, and the table itself keeps what it has."""
    world = make.world(share=50.0)
    world.table.answers_questions = False
    entries = [make.entry(make.payload(f"d{n}"), n) for n in range(90)]
    assert world.process(entries) == world.process(entries) == FINISHED
    assert len(world.table.stored_keys) == 90


def test_nothing_is_asked_while_nothing_is_met(world: Any, make: Any) -> None:
    """New documents cost no question; one that exists costs one for itself, and one for those after it."""
    world.process([make.entry(make.payload(f"d{n:03d}"), n) for n in range(230)])
    assert not world.table.questions
    world.process([make.entry(make.payload(f"{'d' if n < 10 else 'e'}{n:03d}"), n) for n in range(500)])
    assert [len(keys) for keys in world.table.questions] == [10, 100]


def test_a_result_of_another_model_replaces_that_of_the_same_version(world: Any, make: Any) -> None:
    """A stream that is read again after a change of the model gets the new model's results."""
    entries = [make.entry(make.payload(name), number) for number, name in enumerate("ab")]
    world.process(entries)
    world.classifier.model_version = "m2"
    assert world.process(entries) == FINISHED
    assert {item["model_version"]["S"] for item in world.table.items.values()} == {"m2"}


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ({"version": 2}, {"version": 1}, "first"),
        ({"version": 1}, {"version": 2}, "second"),
        ({"version": 9}, {"version": 10}, "second"),
        ({"version": 1}, {"version": 1}, "second"),
        ({"version": 1}, {}, "first"),
        ({}, {"version": 0}, "second"),
        ({"version": 2**63 - 1}, {"version": "2026-01-01T00:00:00Z"}, "second"),
        ({"version": "2026-01-01T00:00:00Z"}, {"version": 7}, "first"),
        ({"version": "2026-01-01T00:00:00+02:00"}, {"version": "2025-12-31T23:00:00Z"}, "second"),
        ({"version": "2026-01-01T00:00:00.5Z"}, {"version": "2026-01-01T00:00:00Z"}, "first"),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_a_producers_version_goes_before_sequence_numbers(
    world: Any,
    make: Any,
    first: dict[str, Any],
    second: dict[str, Any],
    left: str,
    together: bool,  # noqa: FBT001 - a case
) -> None:
    """In one batch or in two: the later version stays, equal ones are ordered by their records."""
    entries = [
        make.entry(make.payload("x", "first", **first), 1),
        make.entry(make.payload("x", "second", **second), 2),
    ]
    for batch in [entries] if together else [entries[:1], entries[1:]]:
        assert world.process(batch) == FINISHED
    assert labels(world) == {"x": left}
