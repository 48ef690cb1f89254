"""Options of a delivery, checked when they are made. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field

from producers.core.backoff import Backoff
from producers.core.record_packing import Aggregation
from producers.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class SchedulerOptions:
    """How a scheduler packs, waits and retries.

    Attributes:
        aggregation: How documents are packed; None for one Kinesis record per document.
        linger_seconds: Seconds a document may wait for others to fill a batch, 0 to 3600.
        backoff: Waits after failures, and the number of attempts.

    Raises:
        ConfigurationError: ``linger_seconds`` is out of range.
    """

    aggregation: Aggregation | None = field(default_factory=Aggregation)
    linger_seconds: float = 0.2
    backoff: Backoff = field(default_factory=Backoff)

    def __post_init__(self) -> None:
        """Reject a linger time that is negative, endless or not a number."""
        if not 0 <= self.linger_seconds <= 3600:
            raise ConfigurationError(f"linger: expected 0 to 3600 seconds, found {self.linger_seconds}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a producer may hold, and in how many requests.

    Attributes:
        documents: Documents without an outcome, at least 1.
        bytes: Their bytes as they go onto the stream; one document is accepted whatever its size.
        requests: PutRecords calls in flight at once, 1 to 64. A shard never takes part in two of them.

    Raises:
        ConfigurationError: A bound is out of range.
    """

    documents: int = 10_000
    bytes: int = 64 * 1024 * 1024
    requests: int = 4

    def __post_init__(self) -> None:
        """Reject bounds that let nothing through."""
        if self.documents < 1 or self.bytes < 1 or not 1 <= self.requests <= 64:
            raise ConfigurationError(
                "bounds: expected at least 1 document, 1 byte and 1 to 64 requests,"
                f" found {self.documents}, {self.bytes} and {self.requests}"
            )
