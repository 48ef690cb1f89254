from __future__ import annotations

from typing import Any

from stream_processor.stages import Stages


def test_each_stage_begins_where_the_last_ended(make: Any) -> None:
    """Stages are timed one after the other, and their sum is the time since the beginning."""
    clock = make.clock()
    stages = Stages(clock)
    clock.advance(2.0)
    stages.done("read")
    clock.advance(0.5)
    stages.done("classify")
    clock.advance(9.0)  # nobody has ended this one
    assert stages.seconds == {"read": 2.0, "classify": 0.5}
    assert stages.total == 2.5
