"""What a failed AWS call means for the caller, and the one way in which calls are tried again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from stream_processor.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

T = TypeVar("T")

ATTEMPTS: Final = 4
FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 2.0

THROTTLING_CODES: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
    }
)

CUT_SHORT: Final = (IncompleteReadError, FlexibleChecksumError)
"""The bytes did not arrive whole. botocore does not count these among the errors of the connection."""

_TRANSIENT_CODES: Final = frozenset({"InternalError", "RequestTimeout", "RequestTimeoutException"})


def error_code(error: ClientError) -> str:
    """Give the code of an AWS error, such as ``ThrottlingException``."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def later(error: ClientError | BotoCoreError, action: str) -> TryLater:
    """Say of a failed call when another try is worth while; names codes and types, never what was sent.

    Args:
        error: What boto raised.
        action: What was being done, for the message.
    """
    if isinstance(error, ClientError):
        message = f"{action} failed with {error_code(error)}"
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


_jitter = wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    least = error.seconds if isinstance(error, TryLater) else 0.0
    return max(least, _jitter(state))


def _is_transient(error: ClientError | BotoCoreError) -> bool:
    if not isinstance(error, ClientError):
        return isinstance(error, HTTPClientError | BotoConnectionError)  # the rest is configuration
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error_code(error) in _TRANSIENT_CODES | THROTTLING_CODES
