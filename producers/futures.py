"""Futures of receipts, from the put until they are resolved. Knows no request; its owner holds the lock."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from producers.core.outcomes import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from producers.errors import DeliveryError


class ReceiptFuture(Future[Receipt]):
    """A future that flushes its document when somebody asks for the result.

    Args:
        partition_key: The document id.
        size: Its bytes.
        flush: Lets the document, and all that was put before it, linger no longer; does not wait.
    """

    def __init__(self, partition_key: str, size: int, flush: Callable[[], None]) -> None:
        super().__init__()
        self.partition_key = partition_key
        self.size = size
        self.claimed_by: threading.Thread | None = None
        self.outcome: Receipt | DeliveryError | None = None
        self._flush = flush
        # A record may be on the stream before anybody could cancel it.
        self.set_running_or_notify_cancel()

    def result(self, timeout: float | None = None) -> Receipt:
        """Return the receipt, or raise the error; flushes the document first."""
        if not self.done():
            self._flush()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error, or None; flushes the document first."""
        if not self.done():
            self._flush()
        return super().exception(timeout)

    def resolve(self) -> None:
        """Set the receipt or the error, unless that was done before; callbacks run here."""
        if self.done():
            return
        if isinstance(self.outcome, Receipt):
            self.set_result(self.outcome)
        else:
            self.set_exception(self.outcome)


class UnresolvedFutures:
    """The futures that are not resolved yet, by ordinal, and the bytes of their documents."""

    def __init__(self) -> None:
        self._futures: dict[int, ReceiptFuture] = {}
        self.bytes = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._futures)

    def add(self, ordinal: int, future: ReceiptFuture) -> None:
        """Add a future; each ordinal is greater than the one before."""
        self._futures[ordinal] = future
        self.bytes += future.size

    def any_below(self, ordinal: int) -> bool:
        """Return whether one with a lower ordinal is left."""
        first = next(iter(self._futures), None)
        return first is not None and first < ordinal

    def any_claimed_by_others(self) -> bool:
        """Return whether another thread is resolving one."""
        mine_or_free = (None, threading.current_thread())
        return any(future.claimed_by not in mine_or_free for future in self._futures.values())

    def claim(self, ordinal: int) -> ReceiptFuture | None:
        """Claim a future for this thread to resolve; return None if another thread has it.

        A thread that was interrupted may claim again what it had.
        """
        future = self._futures.get(ordinal)
        if future is None or future.claimed_by not in (None, threading.current_thread()):
            return None
        future.claimed_by = threading.current_thread()
        return future

    def claim_all(self) -> dict[int, ReceiptFuture]:
        """Claim all futures that no other thread has, and return them by ordinal."""
        return {ordinal: future for ordinal in list(self._futures) if (future := self.claim(ordinal))}

    def remove(self, ordinal: int) -> None:
        """Remove a future that is resolved and whose callbacks have run."""
        future = self._futures.pop(ordinal, None)
        if future is not None:
            self.bytes -= future.size
