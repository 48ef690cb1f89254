"""Checks that a stream exists, and stops a delivery of which nothing is accepted any more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from producers.errors import DeliveryError, RecordLimitUnknownError
from smartcat.aws_errors import ACCESS_DENIED_CODES, RETRYABLE_CODES, error_code
from smartcat.cli.aws_clients import AwsError, error_line
from smartcat.stream_names import parse_stream

if TYPE_CHECKING:
    from concurrent.futures import Future

    from producers.core.outcomes import Receipt

# A producer may be allowed to write but not to describe the stream, which is limited to 20 calls a second.
_INCONCLUSIVE = ACCESS_DENIED_CODES | RETRYABLE_CODES


class DeliveryStopped(RuntimeError):  # noqa: N818 - what happened, as the other errors of a delivery are named
    """A whole request was rejected for good: the next ones would be, too."""


def check_stream(kinesis: Any, stream: str) -> None:
    """Check that the stream exists, before the first document is read.

    Without this, every request of a large delivery would use up its own retries.

    Raises:
        AwsError: There is no such stream in this region, or AWS rejects the caller.
        botocore.exceptions.BotoCoreError: AWS cannot be reached.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - only commands that reach AWS pay for this import

    try:
        kinesis.describe_stream_summary(**parse_stream(stream).request)
    except ClientError as error:
        code = error_code(error.response)
        if code in _INCONCLUSIVE:
            return
        if code == "ResourceNotFoundException":
            where = f"{kinesis.meta.region_name} ({kinesis.meta.endpoint_url})"
            message = f"no stream {stream!r} in {where}; nothing was sent"
            raise AwsError(message) from error
        raise AwsError(f"{error_line(error)}; nothing was sent") from error


class DeliveryMonitor:
    """Counts accepted and failed documents; called by the threads of the producer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted = 0
        self._failed = 0
        self._error: BaseException | None = None

    def follow(self, receipt: Future[Receipt]) -> None:
        """Count a document once its result is known."""
        receipt.add_done_callback(self._note)

    def check(self) -> None:
        """Check that documents are still accepted; to be called after each document.

        What concerns one shard while others accept, or large documents alone, stops nothing. It is named at
        the end.

        Raises:
            DeliveryStopped: All documents that finished since the last call failed, and not for one shard.
        """
        with self._lock:
            stopped = self._failed and not self._accepted
            self._accepted = self._failed = 0
        if stopped:
            raise DeliveryStopped(f"the stream accepts no documents any more: {self._error}") from self._error

    def _note(self, receipt: Future[Receipt]) -> None:
        error = receipt.exception()
        with self._lock:
            if error is None:
                self._accepted += 1
            elif not _is_of_some(error):
                self._failed += 1
                self._error = error


def _is_of_some(error: BaseException) -> bool:
    """Return whether an error says nothing of the documents of other shards, or of smaller ones."""
    return isinstance(error, RecordLimitUnknownError) or (
        isinstance(error, DeliveryError) and error.shard_id != ""
    )
