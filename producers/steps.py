"""What a schedule answers, and the rules it is given: data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from producers.delivery import Backoff, Receipt
from producers.errors import ConfigurationError
from producers.parcels import Aggregation

if TYPE_CHECKING:
    from producers.errors import DeliveryError
    from producers.outbox import Request
    from producers.parcels import Item


@dataclass(frozen=True, slots=True)
class Look:
    """Ask for the open shards, and call ``looked`` with the answer."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request, and call ``answered`` with its results."""

    request: Request


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do for so many seconds, unless something is put or answered."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Settled:
    """What finally became of an item."""

    item: Item
    outcome: Receipt | DeliveryError


@dataclass(frozen=True, slots=True)
class Rules:
    """How a delivery behaves.

    Attributes:
        aggregation: How documents are packed; None for a Kinesis record each.
        linger_seconds: Seconds a document may wait for company.
        backoff: How long to wait after failures, and when to give up.
    """

    aggregation: Aggregation | None = field(default_factory=Aggregation)
    linger_seconds: float = 0.2
    backoff: Backoff = field(default_factory=Backoff)

    def __post_init__(self) -> None:
        """Refuse a time that never ends."""
        if not 0 <= self.linger_seconds <= 3600:
            raise ConfigurationError(f"linger: expected 0 to 3600 seconds, found {self.linger_seconds}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait or be under way, and in how many requests.

    Attributes:
        documents: Documents without an answer, at least 1.
        bytes: Their bytes as they go onto the stream; one document is taken whatever its size.
        requests: PutRecords calls under way at once, 1 to 64. A shard never takes part in two of them.
    """

    documents: int = 10_000
    bytes: int = 64 * 1024 * 1024
    requests: int = 4

    def __post_init__(self) -> None:
        """Refuse bounds that let nothing through."""
        if self.documents < 1 or self.bytes < 1 or not 1 <= self.requests <= 64:
            raise ConfigurationError(
                "bounds: expected at least 1 document, 1 byte and 1 to 64 requests,"
                f" found {self.documents}, {self.bytes} and {self.requests}"
            )
