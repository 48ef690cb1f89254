"""Time that never goes back, made of a clock that may. Pure.

A monotonic clock is one only within a process that is not frozen: an environment that is restored may find it
set back. What is reckoned in differences would then wait for the old time to come again.
"""

from __future__ import annotations


class SteadyTime:
    """The clock's time, without its steps back: while it goes back, no time passes.

    Args:
        now: What the clock says.
    """

    def __init__(self, now: float) -> None:
        self._latest = now
        self._set_back = 0.0

    def read(self, now: float) -> float:
        """Return the time for what the clock says, without taking note of it; never less than the latest."""
        return max(now + self._set_back, self._latest)

    def advance(self, now: float) -> float:
        """Take note of what the clock says; return the time, never less than before."""
        self._latest = self.read(now)
        self._set_back = self._latest - now
        return self._latest
