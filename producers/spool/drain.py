"""Taking documents out of a spool and putting them on the stream, again and again while AWS is unreachable.

Order: an id is at most once among the documents that are under way, and what failed goes first again; so no
document overtakes an earlier one of its id.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from producers.errors import (
    ClaimStoreError,
    ConfigurationError,
    DeliveryError,
    DocumentTooLargeError,
    ProducerClosedError,
    ProducersError,
)
from producers.spool.segments import SpoolError
from smartcat.wire_format.document import from_bytes
from smartcat.wire_format.errors import WireFormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producers.core.outcomes import Receipt
    from producers.spool.spool import Record, Spool
    from smartcat.wire_format.document import Document

BATCH_RECORDS: Final = 4000
BATCH_BYTES: Final = 8 * 1024 * 1024
"""What is under way at a time, at most."""

PROBE_RECORDS: Final = 20
"""What is sent while nothing gets through, to find out whether something does again."""

_MAX_DOCUMENT_BYTES: Final = 256 * 1024 * 1024

# Answers that will be the same tomorrow, unless somebody mends something. All others are waited out.
_HOPELESS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidArgumentException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSNotFoundException",
        "MissingAuthenticationToken",
        "NoCredentialsError",
        "OptInRequired",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
        "ValidationException",
    }
)


class Puts(Protocol):
    """What is needed of a producer."""

    def put(self, document: Document) -> Future[Receipt]:
        """Accept a document."""
        ...

    def flush(self) -> object:
        """Return once all that was put is accepted or failed."""
        ...


class Kept(NamedTuple):
    """A record and the document in it."""

    record: Record
    document: Document


@dataclass(slots=True)
class Waiting:
    """How long to wait while nothing gets through, and when to give up.

    Attributes:
        first_seconds: After the first failure; doubled for each in a row.
        longest_seconds: Where the doubling ends.
        patience_seconds: Without a receipt for so long, once nothing more comes, it is given up.
    """

    first_seconds: float = 0.5
    longest_seconds: float = 15.0
    patience_seconds: float = 300.0

    def seconds(self, failures: int) -> float:
        """Give the wait after so many failures in a row, from 1."""
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures - 1, 60))


@dataclass(slots=True)
class Drain:
    """Empties a spool into a producer, in a thread of its own.

    Attributes:
        spool: Where the documents are.
        producer: Where they go.
        on_refused: Gets what is said of a document that the stream can never take.
        clock: Gives seconds.
        waiting: How long to wait, and when to give up.
        pause: Waits for so many seconds, or until it is stopped; None for an event of its own.
        batch_records: Documents that are under way at a time, at most.
        error: Why it gave up; None while it did not.
        delivered: Documents with a receipt.
        retries: Documents sent again, counted each time; the producer's own retries are not among them.
        last_failure: Code of the last failure, while nothing gets through; "" otherwise.
    """

    spool: Spool
    producer: Puts
    on_refused: Callable[[str], None]
    clock: Callable[[], float]
    waiting: Waiting = field(default_factory=Waiting)
    pause: Callable[[float], object] | None = None
    batch_records: int = BATCH_RECORDS
    error: SpoolError | None = None
    delivered: int = 0
    retries: int = 0
    last_failure: str = ""
    _finished_at: float | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _ahead: list[Kept] = field(default_factory=list)

    def finish(self) -> None:
        """Say that nothing more comes: what is kept is delivered, or given up after the time for that."""
        self._finished_at = self.clock()
        self.spool.finish()

    def stop(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._stopped.set()
        self.spool.finish()

    def run(self) -> None:
        """Empty the spool until nothing is left and nothing more comes, it is stopped, or given up."""
        try:
            self._run()
        except SpoolError as error:
            self.error = error
            self.spool.fail(error)
        except BaseException:
            self.spool.fail(SpoolError("what empties the spool has failed"))
            raise

    def _run(self) -> None:
        failures, since = 0, self.clock()
        batch: list[Kept] = []
        while not self._stopped.is_set():
            batch = batch or self._next_batch()
            if not batch:
                return
            some = batch[:PROBE_RECORDS] if failures else batch
            again = self._send(some)
            batch = again + batch[len(some) :]
            if len(again) < len(some):
                failures, since = 0, self.clock()
            if not again:
                self.last_failure = ""
                continue
            failures += 1
            if self.last_failure in _HOPELESS:
                raise SpoolError(f"the stream takes nothing: {self.last_failure}")
            self._check_patience(since)
            self.retries += len(again)
            (self.pause or self._stopped.wait)(self.waiting.seconds(failures))

    def _check_patience(self, since: float) -> None:
        """Give up, once nothing more comes and nothing got through for too long since then."""
        patience = self.waiting.patience_seconds
        if self._finished_at is not None and self.clock() - max(since, self._finished_at) > patience:
            raise SpoolError(f"AWS took nothing for {patience:.0f} s: {self.last_failure}")

    def _next_batch(self) -> list[Kept]:
        """Take records up to the first whose id is among them already; that one goes first next time."""
        batch = self._ahead or [_kept(record) for record in self.spool.take(self.batch_records, BATCH_BYTES)]
        ids: set[str] = set()
        for number, kept in enumerate(batch):
            if kept.document.document_id in ids:
                self._ahead = batch[number:]
                return batch[:number]
            ids.add(kept.document.document_id)
        self._ahead = []
        return batch

    def _send(self, batch: list[Kept]) -> list[Kept]:
        """Send, wait for all, and give what has to be sent again, in order."""
        under_way: list[tuple[Kept, Future[Receipt]]] = []
        for kept in batch:
            try:
                under_way.append((kept, self.producer.put(kept.document)))
            except DocumentTooLargeError as error:
                self.on_refused(str(error))
                self.spool.done(kept.record)
            except (ConfigurationError, ProducerClosedError) as error:
                raise SpoolError(str(error)) from error
            except ProducersError as error:
                if isinstance(error, ClaimStoreError) and not error.transient:
                    raise SpoolError(str(error)) from error
                # What the producer itself needs is away, such as the store for large documents.
                refused: Future[Receipt] = Future()
                refused.set_exception(error)
                under_way.append((kept, refused))
        self.producer.flush()
        again = []
        for kept, receipt in under_way:
            failure = receipt.exception()
            if failure is None:
                self.delivered += 1
                self.spool.done(kept.record)
                continue
            again.append(kept)
            self.last_failure = failure.code if isinstance(failure, DeliveryError) else type(failure).__name__
        return again


def _kept(record: Record) -> Kept:
    try:
        return Kept(record, from_bytes(record.data, max_bytes=_MAX_DOCUMENT_BYTES))
    except WireFormatError as error:
        raise SpoolError(f"record {record.number} of the spool is no document: {error}") from error
