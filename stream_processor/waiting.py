"""How long an invocation waits. Waiting is paid for: it ends where it would not lead to a write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream_processor.write_budget import READY_SECONDS, retry_delay

if TYPE_CHECKING:
    from stream_processor.delivery import Surroundings
    from stream_processor.ports import TimeLeft

SLEEP_SLICE_SECONDS: Final = 1.0
"""Longest single sleep: the budget's rate may change meanwhile."""

LAST_SECONDS: Final = 0.5
"""Time before the deadline in which nothing new is begun, whatever the reserve."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What configuration says of time.

    Attributes:
        reserve_seconds: Time kept free before the invocation's deadline.
        max_wait_seconds: Longest wait for one request once the invocation has made progress.
    """

    reserve_seconds: float = 2.0
    max_wait_seconds: float = 10.0


class Waiting:
    """The waits of one invocation.

    Args:
        surroundings: Clock, dice and budget.
        time_left: The invocation's deadline.

    Attributes:
        waited_seconds: Paid time spent waiting so far.
    """

    def __init__(self, surroundings: Surroundings, time_left: TimeLeft) -> None:
        self._outside = surroundings
        self._time_left = time_left
        self.waited_seconds = 0.0

    def spare_seconds(self) -> float:
        """Give the time before the reserve begins; 0 if there is none."""
        spare = self._time_left() - self._outside.pace.reserve_seconds
        return spare if spare > READY_SECONDS else 0.0

    def next_try(self, tries: int) -> float:
        """Give the time before which items that were rejected so often are left alone."""
        return self._outside.clock.now() + retry_delay(tries, self._outside.random)

    def hold(self, tries: int) -> bool:
        """Wait for a dependency that failed so often; False if giving back what is left is better.

        A batch given back without progress uses up one of the mapping's retries, and when they are gone all
        that is left of it is discarded: an outage of seconds would cost good records. Held until the
        deadline, the same few retries outlast minutes. Not to be called once a record is finished: there is
        nothing to lose then.
        """
        spare = self.spare_seconds()
        if not spare:
            return False
        self._sleep(min(spare, retry_delay(tries, self._outside.random)))
        return self.spare_seconds() > 0

    def for_turn(self, units: float, not_before: float, *, has_progress: bool) -> bool:
        """Wait until that many units may go; False if that is not worth it or not possible any more.

        Args:
            units: What is to be sent.
            not_before: Time before which it must not be.
            has_progress: True if the first record is finished: then a long wait is not worth its price.
        """
        clock, budget = self._outside.clock, self._outside.budget
        while spare := self.spare_seconds():
            now = clock.now()
            wait = max(not_before - now, budget.wait_for(units, now))
            if wait <= 0:
                return True
            if has_progress and wait > min(spare, self._outside.pace.max_wait_seconds):
                return False
            nap = min(wait, spare, SLEEP_SLICE_SECONDS)
            self._sleep(nap)
            budget.waited(nap, clock.now())
        return False

    def _sleep(self, seconds: float) -> None:
        self._outside.clock.sleep(seconds)
        self.waited_seconds += seconds
