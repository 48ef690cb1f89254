from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stream_processor.adapters.system_clock import SystemClock

if TYPE_CHECKING:
    import pytest


def test_tells_both_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Differences come from the monotonic clock, ages from the wall clock, and sleep sleeps."""
    naps: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    monkeypatch.setattr(time, "sleep", naps.append)
    clock = SystemClock()
    clock.sleep(0.5)
    assert (clock.now(), clock.epoch(), naps) == (5.0, 1_700_000_000.0, [0.5])
