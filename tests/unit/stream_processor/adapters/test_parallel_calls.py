from __future__ import annotations

import threading

from stream_processor.adapters.parallel_calls import run_parallel


def test_calls_are_made_at_the_same_time_and_answered_in_order() -> None:
    """Four calls that wait for one another all return, in the order in which they were given."""
    together = threading.Barrier(4, timeout=30)

    def call(number: int) -> int:
        together.wait()
        return number

    assert run_parallel([lambda number=number: call(number) for number in range(4)]) == [0, 1, 2, 3]  # type: ignore[misc]


def test_a_single_call_needs_no_thread() -> None:
    """One call is made where it is asked for."""
    assert run_parallel([threading.get_ident]) == [threading.get_ident()]
