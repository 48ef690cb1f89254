"""Reads claimed objects from one S3 bucket, several at a time and never more of one than is claimed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from smartcat.aws_errors import error_code
from smartcat.wire_format.claim_check import mismatch_error
from smartcat.wire_format.errors import Reason
from stream_processor.adapters.aws_answers import require_fields
from stream_processor.adapters.aws_retries import TRUNCATED, try_later, try_repeatedly
from stream_processor.adapters.parallel_calls import run_parallel
from stream_processor.errors import RejectRecord, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_s3 import S3Client

    from smartcat.wire_format.claim_check import Claim
    from stream_processor.core.ports import Clock, FetchResult

CHUNK_BYTES: Final = 1024 * 1024
LEAST_SECONDS: Final = 1.0
"""What the first claim gets in any case."""


class S3Claims:
    """The store of claimed objects; see ``ports.ClaimedObjects`` for the contract.

    Args:
        client: Gives the client, which makes one attempt per call and is used from several threads; not asked
            before there is a claim.
        bucket: The only bucket that is read.
        clock: Time, for the deadline and for waits between attempts at a transient fault.
    """

    def __init__(self, client: Callable[[], S3Client], bucket: str, *, clock: Clock) -> None:
        self._client = client
        self._bucket = bucket
        self._clock = clock

    def fetch(self, claims: Sequence[Claim], *, seconds: float) -> Sequence[FetchResult]:
        """Read several objects at the same time."""
        self._client()  # here, so that it is not made on several threads at once
        now = self._clock.now()
        deadline = now + seconds
        first = partial(self._fetch, claims[0], max(deadline, now + LEAST_SECONDS))
        return run_parallel([first, *(partial(self._fetch, claim, deadline) for claim in claims[1:])])

    def _fetch(self, claim: Claim, deadline: float) -> FetchResult:
        seconds = deadline - self._clock.now()
        if seconds <= 0:
            return self._out_of_time()
        try:
            return try_repeatedly(
                partial(self._get, claim, deadline), seconds=seconds, sleep=self._clock.sleep
            )
        except (RejectRecord, TryLater) as error:
            return error

    def _get(self, claim: Claim, deadline: float) -> bytes:
        try:
            answer = self._client().get_object(Bucket=self._bucket, Key=claim.key)
            return self._read(answer, claim, deadline)
        except ClientError as error:
            if error_code(error.response) == "NoSuchKey":
                raise RejectRecord(str(Reason.CLAIM_MISSING), "claim: its object is not there") from None
            raise try_later(error, f"GetObject from bucket {self._bucket}") from None
        except TRUNCATED as error:
            raise TryLater(
                f"GetObject from bucket {self._bucket} failed with {type(error).__name__}"
            ) from None
        except BotoCoreError as error:
            raise try_later(error, f"GetObject from bucket {self._bucket}") from None

    def _read(self, answer: Any, claim: Claim, deadline: float) -> bytes:
        body = answer["Body"]
        try:
            # Before its length is held against the object: a page from elsewhere has another, and no ETag.
            require_fields(answer, ETag=str)
            if answer["ContentLength"] != claim.size:
                # Not read at all: it may be of any size.
                error = mismatch_error(f"its object has {answer['ContentLength']} bytes, not {claim.size}")
                raise RejectRecord(str(error.reason), error.detail)
            parts, missing = [], claim.size + 1
            while missing:
                if self._clock.now() >= deadline:
                    raise self._out_of_time()
                part = body.read(min(CHUNK_BYTES, missing))
                if not part:
                    break
                parts.append(part)
                missing -= len(part)
            return b"".join(parts)
        finally:
            body.close()

    def _out_of_time(self) -> TryLater:
        return TryLater(f"no time left to get objects from bucket {self._bucket}")
