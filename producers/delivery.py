"""What became of an entry, and how long to wait before it is sent again. Pure: no client, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from producers.errors import ConfigurationError

INTERRUPTED: Final = "Interrupted"
"""Error code of documents that were not sent, or whose fate is not known, because sending was broken off."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The stream has the document.

    Attributes:
        partition_key: The document id, for a document.
        shard_id: The shard that took it.
        sequence_number: The place of its Kinesis record in the shard, a decimal number.
        sub_sequence_number: Its place inside an aggregate, from 0; None for a record of its own.
    """

    partition_key: str
    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Kinesis took an entry.

    Attributes:
        shard_id: The shard that took it.
        sequence_number: Its place there.
    """

    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an entry was not accepted.

    Attributes:
        code: The error code of Kinesis, or the name of the error of the connection.
        explanation: What happened, for people; no page text.
        send_again: Whether another attempt may help.
        throttled: Whether the shard had no room for it.
    """

    code: str
    explanation: str
    send_again: bool
    throttled: bool = False


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before sending again, and when to give up.

    Attributes:
        first_seconds: The wait after an attempt that got something accepted; doubled for each in a row that
            did not.
        longest_seconds: Where the doubling ends.
        attempts: Attempts in a row in which a shard accepts nothing, after which what was sent has failed.
            Any accepted record starts the count again: a slow shard is waited for, a dead one is not.
    """

    first_seconds: float = 0.1
    longest_seconds: float = 5.0
    attempts: int = 10

    def __post_init__(self) -> None:
        """Refuse values that would never send, or wait backwards."""
        if self.attempts < 1 or not 0 <= self.first_seconds <= self.longest_seconds:
            raise ConfigurationError(
                "backoff: expected at least 1 attempt and 0 <= first_seconds <= longest_seconds,"
                f" found {self.attempts}, {self.first_seconds} and {self.longest_seconds}"
            )

    def seconds(self, fruitless: int, chance: float) -> float:
        """Give the wait before the next attempt.

        Args:
            fruitless: Attempts in a row that got nothing accepted, from 0.
            chance: A random number from 0 to 1, so that producers do not come back all at once.

        Returns:
            Between half of the doubled wait and all of it.
        """
        # The exponent is bounded because 2.0 ** 1024 overflows.
        whole = min(self.longest_seconds, self.first_seconds * 2.0 ** min(fruitless, 60))
        return whole * (1 + chance) / 2
