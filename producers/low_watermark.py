"""The low watermark of work that starts in order and ends in any order. No files, no clock."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

P = TypeVar("P")


class LowWatermark(Generic[P]):
    """The last position up to which everything is done.

    Memory grows with what is outstanding, not with what is done. Safe to use from several threads.

    Args:
        start: The position before anything begins.
        count: Things that were done before that.
    """

    def __init__(self, start: P, count: int = 0) -> None:
        self._lock = threading.Lock()
        # By ticket: the position before the thing that is outstanding.
        self._outstanding: OrderedDict[int, P] = OrderedDict()
        self._last = start
        self._next_ticket = count

    def begin(self, position: P) -> int:
        """Record that the next thing begins.

        Args:
            position: The position after it.

        Returns:
            The ticket to pass to ``done``.
        """
        with self._lock:
            ticket = self._next_ticket
            self._outstanding[ticket] = self._last
            self._last = position
            self._next_ticket += 1
            return ticket

    def done(self, ticket: int) -> None:
        """Record that a thing is done; a second call does nothing."""
        with self._lock:
            self._outstanding.pop(ticket, None)

    @property
    def reached(self) -> tuple[P, int]:
        """The position up to which everything is done, and how many things that is."""
        with self._lock:
            for ticket, position in self._outstanding.items():
                return position, ticket
            return self._last, self._next_ticket

    @property
    def outstanding(self) -> int:
        """How many things have begun and are not done."""
        with self._lock:
            return len(self._outstanding)
