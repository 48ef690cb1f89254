"""What became of a batch, and how long to wait before sending its rest again. Pure: no client, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from producers.errors import ConfigurationError, DeliveryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producers.packing import Entry

INTERRUPTED: Final = "Interrupted"
"""Error code of records that were not sent, or whose fate is not known, because sending was broken off."""

_UNSENT: Final = (INTERRUPTED, "sending was broken off before its turn")
_IN_FLIGHT: Final = (INTERRUPTED, "sending was broken off before Kinesis answered; it may have been accepted")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Kinesis accepted the record.

    Attributes:
        partition_key: The document id, for a document.
        shard_id: The shard that took it.
        sequence_number: Its place in the shard, a decimal number.
    """

    partition_key: str
    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an entry was not accepted.

    Attributes:
        code: The error code of Kinesis, or the name of the error of the connection.
        explanation: What happened, for people; no page text.
        send_again: Whether another attempt may help.
    """

    code: str
    explanation: str
    send_again: bool


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before sending again, and when to give up.

    Attributes:
        first_seconds: The wait after an attempt that got something accepted; doubled for each in a row that
            did not.
        longest_seconds: Where the doubling ends.
        attempts: Attempts in a row that get nothing accepted, after which the rest has failed. Any accepted
            record starts the count again: a slow shard is waited for, a dead one is not.
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


@dataclass(slots=True)
class Delivery:
    """What became of each entry of one batch; true at every moment, also when sending is broken off.

    Attributes:
        entries: The entries, with distinct partition keys.
        pending: Positions in ``entries`` that are worth sending (again), ascending.
        outcomes: By position: the receipt, or code and explanation of the last failure.
        requests: PutRecords calls made.
        retried_records: Entries sent again, counted each time.
        fruitless: Calls in a row that got nothing accepted.
    """

    entries: Sequence[Entry]
    pending: list[int] = field(init=False)
    outcomes: dict[int, Receipt | tuple[str, str]] = field(default_factory=dict)
    requests: int = 0
    retried_records: int = 0
    fruitless: int = 0

    def __post_init__(self) -> None:
        """All entries are to be sent."""
        self.pending = list(range(len(self.entries)))

    def begin_request(self) -> list[Entry]:
        """Note that the pending entries are being sent, and return them.

        Until ``end_request`` nobody knows their fate, and that is what their outcome says.
        """
        if self.requests:
            self.retried_records += len(self.pending)
        self.requests += 1
        self.outcomes.update(dict.fromkeys(self.pending, _IN_FLIGHT))
        return [self.entries[position] for position in self.pending]

    def end_request(self, results: Sequence[Receipt | Failure]) -> None:
        """Note the results of the pending entries, in their order."""
        pending = []
        accepted = False
        for position, result in zip(self.pending, results, strict=True):
            if isinstance(result, Receipt):
                accepted = True
                self.outcomes[position] = result
                continue
            self.outcomes[position] = (result.code, result.explanation)
            if result.send_again:
                pending.append(position)
        self.pending = pending
        self.fruitless = 0 if accepted else self.fruitless + 1

    def result(self, position: int) -> Receipt | DeliveryError:
        """Give the receipt of an entry, or the error it has now."""
        outcome = self.outcomes.get(position, _UNSENT)
        if isinstance(outcome, Receipt):
            return outcome
        return DeliveryError(self.entries[position].partition_key, *outcome)
