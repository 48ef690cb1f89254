"""Delivery as `smartcat produce` watches it: is there a stream, and does anything still get through."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from smartcat.cli.aws import AwsError, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from producers.core.outcomes import Receipt

#: Undelivered documents that are named one by one; of more than these the last line gives the count.
NAMED_FAILURES = 10

# A producer may well be allowed to write and not to ask, and asking is limited to 20 times a second.
_NO_ANSWER = frozenset(
    {"AccessDenied", "AccessDeniedException", "LimitExceededException", "ThrottlingException"}
)


class DeliveryStopped(RuntimeError):  # noqa: N818 - what happened, as the other errors of a delivery are named
    """A whole request was refused for good: the next ones would be, too."""


def check_stream(kinesis: Any, stream: str) -> None:
    """Find out before the first document is read whether the stream is there.

    Without it, every request of a large delivery would wait for its own retries against nothing.

    Raises:
        AwsError: no such stream in this region, or AWS refuses the caller.
        botocore.exceptions.BotoCoreError: nobody answers.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - only commands that reach AWS pay for this import

    try:
        kinesis.describe_stream_summary(StreamName=stream)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _NO_ANSWER:
            return
        if code == "ResourceNotFoundException":
            where = f"{kinesis.meta.region_name} ({kinesis.meta.endpoint_url})"
            message = f"no stream {stream!r} in {where}; nothing was sent"
            raise AwsError(message) from error
        raise AwsError(f"{refusal(error)}; nothing was sent") from error


class Watch:
    """Sees whether requests get anything accepted; told by the producer's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted = 0
        self._failed = 0
        self._error: BaseException | None = None

    def follow(self, receipt: Future[Receipt]) -> None:
        """Note what becomes of a document."""
        receipt.add_done_callback(self._note)

    def check(self) -> None:
        """Say whether to go on; to be called after each document.

        Raises:
            DeliveryStopped: the documents sent since the last call all failed.
        """
        with self._lock:
            stopped = self._failed and not self._accepted
            self._accepted = self._failed = 0
        if stopped:
            raise DeliveryStopped(f"the stream takes nothing any more: {self._error}") from self._error

    def _note(self, receipt: Future[Receipt]) -> None:
        error = receipt.exception()
        with self._lock:
            if error is None:
                self._accepted += 1
            else:
                self._failed += 1
                self._error = error


def failure_lines(failed: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Give a line for each of the first failures, and one line a reason for the rest.

    Args:
        failed: (document id, error code) of each.
    """
    yield from (f"not delivered: {key}: {reason}" for key, reason in failed[:NAMED_FAILURES])
    for reason, count in Counter(reason for _, reason in failed[NAMED_FAILURES:]).most_common():
        yield f"not delivered: {count} more: {reason}"
