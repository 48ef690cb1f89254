"""How an environment probes for capacity above its share, and what that may cost. Pure arithmetic.

Rates are write capacity units a second, times are seconds. When to probe is decided in write_budget.py.
"""

from __future__ import annotations

from typing import Final

REQUESTS_PER_THROTTLE: Final = 250
"""Unthrottled requests that pay for one throttle: keeps the throttled ratio near 0.4 %, however many batches
of a shard run at the same time."""

DEEPEST_DEBT: Final = -8.0
"""Parallel requests that meet a dry table cost several throttles at once, and all are paid for."""

GENTLE_SECONDS: Final = 25.0
"""First part of a probe: half a share more, over this much time spent waiting for tokens."""
GENTLE_GAIN: Final = 0.5
DOUBLE_SECONDS: Final = 5.0
MAX_DOUBLINGS: Final = 10
SLOW_START_SECONDS: Final = 2.0
MAX_SLOW_START_DOUBLINGS: Final = 12


def slow_start_rate(share: float, seconds: float) -> float:
    """Return the rate while nothing is known of the table, after so many seconds spent short of tokens."""
    return share * float(2 ** min(seconds / SLOW_START_SECONDS, MAX_SLOW_START_DOUBLINGS))


def probe_rate(share: float, seed: float, seconds: float) -> float:
    """Return the rate of a probe, after so many seconds spent short of tokens.

    Gently at first, so that the other environments come along; then it doubles.

    Args:
        share: The fair share now.
        seed: The configured share.
        seconds: How long the probe has been going on.
    """
    if seconds < GENTLE_SECONDS:
        return share + GENTLE_GAIN * seed * seconds / GENTLE_SECONDS
    doublings = min((seconds - GENTLE_SECONDS) / DOUBLE_SECONDS, MAX_DOUBLINGS)
    return (share + GENTLE_GAIN * seed) * float(2**doublings)


class ThrottleCredit:
    """The throttled requests that unthrottled ones have paid for: one at most, and less than none after many.

    Attributes:
        good_requests: Requests in a row that were not throttled.
    """

    def __init__(self) -> None:
        self._credit = 0.0
        self.good_requests = 0

    @property
    def covers_one(self) -> bool:
        """True if a probe has been paid for."""
        return self._credit >= 1.0 - 1e-9  # a sum of 250 floats

    def earn(self, requests: int) -> None:
        """Take note of unthrottled requests."""
        self.good_requests += requests
        self._credit = min(1.0, self._credit + requests / REQUESTS_PER_THROTTLE)

    def spend(self, requests: int) -> None:
        """Take note of throttled requests."""
        self.good_requests = 0
        # One throttle uses up what was saved; without savings it is no debt, since nobody chose to cause it.
        # The others that were sent at the same time are debts.
        self._credit = max(DEEPEST_DEBT, min(self._credit, 0.0) - (requests - 1))
