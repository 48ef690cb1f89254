"""Destinations of documents: the producer, or a spool that a thread empties into the producer."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, Protocol, Self

from producers.spool.sender import BATCH_RECORDS, RetryPolicy, SpoolSender
from smartcat.cli.console import err, visible
from smartcat.cli.delivery_monitor import DeliveryMonitor
from smartcat.cli.produce.summary import NAMED_FAILURES
from smartcat.wire_format.document import to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from producers.core.outcomes import Receipt
    from producers.producer import Producer
    from producers.spool.spool import Spool
    from smartcat.cli.produce.delivery_options import DeliveryOptions
    from smartcat.wire_format.document import Document

SYNC_SECONDS: Final = 0.5
SYNC_DOCUMENTS: Final = 2000
"""Between syncs to disk: what a power failure can lose, unless a checkpoint repeats it."""

_STOP_SECONDS: Final = 3.0
_BATCH_SECONDS: Final = 2.0
_NOTE_SECONDS: Final = 10.0


class Destination(Protocol):
    """Takes documents from the reading loop; as a context, it ends when all are delivered or spooled."""

    def put(self, document: Document, done: Callable[[], None]) -> None:
        """Take a document; call ``done`` once it is safe."""
        ...

    def check(self) -> None:
        """Raise an error that makes it pointless to continue."""
        ...

    @property
    def sent_again(self) -> int:
        """Documents that were passed to the producer again."""
        ...


class StreamDestination:
    """Sends at once; a document is safe when the stream has accepted it."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._monitor = DeliveryMonitor()

    def __enter__(self) -> Self:
        """Return the destination."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: the producer is a context of its own."""

    def put(self, document: Document, done: Callable[[], None]) -> None:
        """Send a document; raise what the producer raises."""
        receipt = self._producer.put(document)
        self._monitor.follow(receipt)
        receipt.add_done_callback(lambda finished: _if_accepted(finished, done))

    def check(self) -> None:
        """Raise if the stream accepts nothing any more."""
        self._monitor.check()

    @property
    def sent_again(self) -> int:
        """None: the producer counts its own retries."""
        return 0


class SpoolDestination:
    """Writes to a spool; a document is safe when it is on disk."""

    def __init__(self, options: DeliveryOptions, producer: Producer, spool: Spool) -> None:
        self._options = options
        self._spool = spool
        self._unsynced: deque[Callable[[], None]] = deque()
        self._synced_at = time.monotonic()
        self._pool = ThreadPoolExecutor(1, "spool")
        self._sender = SpoolSender(
            spool,
            producer,
            clock=time.monotonic,
            retry=RetryPolicy(give_up_after=options.spool_wait),
            batch_records=_batch_records(options.rate),
        )
        if spool.truncated:
            err.print(
                visible(
                    f"note: {spool.folder}: the log ended in {spool.truncated} bytes that are no whole"
                    " transaction; they are in a file *.truncated now"
                )
            )
        if spool.waiting:
            err.print(
                visible(f"note: {spool.folder}: {spool.waiting} documents of an earlier run are sent first")
            )

    def __enter__(self) -> Self:
        """Start to empty the spool."""
        self._running = self._pool.submit(self._sender.run)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Deliver the spooled documents; after an error or Ctrl-C, only those in flight."""
        try:
            self._finish(is_error=kind is not None)
        finally:
            self._name_unsendable()

    def _finish(self, *, is_error: bool) -> None:
        try:
            self._sync()
        except BaseException:
            self._stop()
            raise
        if is_error:
            self._stop()
            return
        self._sender.finish()
        self._wait_until_empty()
        self._pool.shutdown()
        if self._sender.error is not None:
            raise self._sender.error

    def put(self, document: Document, done: Callable[[], None]) -> None:
        """Write a document to the spool, waiting for space while it is full."""
        self._spool.append(to_bytes(document), give_up_after=self._options.spool_wait)
        self._unsynced.append(done)
        late = time.monotonic() - self._synced_at >= SYNC_SECONDS
        if late or len(self._unsynced) >= SYNC_DOCUMENTS:
            self._sync()

    def check(self) -> None:
        """Raise the error that stopped the sending thread."""
        if self._sender.error is not None:
            raise self._sender.error

    @property
    def sent_again(self) -> int:
        """Documents that were sent again because they failed."""
        return self._sender.retries

    def _stop(self) -> None:
        self._sender.stop()
        wait([self._running], _STOP_SECONDS)
        self._pool.shutdown(wait=False)

    def _wait_until_empty(self) -> None:
        """Wait until the spool is empty or sending stops, and print now and then why it takes so long."""
        while wait([self._running], _NOTE_SECONDS).not_done:
            if self._sender.last_failure:
                err.print(
                    visible(
                        f"note: {self._spool.folder}: {self._spool.waiting} documents are waiting for AWS:"
                        f" {self._sender.last_failure}"
                    )
                )
        self._running.result()

    def _name_unsendable(self) -> None:
        """Say what this run has no way to send, and what is missing for it."""
        unsendable = self._sender.unsendable
        for reason in unsendable[:NAMED_FAILURES]:
            err.print(visible(f"kept: {reason}"))
        if unsendable:
            err.print(
                visible(
                    f"note: {self._spool.folder}: {len(unsendable)} documents are too large for this"
                    " stream, and stay, with all behind them under their ids; --claims BUCKET sends them"
                )
            )

    def _sync(self) -> None:
        self._spool.sync()
        self._synced_at = time.monotonic()
        while self._unsynced:
            self._unsynced.popleft()()


def _batch_records(rate: float | None) -> int:
    """Return the batch size: at a limited rate, no more than is sent soon, since batches are marked whole."""
    return BATCH_RECORDS if rate is None else max(1, min(BATCH_RECORDS, int(rate * _BATCH_SECONDS)))


def _if_accepted(receipt: Future[Receipt], done: Callable[[], None]) -> None:
    if receipt.exception() is None:
        done()
