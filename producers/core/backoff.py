"""Exponential back-off with jitter, for everything in this package that tries again. Only computes waits."""

from __future__ import annotations

from dataclasses import dataclass

from producers.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next attempt, and how many attempts to make.

    Attributes:
        first_seconds: The wait after the first failure in a row; doubled for each further one.
        longest_seconds: The upper bound of the doubled wait.
        attempts: Failed attempts in a row after which the caller stops trying. For a producer, an attempt
            fails when a shard accepts nothing of a request; any accepted record starts the count again, so
            a slow shard is waited for and a dead one is not.

    Raises:
        ConfigurationError: There is no attempt, or the waits are negative or in the wrong order.
    """

    first_seconds: float = 0.1
    longest_seconds: float = 5.0
    attempts: int = 10

    def __post_init__(self) -> None:
        """Reject values that would never send, or wait a negative time."""
        if self.attempts < 1 or not 0 <= self.first_seconds <= self.longest_seconds:
            raise ConfigurationError(
                "backoff: expected at least 1 attempt and 0 <= first_seconds <= longest_seconds,"
                f" found {self.attempts}, {self.first_seconds} and {self.longest_seconds}"
            )

    def seconds(self, failed_attempts: int, jitter: float) -> float:
        """Return the wait before the next attempt.

        Args:
            failed_attempts: Earlier failed attempts in a row, not counting the last one, from 0.
            jitter: A random number from 0 to 1, so that clients do not all come back at the same moment.

        Returns:
            Seconds, from half of the doubled wait (jitter 0) to all of it (jitter 1).
        """
        # The exponent is bounded because 2.0 ** 1024 overflows.
        whole = min(self.longest_seconds, self.first_seconds * 2.0 ** min(failed_attempts, 60))
        return whole * (1 + jitter) / 2
