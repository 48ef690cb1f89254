"""Virtual time: tasks that run one at a time, each until it waits, in an order that the seed alone decides.

A task is ordinary code on a thread of its own. Only the thread that holds the baton runs; where it waits it
gives the baton to whoever is due next. Knows nothing of AWS.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Killed(BaseException):
    """Raised in a task whose execution environment is gone."""


class _Thread:
    """A thread that runs one task after the other; kept for later worlds, since making one takes 60 us."""

    idle: ClassVar[deque[_Thread]] = deque()

    def __init__(self) -> None:
        self.baton = threading.Lock()
        self.baton.acquire()
        self.work: Callable[[], None] | None = None
        threading.Thread(target=self._run, daemon=True, name="task").start()

    def _run(self) -> None:
        while True:
            self.baton.acquire()
            work, self.work = self.work, None
            assert work is not None
            work()

    @classmethod
    def take(cls) -> _Thread:
        return cls.idle.pop() if cls.idle else cls()


class Task:
    """Work in progress.

    Attributes:
        done: Whether it has ended.
        result: What it returned.
        error: What it raised, if that was no ``Killed``.
        owner: Whatever it belongs to; tasks that it starts belong to the same.
    """

    def __init__(self, work: Callable[[], Any], owner: Any = None) -> None:
        self.work = work
        self.owner = owner
        self.done = self.killed = False
        self.result: Any = None
        self.error: Exception | None = None
        self.thread: _Thread | None = None
        self.wake = 0
        self.waiting_for: Task | None = None
        self.at_end: list[Callable[[], None]] = []


class Timeline:
    """The order of everything that happens in one world.

    Attributes:
        now: Virtual seconds since the world began.
        current: The task that runs now; None while something without a task happens.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.current: Task | None = None
        self._due: list[tuple[float, int, Any, int]] = []
        self._count = 0
        self._main = threading.Lock()
        self._main.acquire()
        self._failure: BaseException | None = None

    def at(self, time: float, call: Callable[[], None]) -> None:
        """Call something at a time; it must not wait."""
        self._count += 1
        heapq.heappush(self._due, (max(time, self.now), self._count, call, 0))

    def start(self, work: Callable[[], Any], owner: Any = None) -> Task:
        """Begin a task now, as soon as the current one waits."""
        task = Task(work, owner)
        self._wake_at(self.now, task)
        return task

    def kill(self, owner: Any, tasks: Sequence[Task]) -> None:
        """End tasks of an owner where they wait."""
        for task in tasks:
            if task.owner is owner and not task.done:
                task.killed = True
                self._wake_at(self.now, task)

    def run(self) -> None:
        """Let everything happen until nothing is left.

        Raises:
            BaseException: What a call without a task raised.
        """
        if self._run_until(None):
            self._main.acquire()
        if self._failure is not None:
            raise self._failure

    def sleep(self, seconds: float) -> None:
        """Let the current task wait.

        Raises:
            Killed: Its environment is gone.
        """
        task = self.current
        assert task is not None
        self._wake_at(self.now + seconds, task)
        self._suspend(task)

    def together(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run several works at the same time, and wait for all; return their results in order."""
        task = self.current
        assert task is not None
        tasks = [self.start(work, task.owner) for work in works]
        family = getattr(task.owner, "tasks", None)
        if family is not None:
            family += tasks
        for each in tasks:
            while not each.done:
                each.at_end.append(lambda: self._wake_at(self.now, task))
                task.wake += 1
                self._suspend(task)
        for each in tasks:
            if each.error is not None:
                raise each.error
        return [each.result for each in tasks]

    def _wake_at(self, time: float, task: Task) -> None:
        task.wake += 1
        self._count += 1
        heapq.heappush(self._due, (time, self._count, task, task.wake))

    def _suspend(self, task: Task) -> None:
        if self._run_until(task):
            assert task.thread is not None
            task.thread.baton.acquire()
        self.current = task
        if task.killed:
            raise Killed

    def _run_until(self, task: Task | None) -> bool:
        """Let things happen until the task is due; return whether the baton was given to another thread."""
        due = self._due
        while due:
            time, _, what, wake = heapq.heappop(due)
            if not isinstance(what, Task):
                self.now, self.current = time, None
                try:
                    what()
                except BaseException as error:  # noqa: BLE001 - raised again where the world was started
                    self._failure = error
                    due.clear()
                continue
            if what.done or what.wake != wake:
                continue
            self.now = time
            if what is task:
                return False
            self._give_baton(what)
            return True
        if task is None:
            return False
        self._main.release()  # after a failure alone: nothing will ever wake the task
        return True

    def _give_baton(self, task: Task) -> None:
        if task.thread is None:
            task.thread = _Thread.take()
            task.thread.work = lambda: self._execute(task)
        task.thread.baton.release()

    def _execute(self, task: Task) -> None:
        self.current = task
        try:
            if not task.killed:
                task.result = task.work()
        except Killed:
            pass
        except Exception as error:  # noqa: BLE001 - whoever started the task looks at it
            task.error = error
        task.done = True
        for call in task.at_end:
            call()
        self.current = None
        thread = task.thread
        assert thread is not None
        _Thread.idle.append(thread)  # its next task may be the very next one
        if not self._run_until(None):
            self._main.release()
