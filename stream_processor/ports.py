"""What the processor needs of the world, written as delivery contracts. No implementation lives here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifier.decision import Decision
    from stream_processor.kinesis_event import Rejection
    from stream_processor.result_item import ResultItem


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What the table did with one request.

    Attributes:
        unprocessed: Items the table had no capacity for, in the order given. Everything else is stored,
            except what is in ``refused``.
        refused: Items the table will never take, whatever its capacity.
        units: Write capacity units consumed.
        throttled: True if the table asked for less, by an error or by leaving items unprocessed.
        reasons: The ThrottlingReasons the table named; a partly served request names none.
    """

    unprocessed: tuple[ResultItem, ...] = ()
    refused: tuple[ResultItem, ...] = ()
    units: float = 0.0
    throttled: bool = False
    reasons: tuple[str, ...] = ()


class ResultTable(Protocol):
    """Where results go. A put is idempotent: the same item twice leaves one item."""

    def put(self, items: Sequence[ResultItem], *, seconds: float) -> WriteOutcome:
        """Store up to 25 items with distinct keys, in one request.

        Lack of capacity is an outcome, not an error. Transient faults are retried within ``seconds``.

        Args:
            items: 1 to 25 items, no key twice.
            seconds: Time this call may take; it makes at least one attempt.

        Returns:
            What was not stored, and what it cost.

        Raises:
            TryLater: The table cannot be reached or used. Any of the items may have been stored.
        """
        ...


class Quarantine(Protocol):
    """Where poison goes, whole. Storing is idempotent: the same rejection twice leaves one object."""

    def store(self, rejections: Sequence[Rejection], *, seconds: float) -> tuple[Rejection, ...]:
        """Store every rejection; a failure of one does not keep the others from being tried.

        Args:
            rejections: Any number of them.
            seconds: Time after which no further attempt is begun; the first rejection gets one in any case.

        Returns:
            Those that are not known to be stored, in the order given. Never raises for a store that fails.
        """
        ...


class Labeller(Protocol):
    """Says what documents are. The same pages give the same decision, whatever else is in the batch."""

    @property
    def model_version(self) -> str:
        """The short content hash of the model that decides."""
        ...

    @property
    def witness(self) -> Sequence[str]:
        """The pages of a document that a sound classifier decides: tells a broken one from a bad document."""
        ...

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        """Decide on each document, given as its pages, in one vectorised call."""
        ...


class Clock(Protocol):
    """Both halves of time, in seconds."""

    def now(self) -> float:
        """Monotonic time; only differences mean something."""
        ...

    def epoch(self) -> float:
        """Wall-clock time since 1970, to be compared with arrival times."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that much time pass. It is paid for."""
        ...


class Randomness(Protocol):
    """Where jitter comes from."""

    def uniform(self, a: float, b: float, /) -> float:
        """A number between the two."""
        ...


class TimeLeft(Protocol):
    """The invocation's own deadline."""

    def __call__(self) -> float:
        """Seconds until Lambda kills the invocation."""
        ...


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What became of one batch, for people and alarms.

    Attributes:
        records: Kinesis records received.
        stored: Documents whose result is in the table.
        review: How many of those are for a human to look at.
        quarantined: Documents or records put in the quarantine, by reason.
        not_done: Kinesis records left for the next delivery.
        requests: Requests made to the table.
        throttled: How many of those the table throttled.
        units: Write capacity units consumed.
        waited_seconds: Paid time spent waiting for capacity.
        seconds: Time from receiving the batch to answering.
        age_seconds: Time since the batch's first record arrived on the stream.
    """

    records: int = 0
    stored: int = 0
    review: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)
    not_done: int = 0
    requests: int = 0
    throttled: int = 0
    units: float = 0.0
    waited_seconds: float = 0.0
    seconds: float = 0.0
    age_seconds: float = 0.0


class Metrics(Protocol):
    """Tells people what happened. Never raises, never shows page text or a payload."""

    def rejected(self, rejection: Rejection) -> None:
        """Say that a rejection was put in the quarantine."""
        ...

    def trouble(self, problem: str) -> None:
        """Say, in one line without page text, that a dependency failed."""
        ...

    def batch(self, summary: BatchSummary) -> None:
        """Say what became of a batch."""
        ...
