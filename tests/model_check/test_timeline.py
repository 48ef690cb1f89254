from __future__ import annotations

import pytest

from model_check.timeline import Timeline


def test_tasks_take_turns_in_the_order_of_their_times() -> None:
    """Whoever is due next runs, and nobody else, however many threads there are."""
    timeline, seen = Timeline(), list[tuple[float, str]]()

    def work(name: str, pause: float) -> None:
        for _ in range(3):
            timeline.sleep(pause)
            seen.append((timeline.now, name))

    timeline.start(lambda: work("a", 2.0))
    timeline.start(lambda: work("b", 3.0))
    timeline.at(5.0, lambda: seen.append((timeline.now, "call")))
    timeline.run()
    assert seen == [(2.0, "a"), (3.0, "b"), (4.0, "a"), (5.0, "call"), (6.0, "b"), (6.0, "a"), (9.0, "b")]


def test_calls_side_by_side_take_the_time_of_the_longest() -> None:
    """Results come in the order of the calls, and an error of one reaches whoever made them."""
    timeline = Timeline()

    def wait(seconds: float) -> float:
        timeline.sleep(seconds)
        if seconds == 7.0:
            raise ValueError("seven")
        return seconds

    good = timeline.start(lambda: (timeline.together([lambda: wait(3.0), lambda: wait(1.0)]), timeline.now))
    bad = timeline.start(lambda: timeline.together([lambda: wait(7.0), lambda: wait(1.0)]))
    timeline.run()
    assert good.result == ([3.0, 1.0], 3.0)
    assert isinstance(bad.error, ValueError)


def test_a_killed_task_does_nothing_more() -> None:
    """It ends where it waits, with what it had started; what follows its end is called."""
    timeline, seen = Timeline(), list[str]()
    owner = object()

    def work() -> None:
        try:
            timeline.sleep(10.0)
        finally:
            seen.append("unwound")
        seen.append("went on")

    task = timeline.start(work, owner)
    task.at_end.append(lambda: seen.append(f"ended at {timeline.now:.0f}"))
    timeline.at(4.0, lambda: timeline.kill(owner, [task]))
    timeline.run()
    assert seen == ["unwound", "ended at 4"]
    assert task.error is None


def test_a_failing_call_ends_the_world() -> None:
    """A defect of the model itself is not taken for quiet."""
    timeline = Timeline()

    def fail() -> None:
        raise ZeroDivisionError

    timeline.at(1.0, fail)
    timeline.start(lambda: timeline.sleep(2.0))
    with pytest.raises(ZeroDivisionError):
        timeline.run()
