"""What a failed AWS call means for the caller, and the one loop in which calls are tried again."""

from __future__ import annotations

import math
from random import SystemRandom
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

from smartcat.aws_errors import error_code, is_retryable
from stream_processor.core.backoff import TRANSIENT_FAULT
from stream_processor.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

T = TypeVar("T")

ATTEMPTS: Final = 4

FAILURES: Final = (ClientError, BotoCoreError, ResponseParserError)
"""What a failed call raises; botocore counts the last among none of its errors."""

# The answer did not arrive, or not as it was sent: the last three, botocore does not count among the
# connection's errors.
_NO_ANSWER: Final = (
    HTTPClientError,
    BotoConnectionError,
    IncompleteReadError,
    FlexibleChecksumError,
    ResponseParserError,
)

_random: Final = SystemRandom()


def try_later(error: Exception, action: str) -> TryLater:
    """Return what a failed call means: when another attempt is worth while. Names codes and types alone.

    Args:
        error: What botocore raised, one of ``FAILURES``.
        action: What was being done, for the message.
    """
    if isinstance(error, ClientError):
        message = f"{action} failed with {error_code(error.response)}"
    else:
        message = f"{action} failed with {type(error).__name__}"
    return TryLater(message, seconds=0.0 if _is_transient(error) else math.inf)


def try_repeatedly(attempt: Callable[[], T], *, seconds: float, sleep: Callable[[float], None]) -> T:
    """Make an attempt, and up to three more with jittered waits while it raises ``TryLater``.

    Args:
        attempt: Must be idempotent.
        seconds: No attempt is begun this long after the first; the first is always made.
        sleep: How to wait.

    Returns:
        What the attempt returned.

    Raises:
        TryLater: The last attempt's, or one's that no waiting mends.
    """
    retrying = Retrying(
        retry=retry_if_exception_type(TryLater),
        stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(seconds),
        wait=_wait,
        sleep=sleep,
        reraise=True,
    )
    return retrying(attempt)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    least = error.seconds if isinstance(error, TryLater) else 0.0
    return max(least, TRANSIENT_FAULT.delay(state.attempt_number, _random))


def _is_transient(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return isinstance(error, _NO_ANSWER)  # the rest is configuration
    return is_retryable(error.response)
