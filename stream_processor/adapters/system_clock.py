"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """The operating system's time; see ``ports.Clock``."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def epoch(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)
