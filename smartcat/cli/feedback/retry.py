"""Retries the unprocessed part of a batch request to DynamoDB, with exponential backoff. Knows no items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from smartcat.aws_errors import THROTTLING_CODES, error_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ATTEMPTS: Final = 10
"""Consecutive attempts without progress, which take about half a minute."""

FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 10.0


class CapacityError(RuntimeError):
    """A table has no capacity left; the message is one line for people."""


class _NoProgressError(Exception):
    """The table processed nothing of a request."""


def retry_unprocessed(
    request: Callable[[Sequence[Any]], Sequence[Any]],
    entries: Sequence[Any],
    where: str,
    *,
    sleep: Callable[[float], None],
) -> None:
    """Make a request, and repeat it for what was left unprocessed, until nothing is.

    Args:
        request: Processes what it can and returns the rest; idempotent.
        entries: What to process, at least one.
        where: Names the table in an error.
        sleep: Waits so many seconds.

    Raises:
        CapacityError: ``ATTEMPTS`` requests in a row made no progress.
        botocore.exceptions.ClientError: A request failed for another reason than throttling.
    """
    left = _attempt(request, entries, where, sleep)
    while left:
        sleep(FIRST_WAIT_SECONDS)
        left = _attempt(request, left, where, sleep)


def _attempt(
    request: Callable[[Sequence[Any]], Sequence[Any]],
    entries: Sequence[Any],
    where: str,
    sleep: Callable[[float], None],
) -> Sequence[Any]:
    """Make a request until it makes progress; return what is left."""

    def once() -> Sequence[Any]:
        try:
            left = request(entries)
        except ClientError as error:
            if error_code(error.response) not in THROTTLING_CODES:
                raise
            raise _NoProgressError from error
        if len(left) == len(entries):
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
        raise CapacityError(f"{where} has no capacity left: {ATTEMPTS} attempts made no progress") from error
