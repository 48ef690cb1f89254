"""What the processor needs of the world, written as delivery contracts. No implementation lives here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartcat.classifier.decision import Decision
    from smartcat.classifier.page_stream_segmentation import Segment
    from smartcat.wire_format.claim_check import Claim
    from stream_processor.core.batch_summary import BatchSummary
    from stream_processor.core.drift import TrainingBaseline
    from stream_processor.errors import RejectRecord, TryLater
    from stream_processor.storage_format.document_version import StoredVersion
    from stream_processor.storage_format.quarantine_object import RejectedRecord
    from stream_processor.storage_format.result_item import ResultItem


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What the table did with the items it was given. What is in none of the tuples of items is stored.

    Attributes:
        unprocessed: Items the table had no capacity for, in the order given.
        invalid: Items the table will never take, whatever its capacity.
        superseded: Items that were left out because a later version of the document is stored.
        kept: Items that were stored before, the same version by the same model: nothing was written.
        exists: Items that were not stored since something is stored under their keys, and it is not known
            what: to be asked for, or sent as conditional ones.
        unanswered: Items of requests that failed for another reason than capacity while others succeeded:
            each may be stored or not.
        units: Write capacity units consumed, of the table and not of its indexes.
        requests: Requests that were made.
        throttled_requests: How many of those the table throttled, by an error or by leaving items
            unprocessed.
        reasons: The ThrottlingReasons the table named; a request for several items names none.
        problems: Why requests were not answered, in one line each.
    """

    unprocessed: tuple[ResultItem, ...] = ()
    invalid: tuple[ResultItem, ...] = ()
    superseded: tuple[ResultItem, ...] = ()
    kept: tuple[ResultItem, ...] = ()
    exists: tuple[ResultItem, ...] = ()
    unanswered: tuple[ResultItem, ...] = ()
    units: float = 0.0
    requests: int = 1
    throttled_requests: int = 0
    reasons: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def throttled(self) -> bool:
        """True if the table throttled any request."""
        return self.throttled_requests > 0

    @property
    def met_stored(self) -> bool:
        """True if something was stored already: the batch may be one that comes again."""
        return bool(self.exists or self.kept or self.superseded)

    def __add__(self, other: WriteOutcome) -> WriteOutcome:
        """Return two requests' outcomes as one."""
        return WriteOutcome(
            unprocessed=self.unprocessed + other.unprocessed,
            invalid=self.invalid + other.invalid,
            superseded=self.superseded + other.superseded,
            kept=self.kept + other.kept,
            exists=self.exists + other.exists,
            unanswered=self.unanswered + other.unanswered,
            units=self.units + other.units,
            requests=self.requests + other.requests,
            throttled_requests=self.throttled_requests + other.throttled_requests,
            reasons=self.reasons + other.reasons,
            problems=self.problems + other.problems,
        )


class ResultTable(Protocol):
    """Where results go. An item replaces only an earlier version of its document, however late it lands.

    The same version is earlier where another model decided it. A put is idempotent: the same item twice
    leaves one item.
    """

    def put(self, items: Sequence[ResultItem], *, seconds: float) -> WriteOutcome:
        """Store items with distinct keys, in as many requests as they need, at the same time.

        Conditional items, and one that is alone in its request, replace an earlier version; the others are
        stored where nothing is.

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

    def stored(self, items: Sequence[ResultItem]) -> Mapping[str, StoredVersion | None]:
        """Return what the table holds now under the keys of items, read consistently, in one attempt.

        Args:
            items: Any number, no key twice.

        Returns:
            For each key what is stored, None for nothing. What is not known now is left out; never raises for
            that.
        """
        ...

    def capacity(self) -> float | None:
        """Return the table's write capacity, in units a second.

        Returns:
            The provisioned units, or an on-demand table's maximum. None where there is none or where it
            cannot be known now; never raises for that.
        """
        ...


class Quarantine(Protocol):
    """Where rejected records go, whole. Storing is idempotent: the same record twice leaves one object."""

    def store(self, records: Sequence[RejectedRecord], *, seconds: float) -> tuple[RejectedRecord, ...]:
        """Store every record; a failure of one does not keep the others from being tried.

        Args:
            records: Any number of them.
            seconds: Time after which no further attempt is begun; the first record gets one in any case.

        Returns:
            Those that are not known to be stored, in the order given. Never raises for a store that fails.
        """
        ...


FetchResult: TypeAlias = "bytes | RejectRecord | TryLater"
"""What became of fetching one claimed object: its bytes, why it can never be had, or why not now."""


class ClaimedObjects(Protocol):
    """Where the documents are that claims stand for. Only one bucket is read, whatever a claim names."""

    def fetch(self, claims: Sequence[Claim], *, seconds: float) -> Sequence[FetchResult]:
        """Read several objects at the same time; never more bytes of one than its claim gives, and one more.

        Args:
            claims: At least one.
            seconds: Time after which no further object is begun and none is read on; the first claim gets
                one attempt, a short one, in any case.

        Returns:
            A result for each claim, in their order. Never raises for a store that fails: an object that is
            not there, or has another size, is a ``RejectRecord``; all else is a ``TryLater``. The bytes'
            SHA-256 is for the caller to check.
        """
        ...


class DocumentClassifier(Protocol):
    """Decides what documents are. The same pages give the same decision, whatever else is in the batch."""

    @property
    def model_version(self) -> str:
        """The short content hash of the model that decides."""
        ...

    @property
    def canary_document(self) -> Sequence[str]:
        """The pages of a document that a sound classifier decides: a broken one fails on it."""
        ...

    @property
    def training_baseline(self) -> TrainingBaseline:
        """What the model met in training."""
        ...

    def classify(self, documents: Sequence[Sequence[str]], *, reasons: int = 5) -> list[Decision]:
        """Return a decision for each document, given as its pages, in one vectorised call."""
        ...

    def split(self, stacks: Sequence[Sequence[str]], *, reasons: int = 5) -> list[tuple[Segment, ...]]:
        """Return the documents in each stack, given as its pages, in one vectorised call."""
        ...


class Clock(Protocol):
    """Both halves of time, in seconds."""

    def now(self) -> float:
        """Return monotonic time; only differences mean something."""
        ...

    def epoch(self) -> float:
        """Return wall-clock time since 1970, to be compared with arrival times."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that much time pass. It is billed."""
        ...


class Randomness(Protocol):
    """Where jitter comes from."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return a number between the two."""
        ...


class TimeLeft(Protocol):
    """The invocation's own deadline."""

    def __call__(self) -> float:
        """Return the seconds until Lambda ends the invocation."""
        ...


class Metrics(Protocol):
    """Logs and metrics for people. Never raises, never shows page text or a payload."""

    def model_loaded(self, engine: str, model_version: str) -> None:
        """Report which engine serves which model, once for an environment."""
        ...

    def record_quarantined(self, rejected: RejectedRecord) -> None:
        """Report that a record was put in the quarantine."""
        ...

    def report_problem(self, problem: str) -> None:
        """Report, in one line without page text, that a dependency failed."""
        ...

    def batch_processed(self, summary: BatchSummary) -> None:
        """Report what became of a batch."""
        ...
