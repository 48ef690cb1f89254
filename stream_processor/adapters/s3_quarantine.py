"""Stores rejected records in an S3 bucket, one object each, several at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from smartcat.s3_integrity import is_stored
from stream_processor.adapters.aws_retries import FAILURES, try_later, try_repeatedly
from stream_processor.errors import TryLater
from stream_processor.storage_format.quarantine_object import object_body, object_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_s3 import S3Client

    from stream_processor.core.ports import Clock
    from stream_processor.storage_format.quarantine_object import RejectedRecord

PARALLEL_PUTS: Final = 8
"""Within the client's connection pool; a flood of bad records must not cost a round trip for each record."""


class S3Quarantine:
    """The quarantine; see ``ports.Quarantine`` for the contract.

    Args:
        client: Returns the client, which makes one attempt per call; not called before a record is rejected.
        bucket: Name of the bucket.
        prefix: Put before every key.
        clock: Time, for waits between attempts at a transient fault.
        report_problem: Called with one line, without page text, why a record could not be stored.
    """

    def __init__(
        self,
        client: Callable[[], S3Client],
        bucket: str,
        *,
        prefix: str,
        clock: Clock,
        report_problem: Callable[[str], None],
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._clock = clock
        self._report_problem = report_problem

    def store(self, records: Sequence[RejectedRecord], *, seconds: float) -> tuple[RejectedRecord, ...]:
        """Store every record; return those that are not known to be stored."""
        if not records:
            return ()
        deadline = self._clock.now() + seconds
        # The first is tried even without time to spare: an invocation without progress wears out the retries.
        problems = [self._try_to_store(records[0], deadline)]
        with ThreadPoolExecutor(PARALLEL_PUTS) as pool:
            problems += pool.map(partial(self._store_in_time, deadline=deadline), records[1:])
        for problem in sorted({problem for problem in problems if problem}):
            self._report_problem(problem)
        return tuple(rejected for rejected, problem in zip(records, problems, strict=True) if problem)

    def _store_in_time(self, rejected: RejectedRecord, *, deadline: float) -> str | None:
        if self._clock.now() >= deadline:
            return f"no time left to put objects into bucket {self._bucket}"
        return self._try_to_store(rejected, deadline)

    def _try_to_store(self, rejected: RejectedRecord, deadline: float) -> str | None:
        """Store one; return why it failed, or None."""
        seconds = deadline - self._clock.now()
        try:
            try_repeatedly(partial(self._put, rejected), seconds=seconds, sleep=self._clock.sleep)
        except TryLater as error:
            return str(error)
        return None

    def _put(self, rejected: RejectedRecord) -> None:
        action, body = f"PutObject to bucket {self._bucket}", object_body(rejected)
        try:
            answer = self._client().put_object(
                Bucket=self._bucket,
                Key=object_key(self._prefix, rejected),
                Body=body,
                ContentType="application/json",
            )
        except FAILURES as error:
            raise try_later(error, action) from None
        # S3 names the ETag of whatever it stored; an answer without one is not S3's.
        if not answer.get("ETag") or is_stored(body, answer) is False:
            raise TryLater(f"{action} was not confirmed")
