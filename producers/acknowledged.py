"""How far all is done, where things are begun in order and done in any order. Pure: no files, no clock."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

P = TypeVar("P")


class Acknowledged(Generic[P]):
    """Begun in order, done in any order: tells the last position up to which all is done.

    What is held grows with what is begun and not done, not with what was done. Safe to use from several
    threads.

    Args:
        start: The position before anything is begun.
        count: Things that were done before that.
    """

    def __init__(self, start: P, count: int = 0) -> None:
        self._lock = threading.Lock()
        # By ticket: the position behind the thing before it.
        self._open: OrderedDict[int, P] = OrderedDict()
        self._last = start
        self._next = count

    def begin(self, position: P) -> int:
        """Note that a thing is begun.

        Args:
            position: The position behind it.

        Returns:
            A ticket to be given to ``done``.
        """
        with self._lock:
            ticket = self._next
            self._open[ticket] = self._last
            self._last = position
            self._next += 1
            return ticket

    def done(self, ticket: int) -> None:
        """Note that a thing is done; saying so twice does nothing."""
        with self._lock:
            self._open.pop(ticket, None)

    @property
    def reached(self) -> tuple[P, int]:
        """The position up to which all is done, and how many things that are."""
        with self._lock:
            for ticket, position in self._open.items():
                return position, ticket
            return self._last, self._next

    @property
    def outstanding(self) -> int:
        """Things begun and not done."""
        with self._lock:
            return len(self._open)
