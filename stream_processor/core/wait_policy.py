"""How long an invocation waits. Waiting is billed: stop as soon as it cannot lead to a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from stream_processor.core.backoff import CAPACITY
from stream_processor.core.write_budget.write_budget import READY_SECONDS

if TYPE_CHECKING:
    from stream_processor.core.ports import Clock, Randomness, TimeLeft
    from stream_processor.core.write_budget.write_budget import WriteBudget

SLEEP_SLICE_SECONDS: Final = 1.0
"""Longest single sleep: the budget's rate may change meanwhile."""

LAST_SECONDS: Final = 0.5
"""Time before the deadline in which nothing new is begun, whatever the reserve."""


class WaitLimits(NamedTuple):
    """The configured limits of waiting.

    Attributes:
        reserve_seconds: Time kept free before the invocation's deadline.
        max_wait_seconds: Longest wait for one request once the invocation has made progress.
    """

    reserve_seconds: float = 2.0
    max_wait_seconds: float = 10.0


class WaitPolicy:
    """The waits of one invocation.

    Args:
        clock: Tells the time and sleeps.
        random: Spreads the waits.
        budget: The write budget that waits are for.
        limits: The configured limits.
        time_left: The invocation's deadline.

    Attributes:
        time_left: Seconds until the invocation's deadline.
        waited_seconds: Billed time spent waiting so far.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        random: Randomness,
        budget: WriteBudget,
        limits: WaitLimits,
        time_left: TimeLeft,
    ) -> None:
        self._clock = clock
        self._random = random
        self._budget = budget
        self._limits = limits
        self.time_left = time_left
        self.waited_seconds = 0.0

    def spare_seconds(self) -> float:
        """Return the time before the reserve begins; 0 if there is none."""
        spare = self.time_left() - self._limits.reserve_seconds
        return spare if spare > READY_SECONDS else 0.0

    def last_seconds(self) -> float:
        """Return the time before nothing new may be begun, the reserve included."""
        return max(0.0, self.time_left() - LAST_SECONDS)

    def is_over(self) -> bool:
        """Return whether the deadline is so close that nothing new may be begun."""
        return not self.last_seconds()

    def next_attempt_at(self, attempts: int) -> float:
        """Return the time before which items that the table rejected so often are left alone."""
        return self._clock.now() + CAPACITY.delay(attempts, self._random)

    def wait_for_dependency(self, attempts: int) -> bool:
        """Wait for a dependency that failed so often; False if giving back what is left is better.

        A batch given back without progress uses up one of the mapping's retries, and when they are gone all
        that is left of it is discarded: an outage of seconds would cost good records. Held until the
        deadline, the same few retries outlast minutes. Not to be called once a record is finished: there is
        nothing to lose then.
        """
        spare = self.spare_seconds()
        if not spare:
            return False
        self._sleep(min(spare, CAPACITY.delay(attempts, self._random)))
        return self.spare_seconds() > 0

    def wait_for_capacity(self, units: float, not_before: float, *, has_progress: bool) -> bool:
        """Wait until that many units may be sent; False if that is not worth it or not possible any more.

        Args:
            units: What is to be sent.
            not_before: Time before which it must not be.
            has_progress: True if the first record is finished: then a long wait is not worth its price.
        """
        while spare := self.spare_seconds():
            now = self._clock.now()
            wait = max(not_before - now, self._budget.wait_for(units, now))
            if wait <= 0:
                return True
            if has_progress and wait > min(spare, self._limits.max_wait_seconds):
                return False
            nap = min(wait, spare, SLEEP_SLICE_SECONDS)
            self._sleep(nap)
            self._budget.waited(nap, self._clock.now())
        return False

    def _sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
        self.waited_seconds += seconds
