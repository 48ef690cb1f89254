from __future__ import annotations

import time
from functools import partial

import pytest
from botocore.retries import bucket

from benchmarks.virtual_time import EPOCH, Killed, VirtualTime


def test_tasks_wake_in_the_order_of_their_moments() -> None:
    """Two tasks that sleep differently long take turns by the clock, which moves only in sleeps."""
    virtual, seen = VirtualTime(), list[tuple[str, float]]()

    def task(name: str, nap: float) -> None:
        for _ in range(3):
            virtual.sleep(nap)
            seen.append((name, virtual.now))

    virtual.spawn(partial(task, "slow", 2.0))
    virtual.spawn(partial(task, "fast", 0.75))
    virtual.run(10.0)
    assert seen == [
        ("fast", 0.75),
        ("fast", 1.5),
        ("slow", 2.0),
        ("fast", 2.25),
        ("slow", 4.0),
        ("slow", 6.0),
    ]
    assert virtual.now == 10.0


def test_a_run_stops_at_its_end_and_goes_on_from_there() -> None:
    """What would happen later is kept for the next run."""
    virtual, woken = VirtualTime(), list[float]()

    def task() -> None:
        virtual.sleep(5.0)
        woken.append(virtual.now)

    virtual.spawn(task)
    virtual.run(4.0)
    assert (woken, virtual.now) == ([], 4.0)
    virtual.run(6.0)
    assert woken == [5.0]


def test_ordinary_code_sees_virtual_time() -> None:
    """Inside a run, time.sleep costs no time, and the clocks show the run's."""
    virtual, clocks = VirtualTime(), list[tuple[float, float]]()

    def task() -> None:
        time.sleep(3600.0)
        clocks.append((time.time() - EPOCH, time.monotonic()))

    before = time.monotonic()
    with virtual.patched():
        virtual.spawn(task)
        virtual.run(4000.0)
        assert time.monotonic() - before < 60.0
    assert clocks == [(3600.0, 3600.0)]


def test_calls_made_together_take_as_long_as_the_longest() -> None:
    """Results come in the order of the calls."""
    virtual, results = VirtualTime(), list[tuple[list[float], float]]()

    def nap(seconds: float) -> float:
        virtual.sleep(seconds)
        return seconds

    def task() -> None:
        found = virtual.together([partial(nap, seconds) for seconds in (2.0, 3.0, 1.0)])
        results.append((found, virtual.now))

    virtual.spawn(task)
    virtual.run(10.0)
    assert results == [([2.0, 3.0, 1.0], 3.0)]


def test_a_deadline_ends_a_sleep() -> None:
    """A task is killed at its deadline, and no handler for ordinary exceptions stops that."""
    virtual, ends = VirtualTime(), list[float]()

    def task() -> None:
        virtual.task.deadline = 1.5
        try:
            try:
                virtual.sleep(5.0)
            except Exception:  # noqa: BLE001 - what a careless handler would do
                ends.append(-1.0)
        except Killed:
            ends.append(virtual.now)

    virtual.spawn(task)
    virtual.run(10.0)
    assert ends == [1.5]


def test_an_error_ends_the_run() -> None:
    """Whoever runs a world learns what went wrong in it."""
    virtual = VirtualTime()

    def task() -> None:
        raise ValueError("broken")

    virtual.spawn(task)
    with pytest.raises(ValueError, match="broken"):
        virtual.run(1.0)
    virtual.close()


def test_a_wait_too_short_to_move_the_clock_still_ends() -> None:
    """Botocore waits for what is left of a token, however little: the clock moves by a tick."""
    virtual, ends = VirtualTime(), list[float]()

    def task() -> None:
        virtual.sleep(734.0)
        condition = bucket.threading.Condition(bucket.threading.Lock())
        with condition:
            condition.wait(1e-17)
        ends.append(virtual.now)

    with virtual.patched():
        virtual.spawn(task)
        virtual.run(1000.0)
    assert 734.0 < ends[0] < 734.001
