"""How large a record may be: asked of the stream once it matters. *Not known now* is an answer of its own."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from producers.core.backoff import Backoff
from producers.core.kinesis_limits import LAMBDA_RECORD_BYTES, Limits
from producers.core.outcomes import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from producers.ports import StreamPort

BACKOFF: Final = Backoff(first_seconds=0.2, longest_seconds=5.0, attempts=6)

_ASK_AGAIN_SECONDS: Final = 30.0
"""How long an unanswered question is not asked again: not every large document waits for it anew."""


class RecordLimit:
    """The largest record of one stream; may be used from several threads.

    Args:
        stream: The stream to ask.
        limits: What the caller knows; None to ask the stream.
        on_raised: Called with the bytes that the stream says, before a record of that size is accepted.
        clock: Returns seconds of a steady clock.
        sleep: Waits between attempts.

    Attributes:
        limits: What records and requests may hold, as far as it is known.
    """

    def __init__(
        self,
        stream: StreamPort,
        limits: Limits | None,
        on_raised: Callable[[int], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.limits = limits or Limits()
        self._stream = stream
        self._is_known = limits is not None
        self._on_raised = on_raised
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._unanswered: Failure | None = None
        self._ask_again_at = 0.0

    def fits(self, size: int, *, wait: bool) -> bool | Failure:
        """Return whether a record may have so many bytes, or why that is not known now.

        Args:
            size: Bytes of data and partition key.
            wait: Whether an answer that does not come is waited for, some seconds.
        """
        if size <= self.limits.record_bytes:
            return True
        with self._lock:
            failure = None if self._is_known else self._ask(wait=wait)
        return failure or size <= self.limits.record_bytes

    def _ask(self, *, wait: bool) -> Failure | None:
        if self._unanswered and self._clock() < self._ask_again_at:
            return self._unanswered
        failures, waited = 0, 0.0
        while isinstance(answer := self._stream.max_record_bytes(), Failure):
            failures += 1
            if not (wait and answer.retryable) or (
                failures >= BACKOFF.attempts and waited >= answer.patience_seconds
            ):
                self._unanswered, self._ask_again_at = answer, self._clock() + _ASK_AGAIN_SECONDS
                return answer
            seconds = BACKOFF.seconds(failures - 1, jitter=1.0)
            self._sleep(seconds)
            waited += seconds
        record_bytes = min(answer, LAMBDA_RECORD_BYTES)
        self._on_raised(record_bytes)
        self.limits = self.limits.with_record_bytes(record_bytes)
        self._is_known = True
        return None
