"""The one exponential back-off of the function: how long to wait between attempts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from stream_processor.core.ports import Randomness


class Backoff(NamedTuple):
    """Waits that double from attempt to attempt, drawn evenly between two bounds.

    Attributes:
        shortest: Least seconds after the first attempt.
        longest: Most seconds after the first attempt.
        max_doublings: How often both double.
    """

    shortest: float
    longest: float
    max_doublings: int

    def delay(self, attempts: int, random: Randomness) -> float:
        """Return the seconds to wait after so many failed attempts, at least 1."""
        return random.uniform(self.shortest, self.longest) * float(2 ** min(attempts - 1, self.max_doublings))


CAPACITY: Final = Backoff(0.4, 1.2, max_doublings=2)
"""For a table without capacity, and for a dependency that is held until the deadline."""

TRANSIENT_FAULT: Final = Backoff(0.0, 0.1, max_doublings=4)
"""For a call that failed in the service or on the way to it: most of those succeed at once."""
