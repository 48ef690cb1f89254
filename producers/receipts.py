"""Futures of receipts, from the put until they are resolved. Knows no request; its owner holds the lock."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from producers.delivery import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from producers.errors import DeliveryError


class PendingReceipt(Future[Receipt]):
    """A future that hurries what it waits for.

    Args:
        partition_key: The document id.
        size: Its bytes.
        hurry: Makes what it waits for go at once.
    """

    def __init__(self, partition_key: str, size: int, hurry: Callable[[], None]) -> None:
        super().__init__()
        self.partition_key = partition_key
        self.size = size
        self.claimed_by: threading.Thread | None = None
        self.outcome: Receipt | DeliveryError | None = None
        self._hurry = hurry
        # A record may be on the stream before anybody could cancel it.
        self.set_running_or_notify_cancel()

    def result(self, timeout: float | None = None) -> Receipt:
        """Give the receipt, or raise the error; what waits is sent at once."""
        if not self.done():
            self._hurry()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Give the error, or None; what waits is sent at once."""
        if not self.done():
            self._hurry()
        return super().exception(timeout)

    def resolve(self) -> None:
        """Set the receipt or the error, unless that is done; callbacks run here."""
        if self.done():
            return
        if isinstance(self.outcome, Receipt):
            self.set_result(self.outcome)
        else:
            self.set_exception(self.outcome)


class Unresolved:
    """The futures that nobody has resolved yet, by ordinal, and the bytes they stand for."""

    def __init__(self) -> None:
        self._futures: dict[int, PendingReceipt] = {}
        self.bytes = 0

    def __len__(self) -> int:
        """Documents without an answer."""
        return len(self._futures)

    def add(self, ordinal: int, future: PendingReceipt) -> None:
        """Note a future; ordinals only grow."""
        self._futures[ordinal] = future
        self.bytes += future.size

    def any_below(self, ordinal: int) -> bool:
        """Tell whether one with a lower ordinal is left."""
        first = next(iter(self._futures), None)
        return first is not None and first < ordinal

    def any_claimed_by_others(self) -> bool:
        """Tell whether another thread is resolving one."""
        nobody = (None, threading.current_thread())
        return any(future.claimed_by not in nobody for future in self._futures.values())

    def claim(self, ordinal: int) -> PendingReceipt | None:
        """Give a future to the thread that will resolve it; None if another does.

        A thread that was interrupted may claim again what it had.
        """
        future = self._futures.get(ordinal)
        if future is None or future.claimed_by not in (None, threading.current_thread()):
            return None
        future.claimed_by = threading.current_thread()
        return future

    def claim_all(self) -> dict[int, PendingReceipt]:
        """Give all futures that no other thread resolves."""
        return {ordinal: future for ordinal in list(self._futures) if (future := self.claim(ordinal))}

    def forget(self, ordinal: int) -> None:
        """Drop a future that is resolved, callbacks and all."""
        future = self._futures.pop(ordinal, None)
        if future is not None:
            self.bytes -= future.size
