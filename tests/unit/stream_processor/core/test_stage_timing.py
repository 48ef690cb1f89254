from __future__ import annotations

from typing import Any

from stream_processor.core.stage_timing import StageTimer


def test_each_stage_begins_where_the_last_ended(make: Any) -> None:
    """Stages are timed one after the other, and their sum is the time since the beginning."""
    clock = make.clock()
    timer = StageTimer(clock)
    clock.advance(2.0)
    timer.finish("read")
    clock.advance(0.5)
    timer.finish("classify")
    clock.advance(9.0)  # nobody has ended this one
    assert timer.seconds == {"read": 2.0, "classify": 0.5}
    assert timer.total == 2.5
