"""Where documents go when they are read: to the producer at once, or into a spool that a thread empties."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, Protocol, Self

from producers.spool.sender import BATCH_RECORDS, RetryPolicy, SpoolSender
from smartcat.cli.console import err, visible
from smartcat.cli.delivery import Watch
from smartcat.wire_format.document import to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from producers.delivery import Receipt
    from producers.producer import Producer
    from producers.spool.spool import Spool
    from smartcat.cli.inputs import Skipped
    from smartcat.cli.produce.order import Order
    from smartcat.wire_format.document import Document

SYNC_SECONDS: Final = 0.5
SYNC_DOCUMENTS: Final = 2000
"""How often the spool is put on the disk: what a power cut can take, unless a checkpoint repeats it."""

_STOP_SECONDS: Final = 3.0
_BATCH_SECONDS: Final = 2.0
_SAY_SECONDS: Final = 10.0


class Sink(Protocol):
    """What the reading loop hands documents to; a context that ends when all is delivered or kept."""

    def put(self, document: Document, done: Callable[[], None]) -> None:
        """Take a document; ``done`` is called once it is safe."""
        ...

    def check(self) -> None:
        """Raise what makes going on pointless."""
        ...

    @property
    def again(self) -> int:
        """Documents that were given to the producer again."""
        ...


class Direct:
    """To the producer; a document is safe when it has its receipt."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._watch = Watch()

    def __enter__(self) -> Self:
        """Give the sink."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to do: the producer ends by itself."""

    def put(self, document: Document, done: Callable[[], None]) -> None:
        """Put it; raises what the producer raises."""
        receipt = self._producer.put(document)
        self._watch.follow(receipt)
        receipt.add_done_callback(lambda answered: _if_accepted(answered, done))

    def check(self) -> None:
        """Stop when the stream takes nothing any more."""
        self._watch.check()

    @property
    def again(self) -> int:
        """None: the producer repeats by itself."""
        return 0


class Spooled:
    """Into a spool; a document is safe when it is on the disk."""

    def __init__(self, order: Order, producer: Producer, spool: Spool, skipped: Skipped) -> None:
        self._order = order
        self._spool = spool
        self._undurable: deque[Callable[[], None]] = deque()
        self._synced_at = time.monotonic()
        self._pool = ThreadPoolExecutor(1, "spool")
        self._sender = SpoolSender(
            spool,
            producer,
            on_rejected=lambda problem: skipped.add(problem, "too_large"),
            clock=time.monotonic,
            retry=RetryPolicy(give_up_after=order.spool_wait),
            batch_records=_batch_records(order.rate),
        )
        if spool.truncated:
            err.print(
                visible(
                    f"note: {spool.folder}: the log ended in {spool.truncated} bytes that are no whole"
                    " transaction; they are in a file *.truncated now"
                )
            )
        if spool.waiting:
            err.print(visible(f"note: {spool.folder}: {spool.waiting} documents of an earlier run go first"))

    def __enter__(self) -> Self:
        """Begin to empty the spool."""
        self._running = self._pool.submit(self._sender.run)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Deliver what is kept; after an error or Ctrl-C, only what is under way."""
        try:
            self._sync()
        except BaseException:
            self._stop()
            raise
        if kind is not None:
            self._stop()
            return
        self._sender.finish()
        self._wait_for_the_rest()
        self._pool.shutdown()
        if self._sender.error is not None:
            raise self._sender.error

    def put(self, document: Document, done: Callable[[], None]) -> None:
        """Keep it, waiting for room while the spool is full."""
        self._spool.append(to_bytes(document), give_up_after=self._order.spool_wait)
        self._undurable.append(done)
        late = time.monotonic() - self._synced_at >= SYNC_SECONDS
        if late or len(self._undurable) >= SYNC_DOCUMENTS:
            self._sync()

    def check(self) -> None:
        """Stop when the thread that sends has given up."""
        if self._sender.error is not None:
            raise self._sender.error

    @property
    def again(self) -> int:
        """Documents that were sent again because they came back."""
        return self._sender.retries

    def _stop(self) -> None:
        self._sender.stop()
        wait([self._running], _STOP_SECONDS)
        self._pool.shutdown(wait=False)

    def _wait_for_the_rest(self) -> None:
        """Wait until the spool is empty or given up, and say from time to time why it takes so long."""
        while wait([self._running], _SAY_SECONDS).not_done:
            if self._sender.last_failure:
                err.print(
                    visible(
                        f"note: {self._spool.folder}: {self._spool.waiting} documents wait for AWS:"
                        f" {self._sender.last_failure}"
                    )
                )
        self._running.result()

    def _sync(self) -> None:
        self._spool.sync()
        self._synced_at = time.monotonic()
        while self._undurable:
            self._undurable.popleft()()


def _batch_records(rate: float | None) -> int:
    """Take no more out of the spool at a time than a limited rate sends soon: only a whole batch is noted."""
    return BATCH_RECORDS if rate is None else max(1, min(BATCH_RECORDS, int(rate * _BATCH_SECONDS)))


def _if_accepted(answered: Future[Receipt], done: Callable[[], None]) -> None:
    if answered.exception() is None:
        done()
