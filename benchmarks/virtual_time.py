"""Virtual time for ordinary blocking code: threads of which exactly one runs, until its next sleep.

Knows nothing of AWS. Inside a run, `time.sleep`, `time.time` and `time.monotonic` are the virtual ones for
its tasks, and stay real for every other thread.
"""

from __future__ import annotations

import heapq
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

EPOCH: Final = 1_800_000_000.0
"""What `time.time` says when a run begins, in seconds since 1970."""

TICK_SECONDS: Final = 1e-6
"""The shortest wait on a condition. The wait for what is left of a token may be too short to move a clock of
floats, and botocore would ask for it for ever."""

# Code under test may start one thread in each of its environments and eight for parallel requests.
_STACK_BYTES: Final = 1024 * 1024


class Killed(BaseException):
    """A task reached its deadline in a sleep. Like a SIGKILL, no `except Exception` stops it."""


class Stopped(BaseException):
    """The run is over; a task that is still asleep unwinds."""


@dataclass(eq=False, slots=True)
class Task:
    """One thread of a run.

    Attributes:
        deadline: Virtual time at which a sleep ends with `Killed`; None for none. The tasks that a task
            starts with `together` have it, too.
    """

    deadline: float | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)
    thread: threading.Thread | None = None
    error: BaseException | None = None
    stopping: bool = False

    def __post_init__(self) -> None:
        self.turn.acquire()


class VirtualTime:
    """A clock that moves only when every task sleeps, to the moment at which the first of them wakes.

    Tasks that wake at the same moment run in the order in which they went to sleep, so a run is a function of
    its inputs.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.switches = 0
        self._asleep: list[tuple[float, int, Task]] = []
        self._count = 0
        self._tasks: set[Task] = set()
        self._running: Task | None = None
        self._until = 0.0
        self._stage = threading.Lock()  # held while tasks run; freed to give the turn back to `run`
        self._stage.acquire()
        self._local = threading.local()
        self._failure: BaseException | None = None

    # ------------------------------------------------------------------------------------ for its owner
    def spawn(self, call: Callable[[], object], *, delay: float = 0.0) -> None:
        """Let a call run as a task of its own.

        Args:
            call: What to run; an error it raises ends the run and is raised there.
            delay: Seconds from now, 0 or more.
        """
        self._start(Task(), call, delay)

    def run(self, until: float) -> None:
        """Let tasks run until that moment, or until none is left.

        Args:
            until: Virtual seconds. What would happen later is kept for the next `run`.

        Raises:
            BaseException: What the first task raised that failed.
        """
        self._until = until
        if self._asleep and self._asleep[0][0] <= until:
            self._wake_next()
            self._stage.acquire()
        if self._failure is not None:
            raise self._failure
        self.now = max(self.now, until)

    def close(self) -> None:
        """Unwind every task that is left, one after the other."""
        for task in list(self._tasks):
            task.stopping = True
            self._running = task
            task.turn.release()
            if task.thread is not None:
                task.thread.join()

    @contextmanager
    def patched(self) -> Iterator[None]:
        """Give this run's tasks virtual time where they ask Python or botocore for the real one."""
        real_sleep, real_time, real_monotonic = time.sleep, time.time, time.monotonic
        stand_ins = {
            "time.sleep": lambda seconds: self.sleep(seconds) if self.is_inside else real_sleep(seconds),
            "time.time": lambda: EPOCH + self.now if self.is_inside else real_time(),
            "time.monotonic": lambda: self.now if self.is_inside else real_monotonic(),
            # botocore's client-side rate limiter waits on a condition, not in a sleep.
            "botocore.retries.bucket.threading": _Threading(self),
        }
        with ExitStack() as stack:
            for name, stand_in in stand_ins.items():
                stack.enter_context(patch(name, stand_in))
            yield

    # ------------------------------------------------------------------------------------ for its tasks
    @property
    def is_inside(self) -> bool:
        """Return whether the caller is a task of this run."""
        return getattr(self._local, "task", None) is not None

    @property
    def task(self) -> Task:
        """Return the running task.

        Raises:
            RuntimeError: The caller is not the one task that may run.
        """
        task: Task | None = getattr(self._local, "task", None)
        if task is None or task is not self._running:
            raise RuntimeError("only the running task of a virtual-time run may use its clock")
        return task

    def sleep(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            Killed: The task's deadline came first.
            Stopped: The run is over.
        """
        task = self.task
        _check(task)
        wake = self.now + max(0.0, seconds)
        killed = task.deadline is not None and wake >= task.deadline
        if killed and task.deadline is not None:
            wake = max(self.now, task.deadline)
        self._push(wake, task)
        self._switch(task)
        if killed:
            raise Killed

    def together(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Run calls at the same virtual time, each as a task, and wait for all of them.

        Args:
            calls: At least one.

        Returns:
            What they returned, in order.

        Raises:
            BaseException: What the first of them raised that failed.
        """
        if len(calls) == 1:
            return [calls[0]()]
        parent = self.task
        results: dict[int, T] = {}
        left = len(calls)

        def work(index: int, call: Callable[[], T]) -> None:
            nonlocal left
            try:
                results[index] = call()
            finally:
                left -= 1
                if not left:
                    self._push(self.now, parent)

        children = [Task(parent.deadline) for _ in calls]
        for index, (child, call) in enumerate(zip(children, calls, strict=True)):
            self._start(child, partial(work, index, call), 0.0, is_child=True)
        self._switch(parent)
        for child in children:
            if child.error is not None:
                raise child.error
        return [results[index] for index in range(len(calls))]

    # ------------------------------------------------------------------------------------ handing on
    def _start(self, task: Task, call: Callable[[], object], delay: float, *, is_child: bool = False) -> None:
        def live() -> None:
            task.turn.acquire()
            self._local.task = task
            try:
                _check(task)
                call()
            except Stopped:
                pass
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the task
                task.error = error
                if not is_child:
                    self._failure = self._failure or error
            finally:
                self._tasks.discard(task)
                if not task.stopping:
                    self._wake_next()

        before = threading.stack_size(_STACK_BYTES)
        task.thread = threading.Thread(target=live, daemon=True)
        self._tasks.add(task)
        task.thread.start()
        threading.stack_size(before)
        self._push(self.now + delay, task)

    def _push(self, wake: float, task: Task) -> None:
        self._count += 1
        heapq.heappush(self._asleep, (wake, self._count, task))

    def _switch(self, task: Task) -> None:
        """Hand on, and come back when it is this task's turn again."""
        if self._asleep and self._asleep[0][2] is task and self._asleep[0][0] <= self._until:
            self.now = heapq.heappop(self._asleep)[0]
        else:
            self._wake_next()
            task.turn.acquire()
        _check(task)

    def _wake_next(self) -> None:
        if self._failure is not None or not self._asleep or self._asleep[0][0] > self._until:
            self._running = None
            self._stage.release()
            return
        wake, _, task = heapq.heappop(self._asleep)
        self.now = max(self.now, wake)
        self.switches += 1
        self._running = task
        task.turn.release()


def _check(task: Task) -> None:
    if task.stopping:
        raise Stopped


class _Condition:
    """What botocore's token bucket uses of a condition. Nobody is ever notified: a client has one user."""

    def __init__(self, virtual: VirtualTime, lock: Any) -> None:
        self._virtual, self._lock = virtual, lock

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def wait(self, seconds: float) -> None:
        self._lock.release()
        try:
            self._virtual.sleep(max(seconds, TICK_SECONDS))
        finally:
            self._lock.acquire()

    def notify(self) -> None:
        """Wake nobody."""


class _Threading:
    """The part of `threading` that botocore's token bucket uses."""

    Lock = staticmethod(threading.Lock)

    def __init__(self, virtual: VirtualTime) -> None:
        self._virtual = virtual

    def Condition(self, lock: Any) -> _Condition:  # noqa: N802 - the name it stands in for
        return _Condition(self._virtual, lock)
