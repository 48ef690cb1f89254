"""What the processor needs of the world, written as delivery contracts. No implementation lives here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.wire_format.claim_check import Claim
    from stream_processor.backlog import Drain
    from stream_processor.drift import Expectations, Gauges
    from stream_processor.errors import RejectRecord, TryLater
    from stream_processor.kinesis_event import Rejection
    from stream_processor.result_item import ResultItem
    from stream_processor.stages import Stage


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What the table did with the items it was given. What is in none of the lists is stored.

    Attributes:
        unprocessed: Items the table had no capacity for, in the order given.
        refused: Items the table will never take, whatever its capacity.
        superseded: Guarded items that were left out because a later version of the document is stored.
        unanswered: Items of requests that failed for another reason than capacity while others succeeded:
            each may be stored or not.
        units: Write capacity units consumed.
        requests: Requests that were made.
        throttled_requests: How many of those the table asked for less, by an error or by leaving items
            unprocessed.
        reasons: The ThrottlingReasons the table named; a partly served request names none.
        problems: Why requests were not answered, in one line each.
    """

    unprocessed: tuple[ResultItem, ...] = ()
    refused: tuple[ResultItem, ...] = ()
    superseded: tuple[ResultItem, ...] = ()
    unanswered: tuple[ResultItem, ...] = ()
    units: float = 0.0
    requests: int = 1
    throttled_requests: int = 0
    reasons: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def throttled(self) -> bool:
        """True if the table asked for less."""
        return self.throttled_requests > 0

    def __add__(self, other: WriteOutcome) -> WriteOutcome:
        """Take two requests' outcomes as one."""
        return WriteOutcome(
            unprocessed=self.unprocessed + other.unprocessed,
            refused=self.refused + other.refused,
            superseded=self.superseded + other.superseded,
            unanswered=self.unanswered + other.unanswered,
            units=self.units + other.units,
            requests=self.requests + other.requests,
            throttled_requests=self.throttled_requests + other.throttled_requests,
            reasons=self.reasons + other.reasons,
            problems=self.problems + other.problems,
        )


class ResultTable(Protocol):
    """Where results go. A put is idempotent: the same item twice leaves one item."""

    def put(self, items: Sequence[ResultItem], *, seconds: float) -> WriteOutcome:
        """Store items with distinct keys, in as many requests as they need, at the same time.

        Lack of capacity is an outcome, not an error. Transient faults are retried within ``seconds``.

        Args:
            items: 1 to 200 items, no key twice.
            seconds: Time this call may take; each request gets at least one attempt.

        Returns:
            What was not stored, and what it cost.

        Raises:
            TryLater: Every request failed: the table cannot be reached or used. Any of the items may have
                been stored.
        """
        ...

    def capacity(self) -> float | None:
        """Ask for the table's write capacity, in units a second.

        Returns:
            The provisioned units, or an on-demand table's maximum. None where there is none or where it
            cannot be known now; never raises for that.
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


Answer: TypeAlias = "bytes | RejectRecord | TryLater"
"""What became of fetching one claimed object: its bytes, why it can never be had, or why not now."""


class ClaimedObjects(Protocol):
    """Where the documents are that claims stand for. Only one bucket is read, whatever a claim says."""

    def fetch(self, claims: Sequence[Claim], *, seconds: float) -> Sequence[Answer]:
        """Read several objects at the same time; never more bytes of one than its claim says, and one more.

        Args:
            claims: At least one.
            seconds: Time after which no further object is begun and none is read on; the first claim gets
                one attempt, a short one, in any case.

        Returns:
            An answer for each claim, in their order. Never raises for a store that fails: an object that is
            not there, or has another size, is a ``RejectRecord``; all else is a ``TryLater``. The bytes'
            SHA-256 is for the caller to check.
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

    @property
    def expectations(self) -> Expectations:
        """What the model met in training."""
        ...

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        """Decide on each document, given as its pages, in one vectorised call."""
        ...

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = 5) -> list[tuple[Segment, ...]]:
        """Split each stack, given as its pages, into its documents, in one vectorised call."""
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
        shard_id: The shard the batch is of; empty if it held no record.
        records: Kinesis records received.
        stored: Documents whose result is in the table.
        review: How many of those are for a human to look at.
        superseded: Replayed documents of which the table holds a later version.
        quarantined: Documents or records put in the quarantine, by reason.
        not_done: Kinesis records left for the next delivery.
        requests: Requests made to the table.
        throttled: How many of those the table throttled.
        units: Write capacity units consumed.
        budget_rate: Units a second at which this environment may write, at the end of the batch.
        budget_share: Units a second that it believes to be its share of the table.
        waited_seconds: Paid time spent waiting for capacity.
        seconds: Time from receiving the batch to answering.
        stages: Seconds of that by stage; ``write`` includes waiting.
        age_seconds: Time since the batch's first record arrived on the stream.
        drain: How the shard's backlog develops; see ``backlog.Drain``.
        seconds_to_drain: Seconds until it is gone; None if unknown. See ``backlog.Outlook``.
        hours_to_expiry: Hours until the oldest record known expires; None if unknown.
        shadowed: Documents of which the shadow model said something.
        disagreements: How many of those it would give another label.
        drift: How far documents are from those of training; None while there are too few to say.
    """

    shard_id: str = ""
    records: int = 0
    stored: int = 0
    review: int = 0
    superseded: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)
    not_done: int = 0
    requests: int = 0
    throttled: int = 0
    units: float = 0.0
    budget_rate: float = 0.0
    budget_share: float = 0.0
    waited_seconds: float = 0.0
    seconds: float = 0.0
    stages: Mapping[Stage, float] = field(default_factory=dict)
    age_seconds: float = 0.0
    drain: Drain = "unknown"
    seconds_to_drain: float | None = None
    hours_to_expiry: float | None = None
    shadowed: int = 0
    disagreements: int = 0
    drift: Gauges | None = None

    @property
    def accepted(self) -> int:
        """Documents stored whose label needs no human."""
        return self.stored - self.review


class Metrics(Protocol):
    """Tells people what happened. Never raises, never shows page text or a payload."""

    def serving(self, engine: str, model_version: str) -> None:
        """Say which engine serves which model, once for an environment."""
        ...

    def rejected(self, rejection: Rejection) -> None:
        """Say that a rejection was put in the quarantine."""
        ...

    def trouble(self, problem: str) -> None:
        """Say, in one line without page text, that a dependency failed."""
        ...

    def batch(self, summary: BatchSummary) -> None:
        """Say what became of a batch."""
        ...
