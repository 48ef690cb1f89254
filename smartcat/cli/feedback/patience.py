"""Asking a table again for what it left undone, with longer and longer waits. Knows no items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from smartcat.aws_errors import THROTTLING_CODES, error_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ATTEMPTS: Final = 10
"""Without any progress, that is some half a minute."""

FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 10.0


class CapacityError(RuntimeError):
    """A table has no capacity for us; the message is one line for people."""


class _NoProgressError(Exception):
    """A request of which the table did nothing."""


def patiently(
    request: Callable[[Sequence[Any]], Sequence[Any]],
    parts: Sequence[Any],
    where: str,
    *,
    sleep: Callable[[float], None],
) -> None:
    """Make a request, and make it again for what was left undone, until nothing is.

    Args:
        request: Does what it can and returns the rest; idempotent.
        parts: What to do, at least one.
        where: What to call the table in an error.
        sleep: How to wait.

    Raises:
        CapacityError: ``ATTEMPTS`` requests in a row achieved nothing.
        botocore.exceptions.ClientError: A request failed for another reason than throttling.
    """
    left = _attempt(request, parts, where, sleep)
    while left:
        sleep(FIRST_WAIT_SECONDS)
        left = _attempt(request, left, where, sleep)


def _attempt(
    request: Callable[[Sequence[Any]], Sequence[Any]],
    parts: Sequence[Any],
    where: str,
    sleep: Callable[[float], None],
) -> Sequence[Any]:
    """Make a request until it achieves something; give what is left."""

    def once() -> Sequence[Any]:
        try:
            left = request(parts)
        except ClientError as error:
            if error_code(error.response) not in THROTTLING_CODES:
                raise
            raise _NoProgressError from error
        if len(left) == len(parts):
            raise _NoProgressError
        return left

    retrying = Retrying(
        retry=retry_if_exception_type(_NoProgressError),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
        sleep=sleep,
        reraise=True,
    )
    try:
        return retrying(once)
    except _NoProgressError as error:
        raise CapacityError(
            f"{where} is out of capacity, and {ATTEMPTS} attempts achieved nothing"
        ) from error
