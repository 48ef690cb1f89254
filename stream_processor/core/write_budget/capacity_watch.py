"""When to ask the table for its capacity, and what share of it follows. Pure: makes no request itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from stream_processor.core.write_budget.write_budget import PARTITION_BURST_UNITS
from stream_processor.storage_format.dynamodb_limits import PARTITION_WRITE_UNITS

if TYPE_CHECKING:
    from stream_processor.core.ports import Randomness

ASK_SECONDS: Final = 60.0
ASK_JITTER: Final = 0.2
SUSPICION_SECONDS: Final = 10.0
"""With a reason to doubt the capacity, wait no longer than this before asking again."""


class CapacityWatch:
    """Decides when DescribeTable is worth its 10 ms: at a cold start, every minute or so, and on suspicion.

    Args:
        environments: Environments that share the table (the function's reserved concurrency); None if that is
            not known, and then a capacity says nothing about a share.
    """

    def __init__(self, environments: int | None = None) -> None:
        self._environments = environments
        self._asked_at = -math.inf
        self._wait = 0.0

    def is_due(self, now: float, *, suspicious: bool) -> bool:
        """Return whether to ask now."""
        if self._environments is None:
            return False
        since = now - self._asked_at
        if since < 0:  # the clock was set back
            return True
        return since >= self._wait or (suspicious and since >= SUSPICION_SECONDS)

    def asked(self, now: float, random: Randomness) -> None:
        """Take note that the table was asked; the jitter keeps environments from asking in step."""
        self._asked_at = now
        self._wait = ASK_SECONDS * random.uniform(1 - ASK_JITTER, 1 + ASK_JITTER)

    def share_of(self, capacity: float) -> float:
        """Return this environment's share of that many units a second.

        Raises:
            ValueError: The number of environments is not known.
        """
        return capacity / self._known_environments()

    def burst_rate_of(self, capacity: float) -> float:
        """Return the rate at which this environment may spend what the table saved up.

        Raises:
            ValueError: The number of environments is not known.
        """
        partitions = max(1, math.ceil(capacity / PARTITION_WRITE_UNITS))
        return PARTITION_BURST_UNITS * partitions / self._known_environments()

    def _known_environments(self) -> int:
        if self._environments is None:
            raise ValueError("the number of environments is not known")
        return self._environments
