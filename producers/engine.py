"""Threads that carry out a schedule: they look, send, and resolve futures. Decides nothing about the stream.

One lock guards everything. Calls to AWS and callbacks of futures run without it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import TYPE_CHECKING, Final, TypeAlias

from producers.delivery import INTERRUPTED
from producers.ending import running
from producers.errors import DeliveryError, ProducerClosedError
from producers.receipts import PendingReceipt, Unresolved
from producers.steps import Look, Send, Settled, Wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from producers.delivery import Receipt
    from producers.parcels import Item
    from producers.ports import StreamPort
    from producers.schedule import Schedule
    from producers.steps import Bounds
    from producers.tally import DeliveryReport

_logger = logging.getLogger(__name__)

_IN_FLIGHT: Final = "sending was broken off before Kinesis answered; it may have been accepted"
_DEFECT: Final = "sending broke down through a defect of the producer; it may have been accepted"

# A thread without work ends, so that a producer nobody closes costs nothing for long.
_IDLE_SECONDS: Final = 1.0

# Waiting for ever overflows the platform's clock.
_LONGEST_WAIT: Final = 3600.0
_JOIN_SECONDS: Final = 5.0


_Claimed: TypeAlias = tuple[Settled, PendingReceipt | None]


class Engine:
    """Runs a schedule on threads of its own, which live while there is something to do.

    Args:
        schedule: Decides; nobody else touches it from now on.
        stream: Carries out.
        bounds: How much may wait.
        clock: Gives seconds, steady.
        chance: Gives random numbers from 0 to 1.
    """

    def __init__(
        self,
        schedule: Schedule,
        stream: StreamPort,
        bounds: Bounds,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._schedule = schedule
        self._stream = stream
        self._bounds = bounds
        self._clock = clock
        self._chance = chance
        lock = threading.RLock()
        self._work = threading.Condition(lock)  # something to do
        self._news = threading.Condition(lock)  # something is done
        self._unresolved = Unresolved()
        self._ordinal = 0
        self._closed = False
        self._threads: set[threading.Thread] = set()
        running.add(self)

    @property
    def closed(self) -> bool:
        """Whether it takes nothing more."""
        return self._closed

    def put(self, item: Item) -> Future[Receipt]:
        """Take an item when there is room for it, and give it its ordinal and time.

        Raises:
            ProducerClosedError: It is closed, or was closed while this waited.
        """
        size = len(item.data)
        with self._work:
            while self._is_full(size) and not self._closed:
                if self._schedule.lingers(self._clock()):
                    self.hurry()  # the room is taken by what waits for company that cannot come
                self._news.wait()
            if self._closed:
                raise ProducerClosedError
            ordinal = self._ordinal
            item.ordinal, item.put_at = ordinal, self._clock()
            future = PendingReceipt(item.partition_key, size, lambda: self.hurry(ordinal + 1))
            # Noted before it is given away: whatever interrupts this, the future is resolved in the end.
            self._unresolved.add(ordinal, future)
            self._ordinal += 1
            if self._schedule.add(item):
                self._work.notify()
            if not self._threads:
                self._start()
        return future

    def hurry(self, ordinal_below: int | None = None) -> None:
        """Let what was put so far, or up to an ordinal, wait for no company."""
        with self._work:
            self._schedule.hurry(self._ordinal if ordinal_below is None else ordinal_below)
            self._work.notify_all()

    def flush(self) -> None:
        """Send what was put so far, and return when it is done; on a sending thread, at once."""
        with self._work:
            mark = self._ordinal
            self.hurry(mark)
            while self._unresolved.any_below(mark) and not self._on_own_thread():
                self._news.wait()

    def close(self) -> None:
        """Take nothing more once all is done; what callbacks put meanwhile is done too."""
        while not self._closed:
            self.flush()
            with self._work:
                if not len(self._unresolved) or self._on_own_thread():
                    self._end()
        self._join()

    def abandon(self) -> None:
        """Take and send nothing more; wait for what is under way. Whatever happens, resolve every future."""
        with self._work:
            self._closed = True
            never = self._claim(self._schedule.stop())
        try:
            self._resolve(never)
            with self._work:
                while self._is_under_way() and not self._on_own_thread():
                    self._news.wait()
        finally:
            self._fail_the_rest(INTERRUPTED, _IN_FLIGHT)
            with self._work:
                self._end()
        self._join()

    def report(self) -> DeliveryReport:
        """Give the figures so far."""
        with self._work:
            return self._schedule.tally.report()

    def raise_limits(self, record_bytes: int) -> None:
        """Note that the stream takes larger records."""
        with self._work:
            self._schedule.limits = self._schedule.limits.with_records_of(record_bytes)

    # ------------------------------------------------------------------------------------------ threads
    def _is_full(self, size: int) -> bool:
        if not len(self._unresolved) or self._on_own_thread():
            return False  # a callback must not wait for room that only its own thread makes
        bounds = self._bounds
        return len(self._unresolved) >= bounds.documents or self._unresolved.bytes + size > bounds.bytes

    def _is_under_way(self) -> bool:
        return self._schedule.in_flight > 0 or self._unresolved.any_claimed()

    def _on_own_thread(self) -> bool:
        return threading.current_thread() in self._threads

    def _start(self) -> None:
        for number in range(self._bounds.requests):
            thread = threading.Thread(target=self._run, name=f"smartcat-producer-{number}", daemon=True)
            self._threads.add(thread)
            thread.start()

    def _end(self) -> None:
        self._closed = True
        running.discard(self)
        self._work.notify_all()
        self._news.notify_all()

    def _join(self) -> None:
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            while (step := self._next_step()) is not None:
                self._resolve(self._carry_out(step))
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever it is: a document without an answer would be waited for for ever. The type alone is
            # logged, for messages and tracebacks may hold documents.
            _logger.error("the producer broke down: %s", type(error).__name__)  # noqa: TRY400
            with self._work:
                self._threads.discard(threading.current_thread())
                self._schedule.stop()
                self._end()
            self._fail_the_rest(type(error).__name__, _DEFECT)

    def _next_step(self) -> Look | Send | None:
        """Wait for something to do; None when this thread is not needed any more."""
        with self._work:
            rested = False
            while True:
                idle = self._schedule.stopped or not len(self._unresolved)
                if idle and (rested or self._closed):
                    self._threads.discard(threading.current_thread())
                    return None
                step = Wait(_IDLE_SECONDS) if idle else self._schedule.next(self._clock())
                if not isinstance(step, Wait):
                    self._work.notify()  # there may be more to do than this
                    return step
                woken = self._work.wait(min(step.seconds, _LONGEST_WAIT))
                rested = idle and not woken

    def _carry_out(self, step: Look | Send) -> list[_Claimed]:
        if isinstance(step, Send):
            results = self._stream.send([parcel.entry for parcel in step.request.parcels])
            with self._work:
                self._work.notify_all()
                return self._claim(
                    self._schedule.answered(step.request, results, self._clock(), self._chance())
                )
        found = self._stream.shards()
        with self._work:
            self._work.notify_all()
            return self._claim(self._schedule.looked(found, self._clock()))

    # ------------------------------------------------------------------------------------------ futures
    def _claim(self, settled: list[Settled]) -> list[_Claimed]:
        return [(each, self._unresolved.claim(each.item.ordinal)) for each in settled]

    def _resolve(self, claimed: list[_Claimed]) -> None:
        """Resolve futures. Only then are their documents done, so that flush has seen their callbacks run."""
        for each, future in claimed:
            if future is not None:
                future.resolve(each.outcome)
        with self._work:
            for each, _ in claimed:
                self._unresolved.forget(each.item.ordinal)
            self._news.notify_all()

    def _fail_the_rest(self, code: str, explanation: str) -> None:
        with self._work:
            rest = self._unresolved.claim_all()
            self._schedule.tally.failed += [(future.partition_key, code) for future in rest.values()]
        for ordinal, future in rest.items():
            future.resolve(DeliveryError(future.partition_key, code, explanation))
            with self._work:
                self._unresolved.forget(ordinal)
                self._news.notify_all()
