"""Threads that carry out a schedule: they look, send, and resolve futures. Decides nothing about the stream.

One lock guards everything. Calls to AWS and callbacks of futures run without it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from producers.delivery import INTERRUPTED
from producers.ending import running
from producers.errors import DeliveryError, ProducerClosedError, ProducersError
from producers.receipts import PendingReceipt, Unresolved
from producers.steps import Look, Send, Wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from producers.delivery import Receipt
    from producers.parcels import Item
    from producers.ports import StreamPort
    from producers.schedule import Schedule
    from producers.steps import Bounds, Settled
    from producers.tally import DeliveryReport

_logger = logging.getLogger(__name__)

_IN_FLIGHT: Final = "sending was broken off before Kinesis answered; it may have been accepted"
_DEFECT: Final = "sending broke down through a defect of the producer; it may have been accepted"

# A thread without work ends, so that a producer nobody closes costs nothing for long.
_IDLE_SECONDS: Final = 1.0

# Waiting for ever overflows the platform's clock.
_LONGEST_WAIT: Final = 3600.0
_JOIN_SECONDS: Final = 5.0


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
        self._ordinal = 0
        self._closed = False
        self._hold_nothing()
        running.add(self)

    @property
    def closed(self) -> bool:
        """Whether it takes nothing more."""
        return self._closed

    def put(self, item: Item) -> Future[Receipt]:
        """Take an item when there is room for it, and give it its ordinal and time.

        Raises:
            ProducerClosedError: It is closed, or was closed while this waited.
            ProducersError: No thread can be started; the item is not taken.
        """
        taking = False
        try:
            with self._lock:
                self._wait_for_room(len(item.data))
                taking = True
                if not self._threads:
                    self._start()
                return self._take(item)
        except BaseException as error:
            if taking and not isinstance(
                error, ProducersError
            ):  # interrupted in the middle: nobody knows what the schedule holds
                self.abandon()
            raise

    def hurry(self, ordinal_below: int | None = None) -> None:
        """Let what was put so far, or up to an ordinal, wait for no company."""
        with self._lock:
            self._schedule.hurry(self._ordinal if ordinal_below is None else ordinal_below)
            self._work.notify_all()

    def flush(self) -> None:
        """Send what was put so far, and return when it is done; in a callback, at once."""
        with self._lock:
            mark = self._ordinal
            self.hurry(mark)
            while self._unresolved.any_below(mark) and not self._is_in_callback():
                self._news.wait()

    def close(self) -> None:
        """Take nothing more once all is done; what callbacks put meanwhile is done too."""
        done = False
        while not done:
            self.flush()  # also where a callback closed it: that did not wait
            with self._lock:
                done = not len(self._unresolved) or self._is_in_callback()
                if done:
                    self._end()
        self._join()

    def abandon(self) -> None:
        """Take and send nothing more; wait for what is under way. Whatever happens, resolve every future.

        In a callback it does not wait: whoever runs the callback resolves the rest.
        """
        try:
            with self._lock:
                self._closed = True
                never = self._claim(self._schedule.stop())
            self._resolve(never)
            with self._lock:
                while self._is_under_way() and not self._is_in_callback():
                    self._news.wait()
        finally:
            if not self._is_in_callback():
                self._fail_the_rest(INTERRUPTED, _IN_FLIGHT)
            with self._lock:
                self._end()
        self._join()

    def leave_to_parent(self) -> None:
        """Forget, in a forked process, what the parent's threads send; closed, where anything was ever put.

        Threads are not forked, a lock may be held by one of them, and the client's connections are shared.
        """
        self._hold_nothing()
        if self._ordinal > 0:
            with self._lock:
                self._end()

    def report(self) -> DeliveryReport:
        """Give the figures so far."""
        with self._lock:
            return self._schedule.tally.report()

    def raise_limits(self, record_bytes: int) -> None:
        """Note that the stream takes larger records."""
        with self._lock:
            self._schedule.limits = self._schedule.limits.with_records_of(record_bytes)

    def _hold_nothing(self) -> None:
        # Entered by itself, not through a condition: Python code on the way in or out could be interrupted by
        # Ctrl-C, and the lock would stay taken.
        self._lock = threading.RLock()
        self._work = threading.Condition(self._lock)  # something to do
        self._news = threading.Condition(self._lock)  # something is done
        self._unresolved = Unresolved()
        self._threads: set[threading.Thread] = set()
        self._resolving: set[threading.Thread] = set()

    # ------------------------------------------------------------------------------------------ taking
    def _wait_for_room(self, size: int) -> None:
        while self._is_full(size) and not self._closed:
            if self._schedule.lingers(self._clock()):
                self.hurry()  # the room is taken by what waits for company that cannot come
            self._news.wait()
        if self._closed:
            raise ProducerClosedError

    def _take(self, item: Item) -> Future[Receipt]:
        ordinal = self._ordinal
        item.ordinal, item.put_at = ordinal, self._clock()
        future = PendingReceipt(item.partition_key, len(item.data), lambda: self.hurry(ordinal + 1))
        # Noted before it is given away: whatever interrupts this, the future is resolved in the end.
        self._unresolved.add(ordinal, future)
        self._ordinal += 1
        if self._schedule.add(item):
            self._work.notify()
        return future

    def _is_full(self, size: int) -> bool:
        if not len(self._unresolved) or self._is_in_callback():
            return False  # a callback must not wait for room that only its own thread makes
        bounds = self._bounds
        return len(self._unresolved) >= bounds.documents or self._unresolved.bytes + size > bounds.bytes

    # ------------------------------------------------------------------------------------------ threads
    def _is_under_way(self) -> bool:
        if not len(self._unresolved):
            return False
        return self._schedule.in_flight > 0 or self._unresolved.any_claimed_by_others()

    def _is_in_callback(self) -> bool:
        """Tell whether this thread resolves futures, so that what it waited for could wait for it."""
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
            running.discard(self)
        self._work.notify_all()
        self._news.notify_all()

    def _join(self) -> None:
        if self._is_in_callback():
            return
        for thread in list(self._threads):
            if thread.is_alive():  # one that Ctrl-C kept from starting is not
                thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            while (step := self._next_step()) is not None:
                self._resolve(self._carry_out(step))
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever it is: a document without an answer would be waited for for ever. The type alone is
            # logged, for messages and tracebacks may hold documents.
            _logger.error("the producer broke down: %s", type(error).__name__)  # noqa: TRY400
            self._break_down(type(error).__name__)
        finally:
            self._threads.discard(threading.current_thread())

    def _break_down(self, code: str) -> None:
        never: dict[int, PendingReceipt] = {}
        with self._lock:
            with suppress(Exception):  # the schedule itself may be what is broken
                never = self._claim(self._schedule.stop())
            self._end()
        self._resolve(never)
        self._fail_the_rest(code, _DEFECT)

    def _next_step(self) -> Look | Send | None:
        """Wait for something to do; None when this thread is not needed any more."""
        with self._lock:
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

    def _carry_out(self, step: Look | Send) -> dict[int, PendingReceipt]:
        if isinstance(step, Send):
            results = self._stream.send([parcel.entry for parcel in step.request.parcels])
            with self._lock:
                self._work.notify_all()
                return self._claim(
                    self._schedule.answered(step.request, results, self._clock(), self._chance())
                )
        found = self._stream.shards()
        with self._lock:
            self._work.notify_all()
            return self._claim(self._schedule.looked(found, self._clock()))

    # ------------------------------------------------------------------------------------------ futures
    def _claim(self, settled: list[Settled]) -> dict[int, PendingReceipt]:
        """Take the futures that nobody else resolves, each with its outcome, by ordinal."""
        claimed = {}
        for each in settled:
            future = self._unresolved.claim(each.item.ordinal)
            if future is not None:
                future.outcome = each.outcome
                claimed[each.item.ordinal] = future
        return claimed

    def _resolve(self, claimed: dict[int, PendingReceipt]) -> None:
        """Resolve futures. Only then are their documents done, so that flush has seen their callbacks run."""
        broken_off = self._tell(claimed)
        with self._lock:
            for ordinal in claimed:
                self._unresolved.forget(ordinal)
            self._news.notify_all()
        if broken_off is not None:
            raise broken_off

    def _tell(self, claimed: dict[int, PendingReceipt]) -> BaseException | None:
        """Resolve all futures, whatever callbacks raise; give what must still be raised."""
        broken_off: BaseException | None = None
        thread = threading.current_thread()
        outermost = thread not in self._resolving
        self._resolving.add(thread)
        try:
            for future in claimed.values():
                try:
                    future.resolve()
                except BaseException as error:  # noqa: BLE001 - SystemExit or Ctrl-C; the others still count
                    broken_off = broken_off or error
        finally:
            if outermost:
                self._resolving.discard(thread)
        if broken_off is not None and thread in self._threads:
            # Raised on, it would end a thread that others wait for.
            _logger.error("a callback raised %s", type(broken_off).__name__)
            return None
        return broken_off

    def _fail_the_rest(self, code: str, explanation: str) -> None:
        with self._lock:
            rest = self._unresolved.claim_all()
            for future in rest.values():
                if future.outcome is None:
                    future.outcome = DeliveryError(future.partition_key, code, explanation)
                    self._schedule.tally.failed.append((future.partition_key, code))
        self._resolve(rest)
