"""Send the documents of a spool to the stream, again and again while AWS is unreachable.

Order: an id is at most once among the documents that are under way, and while one that failed is set aside,
so is
all that comes later under its id; so no document overtakes an earlier one.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from producers.core.backoff import Backoff
from producers.errors import (
    ClaimStoreError,
    ConfigurationError,
    DeliveryError,
    DocumentTooLargeError,
    ProducerClosedError,
    ProducersError,
    RecordLimitUnknownError,
)
from producers.spool.database import SpoolError
from producers.spool.set_aside import SetAside
from smartcat.aws_errors import ACCESS_DENIED_CODES
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
"""How many are sent while nothing gets through, to find out whether something does again."""

_MAX_DOCUMENT_BYTES: Final = 256 * 1024 * 1024

# These stay until somebody changes something. All other failures are waited out.
_PERMANENT_CODES: Final = ACCESS_DENIED_CODES | frozenset(
    {
        "IncompleteSignature",
        "InvalidArgumentException",
        "InvalidClientTokenId",
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


class DocumentProducer(Protocol):
    """What the sender needs of a producer."""

    def put(self, document: Document) -> Future[Receipt]:
        """Accept a document."""
        ...

    def flush(self) -> object:
        """Return once all that was put is accepted or failed."""
        ...


class SpooledDocument(NamedTuple):
    """A record of the spool, and the document in it."""

    record: Record
    document: Document


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait while nothing gets through, and when to give up.

    Attributes:
        backoff: How the wait grows with failures in a row; its number of attempts is not looked at.
        give_up_after: Seconds without a receipt, counted once nothing more comes, after which to give up.
    """

    backoff: Backoff = field(default_factory=lambda: Backoff(first_seconds=0.5, longest_seconds=15.0))
    give_up_after: float = 300.0

    def seconds(self, failures: int) -> float:
        """Return the wait after so many failures in a row, from 1."""
        return self.backoff.seconds(failures - 1, jitter=1.0)


@dataclass(slots=True)
class SpoolSender:
    """Sends what is in a spool through a producer, in a thread of its own.

    What is refused is set aside, and so is all behind it that has its id; the rest goes on. Nothing leaves
    the spool without a receipt.

    Attributes:
        spool: The spool to empty.
        producer: The producer that sends.
        clock: Returns the time in seconds.
        retry: How long to wait, and when to give up.
        pause: Waits for so many seconds, or until the sender is stopped; None for an event of its own.
        batch_records: Documents that are under way at a time, at most.
        error: Why it gave up; None while it did not.
        delivered: Documents with a receipt.
        retries: Documents sent again, counted each time; the producer's own retries are not among them.
        last_failure: Code of the last failure, while nothing gets through; "" otherwise.
        unsendable: What this run has no way to send, each with its reason: it stays in the spool, and so does
            what is behind it under its id.
    """

    spool: Spool
    producer: DocumentProducer
    clock: Callable[[], float]
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    pause: Callable[[float], object] | None = None
    batch_records: int = BATCH_RECORDS
    error: SpoolError | None = None
    delivered: int = 0
    retries: int = 0
    last_failure: str = ""
    unsendable: list[str] = field(default_factory=list)
    _finished_at: float | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _ahead: list[SpooledDocument] = field(default_factory=list)
    _aside: SetAside = field(default_factory=SetAside)
    _left_ids: set[str] = field(default_factory=set)

    def finish(self) -> None:
        """Let it end: nothing more comes, so it delivers what is kept, or gives up after a time."""
        self._finished_at = self.clock()
        self.spool.finish()

    def stop(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._stopped.set()
        self.spool.finish()

    def run(self) -> None:
        """Empty the spool until nothing is left and nothing more comes, or it is stopped, or gives up."""
        try:
            self._run()
        except SpoolError as error:
            self.error = error
            self.spool.fail(error)
        except BaseException:
            self.spool.fail(SpoolError("the thread that empties the spool has failed"))
            raise

    def _run(self) -> None:
        failures, since = 0, self.clock()
        while not self._stopped.is_set():
            batch = self._next_batch(PROBE_RECORDS if failures else self.batch_records)
            if batch is None:
                return
            if not batch:
                continue
            refused, delivered = self._send(batch)
            if delivered:
                failures, since, self.last_failure = 0, self.clock(), ""
            if delivered or not refused:
                continue
            failures += 1
            if self.last_failure in _PERMANENT_CODES:
                raise SpoolError(f"the stream takes nothing: {self.last_failure}")
            self._give_up_if_late(since)
            (self.pause or self._stopped.wait)(self.retry.seconds(failures))

    def _give_up_if_late(self, since: float) -> None:
        """Raise, once nothing more comes and nothing got through for too long since then."""
        limit = self.retry.give_up_after
        if self._finished_at is not None and self.clock() - max(since, self._finished_at) > limit:
            raise SpoolError(f"AWS took nothing for {limit:.0f} s: {self.last_failure}")

    def _next_batch(self, records: int) -> list[SpooledDocument] | None:
        """Return documents of different ids; None when nothing is left to send.

        What was never tried goes first, so that what one shard refuses does not hold up what another takes.
        """
        if not self._aside.due(self.clock()):
            fresh = self._fresh(records)
            if fresh or not self._aside:
                return fresh
        again = self.spool.read_again(self._aside.first(records, self.clock()), BATCH_BYTES)
        self.retries += len(again)
        return [_read(record) for record in again]

    def _fresh(self, records: int) -> list[SpooledDocument] | None:
        """Return documents not tried yet, up to one whose id is among them; None if no more will come."""
        found = self._ahead or [
            _read(record)
            for record in self.spool.take(records, BATCH_BYTES, timeout=0.0 if self._aside else None)
        ]
        if not found:
            return [] if self._aside else None
        batch: list[SpooledDocument] = []
        ids: set[str] = set()
        self._ahead = []
        for number, spooled in enumerate(found):
            document_id = spooled.document.document_id
            if document_id in ids or len(batch) >= records:
                self._ahead = found[number:]
                break
            if document_id in self._left_ids:
                continue
            if self._aside.holds(document_id):
                self._aside.add(document_id, spooled.record.number)
                continue
            ids.add(document_id)
            batch.append(spooled)
        return batch

    def _send(self, batch: list[SpooledDocument]) -> tuple[int, int]:
        """Send, wait for all, set aside what was refused, and return how many were refused and delivered."""
        under_way = self._put(batch)
        self.producer.flush()
        refused = 0
        for spooled, receipt in under_way:
            failure = receipt.exception()
            document_id, number = spooled.document.document_id, spooled.record.number
            if failure is None:
                self.delivered += 1
                self._aside.remove(document_id, number)
                self.spool.acknowledge(spooled.record)
                continue
            refused += 1
            self._aside.add(document_id, number)
            self.last_failure = _code(failure)
        return refused, len(under_way) - refused

    def _put(self, batch: list[SpooledDocument]) -> list[tuple[SpooledDocument, Future[Receipt]]]:
        """Hand documents to the producer; what it has no way to send stays in the spool."""
        under_way: list[tuple[SpooledDocument, Future[Receipt]]] = []
        for spooled in batch:
            try:
                receipt = self.producer.put(spooled.document)
            except DocumentTooLargeError as error:
                self._leave(spooled, str(error))
                continue
            except (ConfigurationError, ProducerClosedError) as error:
                raise SpoolError(str(error)) from error
            except ProducersError as error:
                if isinstance(error, ClaimStoreError) and not error.transient:
                    raise SpoolError(str(error)) from error
                # Something that the producer itself needs is away, such as the store for large documents.
                receipt = Future()
                receipt.set_exception(error)
            # Now and not after the batch: of a process that dies in its midst, less is sent again.
            receipt.add_done_callback(partial(self._acknowledge, spooled.record))
            under_way.append((spooled, receipt))
        return under_way

    def _leave(self, spooled: SpooledDocument, reason: str) -> None:
        """Leave a document in the spool for another run, and with it what comes later under its id."""
        document_id = spooled.document.document_id
        self.unsendable.append(reason)
        self._left_ids.add(document_id)
        self._aside.forget(document_id)

    def _acknowledge(self, record: Record, receipt: Future[Receipt]) -> None:
        if receipt.exception() is None:
            self.spool.acknowledge(record)


def _code(failure: BaseException) -> str:
    if isinstance(failure, RecordLimitUnknownError):  # not a code of the stream: smaller documents may go
        return f"the record limit is not known: {failure.code}"
    return failure.code if isinstance(failure, DeliveryError) else type(failure).__name__


def _read(record: Record) -> SpooledDocument:
    try:
        return SpooledDocument(record, from_bytes(record.data, max_bytes=_MAX_DOCUMENT_BYTES))
    except WireFormatError as error:
        raise SpoolError(f"record {record.number} of the spool is not a document: {error}") from error
