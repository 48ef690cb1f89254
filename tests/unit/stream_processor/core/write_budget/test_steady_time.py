"""Time that never goes back."""

from __future__ import annotations

import pytest

from stream_processor.core.write_budget.steady_time import SteadyTime


def test_it_is_the_clocks_time_without_its_steps_back() -> None:
    """While the clock goes on so does the time; when it is set back, the time goes on from where it was."""
    time = SteadyTime(100.0)
    said = [100.0, 105.0, 5.0, 7.0, 6.0, 10.0, 1000.0]
    assert [time.advance(now) for now in said] == pytest.approx([100, 105, 105, 107, 107, 111, 1101])


def test_reading_takes_no_note() -> None:
    """A question about a time to come moves nothing."""
    time = SteadyTime(100.0)
    assert time.read(200.0) == 200.0
    assert time.read(50.0) == 100.0
    assert time.advance(150.0) == 150.0
