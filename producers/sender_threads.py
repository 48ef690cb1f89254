"""Threads that carry out what a scheduler decides: list shards, send, resolve futures.

One lock guards everything. Calls to AWS and callbacks of futures run without it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from producers.core.actions import ListShards, Send, Settle, Wait
from producers.core.outcomes import INTERRUPTED
from producers.errors import DeliveryError, ProducerClosedError, ProducersError
from producers.futures import ReceiptFuture, UnresolvedFutures
from producers.shutdown_hooks import open_senders

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from producers.core.actions import Settled
    from producers.core.options import Bounds
    from producers.core.outcomes import Receipt
    from producers.core.record_packing import Item
    from producers.core.scheduler import Scheduler
    from producers.core.statistics import DeliveryReport
    from producers.ports import StreamPort

_logger = logging.getLogger(__name__)

_IN_FLIGHT: Final = "sending was stopped before Kinesis answered; it may have been accepted"
_DEFECT: Final = "sending failed because of a bug in the producer; it may have been accepted"

# A thread without work ends, so that a producer nobody closes costs nothing for long.
_IDLE_SECONDS: Final = 1.0

# Waiting for ever overflows the platform's clock.
_LONGEST_WAIT: Final = 3600.0
_JOIN_SECONDS: Final = 5.0


class SenderThreads:
    """Runs a scheduler on threads of its own, which live while there is something to do.

    Args:
        scheduler: Decides; nobody else may use it from now on.
        stream: Where requests go.
        bounds: How much may be held, and how many requests may be in flight.
        clock: Returns seconds of a steady clock.
        jitter: Returns random numbers from 0 to 1.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        stream: StreamPort,
        bounds: Bounds,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._scheduler = scheduler
        self._stream = stream
        self._bounds = bounds
        self._clock = clock
        self._jitter = jitter
        self._ordinal = 0
        self._closed = False
        self._reset()
        open_senders.add(self)

    @property
    def closed(self) -> bool:
        """Whether it accepts nothing more."""
        return self._closed

    def put(self, item: Item) -> Future[Receipt]:
        """Accept an item once there is capacity for it, and set its ordinal and time.

        Raises:
            ProducerClosedError: It is closed, or was closed while this waited.
            ProducersError: No thread can be started; the item is not accepted.
        """
        accepting = False
        try:
            with self._lock:
                self._wait_for_capacity(len(item.data))
                accepting = True
                if not self._threads:
                    self._start()
                return self._accept(item)
        except BaseException as error:
            if accepting and not isinstance(
                error, ProducersError
            ):  # interrupted in the middle: the state of the scheduler is unknown
                self.abandon()
            raise

    def refuse(self, item: Item, error: DeliveryError) -> Future[Receipt]:
        """Return the failed future of an item that cannot be accepted now, and count it.

        Raises:
            ProducerClosedError: It is closed.
        """
        with self._lock:
            if self._closed:
                raise ProducerClosedError
            self._scheduler.statistics.failed.append((item.partition_key, error.code))
        future = ReceiptFuture(item.partition_key, len(item.data), lambda: None)
        future.outcome = error
        future.resolve()
        return future

    def request_flush(self, ordinal_below: int | None = None) -> None:
        """Let what was put so far, or up to an ordinal, linger no longer; does not wait."""
        with self._lock:
            self._scheduler.flush(self._ordinal if ordinal_below is None else ordinal_below)
            self._work_available.notify_all()

    def flush(self) -> None:
        """Send what was put so far, and return when it is done; in a callback, at once."""
        with self._lock:
            end = self._ordinal
            self.request_flush(end)
            while self._unresolved.any_below(end) and not self._is_in_callback():
                self._progress.wait()

    def close(self) -> None:
        """Accept nothing more once everything is done, including what callbacks put meanwhile."""
        done = False
        while not done:
            self.flush()  # also if a callback closed it: that did not wait
            with self._lock:
                done = not len(self._unresolved) or self._is_in_callback()
                if done:
                    self._end()
        self._join()

    def abandon(self) -> None:
        """Accept and send nothing more; wait for requests in flight. Whatever happens, resolve every future.

        In a callback it does not wait: whoever runs the callback resolves the rest.
        """
        try:
            with self._lock:
                self._closed = True
                not_sent = self._claim(self._scheduler.stop())
            self._resolve(not_sent)
            with self._lock:
                while self._is_in_flight() and not self._is_in_callback():
                    self._progress.wait()
        finally:
            if not self._is_in_callback():
                self._fail_unresolved(INTERRUPTED, _IN_FLIGHT)
            with self._lock:
                self._end()
        self._join()

    def reset_after_fork(self) -> None:
        """Forget, in a forked process, what the parent's threads send; close it if anything was ever put.

        Threads are not forked, a lock may be held by one of them, and the client's connections are shared.
        """
        self._reset()
        if self._ordinal > 0:
            with self._lock:
                self._end()

    def report(self) -> DeliveryReport:
        """Return the statistics so far."""
        with self._lock:
            return self._scheduler.statistics.report()

    def raise_record_limit(self, record_bytes: int) -> None:
        """Allow larger records from now on."""
        with self._lock:
            self._scheduler.limits = self._scheduler.limits.with_record_bytes(record_bytes)

    def _reset(self) -> None:
        # Entered by itself, not through a condition: Python code on the way in or out could be interrupted by
        # Ctrl-C, and the lock would stay taken.
        self._lock = threading.RLock()
        self._work_available = threading.Condition(self._lock)
        self._progress = threading.Condition(self._lock)  # some future is resolved, or it is closed
        self._unresolved = UnresolvedFutures()
        self._threads: set[threading.Thread] = set()
        self._resolving: set[threading.Thread] = set()

    # ------------------------------------------------------------------------------------------ accepting
    def _wait_for_capacity(self, size: int) -> None:
        while self._is_full(size) and not self._closed:
            if self._scheduler.is_lingering(self._clock()):
                self.request_flush()  # what lingers fills the producer: no batch can grow any more
            self._progress.wait()
        if self._closed:
            raise ProducerClosedError

    def _accept(self, item: Item) -> Future[Receipt]:
        ordinal = self._ordinal
        item.ordinal, item.put_at = ordinal, self._clock()
        future = ReceiptFuture(item.partition_key, len(item.data), lambda: self.request_flush(ordinal + 1))
        # Added before it is returned: whatever interrupts this, the future is resolved in the end.
        self._unresolved.add(ordinal, future)
        self._ordinal += 1
        if self._scheduler.add(item):
            self._work_available.notify()
        return future

    def _is_full(self, size: int) -> bool:
        if not len(self._unresolved) or self._is_in_callback():
            return False  # a callback must not wait for capacity that only its own thread frees
        bounds = self._bounds
        return len(self._unresolved) >= bounds.documents or self._unresolved.bytes + size > bounds.bytes

    # ------------------------------------------------------------------------------------------ threads
    def _is_in_flight(self) -> bool:
        if not len(self._unresolved):
            return False
        return self._scheduler.in_flight > 0 or self._unresolved.any_claimed_by_others()

    def _is_in_callback(self) -> bool:
        """Return whether this thread resolves futures, so that what it waits for could wait for it."""
        thread = threading.current_thread()
        return thread in self._threads or thread in self._resolving

    def _start(self) -> None:
        for number in range(self._bounds.requests):
            thread = threading.Thread(target=self._run, name=f"smartcat-producer-{number}", daemon=True)
            self._threads.add(thread)
            try:
                thread.start()
            except RuntimeError as error:
                self._threads.discard(thread)
                if not self._threads:
                    raise ProducersError("no thread can be started") from error
                return  # fewer will do

    def _end(self) -> None:
        self._closed = True
        if not len(self._unresolved):  # else a callback ends it, and the interpreter may end before its rest
            open_senders.discard(self)
        self._work_available.notify_all()
        self._progress.notify_all()

    def _join(self) -> None:
        if self._is_in_callback():
            return
        for thread in list(self._threads):
            if thread.is_alive():  # one that Ctrl-C kept from starting is not
                thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            while (action := self._next_action()) is not None:
                self._resolve(self._carry_out(action))
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever it is: a document without an outcome would be waited for forever. Only the type is
            # logged, because messages and tracebacks may hold documents.
            _logger.error("the producer broke down: %s", type(error).__name__)  # noqa: TRY400
            self._break_down(type(error).__name__)
        finally:
            self._threads.discard(threading.current_thread())

    def _break_down(self, code: str) -> None:
        not_sent: dict[int, ReceiptFuture] = {}
        with self._lock:
            with suppress(Exception):  # the scheduler itself may be what is broken
                not_sent = self._claim(self._scheduler.stop())
            self._end()
        self._resolve(not_sent)
        self._fail_unresolved(code, _DEFECT)

    def _next_action(self) -> ListShards | Send | Settle | None:
        """Wait for something to do and return it; None when this thread is not needed any more."""
        with self._lock:
            was_idle = False
            while True:
                idle = self._scheduler.stopped or not len(self._unresolved)
                if idle and (was_idle or self._closed):
                    self._threads.discard(threading.current_thread())
                    return None
                action = Wait(_IDLE_SECONDS) if idle else self._scheduler.next_action(self._clock())
                if not isinstance(action, Wait):
                    self._work_available.notify()  # there may be more to do than this
                    return action
                notified = self._work_available.wait(min(action.seconds, _LONGEST_WAIT))
                was_idle = idle and not notified

    def _carry_out(self, action: ListShards | Send | Settle) -> dict[int, ReceiptFuture]:
        if isinstance(action, Settle):
            with self._lock:
                return self._claim(action.settled)
        if isinstance(action, Send):
            results = self._stream.put_records([record.entry for record in action.request.records])
            with self._lock:
                self._work_available.notify_all()
                return self._claim(
                    self._scheduler.handle_response(action.request, results, self._clock(), self._jitter())
                )
        shards = self._stream.list_shards()
        with self._lock:
            self._work_available.notify_all()
            return self._claim(self._scheduler.handle_shards(shards, self._clock()))

    # ------------------------------------------------------------------------------------------ futures
    def _claim(self, settled: list[Settled]) -> dict[int, ReceiptFuture]:
        """Claim the futures that no other thread resolves, set their outcomes, and return them by ordinal."""
        claimed = {}
        for each in settled:
            future = self._unresolved.claim(each.item.ordinal)
            if future is not None:
                future.outcome = each.outcome
                claimed[each.item.ordinal] = future
        return claimed

    def _resolve(self, claimed: dict[int, ReceiptFuture]) -> None:
        """Resolve futures; only then are their documents done: callbacks have run when flush returns."""
        interruption = self._run_callbacks(claimed)
        with self._lock:
            for ordinal in claimed:
                self._unresolved.remove(ordinal)
            self._progress.notify_all()
        if interruption is not None:
            raise interruption

    def _run_callbacks(self, claimed: dict[int, ReceiptFuture]) -> BaseException | None:
        """Resolve all futures, whatever callbacks raise; return what must still be raised."""
        interruption: BaseException | None = None
        thread = threading.current_thread()
        outermost = thread not in self._resolving
        self._resolving.add(thread)
        try:
            for future in claimed.values():
                try:
                    future.resolve()
                except BaseException as error:  # noqa: BLE001 - SystemExit or Ctrl-C; the others still count
                    interruption = interruption or error
        finally:
            if outermost:
                self._resolving.discard(thread)
        if interruption is not None and thread in self._threads:
            # Raised, it would end a thread that others wait for.
            _logger.error("a callback raised %s", type(interruption).__name__)
            return None
        return interruption

    def _fail_unresolved(self, code: str, explanation: str) -> None:
        with self._lock:
            rest = self._unresolved.claim_all()
            for future in rest.values():
                if future.outcome is None:
                    future.outcome = DeliveryError(future.partition_key, code, explanation)
                    self._scheduler.statistics.failed.append((future.partition_key, code))
        self._resolve(rest)
