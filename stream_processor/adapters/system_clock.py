"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """Time as the operating system tells it; see ``ports.Clock``."""

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def epoch(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)
