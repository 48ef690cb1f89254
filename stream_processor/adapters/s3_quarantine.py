"""Stores rejections in an S3 bucket, one object each, several at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from stream_processor.adapters.faults import later, try_repeatedly
from stream_processor.errors import TryLater
from stream_processor.quarantine_object import object_body, object_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_s3 import S3Client

    from stream_processor.kinesis_event import Rejection
    from stream_processor.ports import Clock

PARALLEL_PUTS: Final = 8
"""Within the client's connection pool; a flood of poison must not cost a round trip for each record."""


class S3Quarantine:
    """The quarantine; see ``ports.Quarantine`` for the contract.

    Args:
        client: Gives the client, which makes one attempt per call; not asked before there is poison.
        bucket: Name of the bucket.
        prefix: Put before every key.
        clock: Time, for waits between attempts at a transient fault.
        trouble: Told in one line, without page text, why a rejection could not be stored.
    """

    def __init__(
        self,
        client: Callable[[], S3Client],
        bucket: str,
        *,
        prefix: str,
        clock: Clock,
        trouble: Callable[[str], None],
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._clock = clock
        self._trouble = trouble

    def store(self, rejections: Sequence[Rejection], *, seconds: float) -> tuple[Rejection, ...]:
        """Store every rejection; returns those that are not known to be stored."""
        if not rejections:
            return ()
        deadline = self._clock.now() + seconds
        # The first is tried even without time to spare: an invocation without progress wears out the retries.
        problems = [self._try_to_store(rejections[0], deadline)]
        with ThreadPoolExecutor(PARALLEL_PUTS) as pool:
            problems += pool.map(partial(self._store_in_time, deadline=deadline), rejections[1:])
        for problem in sorted({problem for problem in problems if problem}):
            self._trouble(problem)
        return tuple(rejection for rejection, problem in zip(rejections, problems, strict=True) if problem)

    def _store_in_time(self, rejection: Rejection, *, deadline: float) -> str | None:
        if self._clock.now() >= deadline:
            return f"no time left to put objects into bucket {self._bucket}"
        return self._try_to_store(rejection, deadline)

    def _try_to_store(self, rejection: Rejection, deadline: float) -> str | None:
        """Store one; returns why it failed, or None."""
        seconds = deadline - self._clock.now()
        try:
            try_repeatedly(partial(self._put, rejection), seconds=seconds, sleep=self._clock.sleep)
        except TryLater as error:
            return str(error)
        return None

    def _put(self, rejection: Rejection) -> None:
        try:
            self._client().put_object(
                Bucket=self._bucket,
                Key=object_key(self._prefix, rejection),
                Body=object_body(rejection),
                ContentType="application/json",
            )
        except (ClientError, BotoCoreError) as error:
            raise later(error, f"PutObject to bucket {self._bucket}") from None
