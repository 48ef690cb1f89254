"""The records of a spool that were refused, or wait behind a refused one of their id. Reads no clock."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Final

AGAIN_SECONDS: Final = 15.0
"""How long what was refused waits while other documents get through."""


class SetAside:
    """Records that are sent again later; of each id, the earliest first.

    An id that fails goes to the end: the others are tried before it comes again.
    """

    def __init__(self) -> None:
        # By id: its records in order. A dictionary keeps the order in which ids were put into it.
        self._numbers: dict[str, deque[int]] = {}
        self._tried_at: float | None = None

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._numbers)

    def holds(self, document_id: str) -> bool:
        """Return whether a record of this id waits."""
        return document_id in self._numbers

    def add(self, document_id: str, number: int) -> None:
        """Set a record aside, behind earlier ones of its id; one that is there already was refused again."""
        numbers = self._numbers.pop(document_id, deque())
        if number not in islice(numbers, 1):
            numbers.append(number)
        self._numbers[document_id] = numbers

    def remove(self, document_id: str, number: int) -> None:
        """Record that a record was delivered, if it is the first of its id here."""
        numbers = self._numbers.get(document_id)
        if numbers and numbers[0] == number:
            numbers.popleft()
            if not numbers:
                del self._numbers[document_id]

    def forget(self, document_id: str) -> None:
        """Let none of this id be sent again by this run."""
        self._numbers.pop(document_id, None)

    def due(self, now: float) -> bool:
        """Return whether records wait, and none was tried for a while."""
        if not self._numbers:
            self._tried_at = None
            return False
        if self._tried_at is None:
            self._tried_at = now
        return now - self._tried_at >= AGAIN_SECONDS

    def first(self, records: int, now: float) -> list[int]:
        """Return the first record of each of so many ids, in ascending order."""
        self._tried_at = now
        return sorted(numbers[0] for numbers in islice(self._numbers.values(), records))
