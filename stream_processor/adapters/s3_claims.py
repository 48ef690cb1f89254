"""Reads claimed objects from one S3 bucket, several at a time and never more of one than is claimed."""

from __future__ import annotations

import hashlib
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from smartcat.aws_errors import error_code
from smartcat.s3_integrity import is_stored
from smartcat.wire_format.claim_check import mismatch_error
from smartcat.wire_format.errors import Reason
from stream_processor.adapters.aws_retries import FAILURES, try_later, try_repeatedly
from stream_processor.adapters.parallel_calls import run_parallel
from stream_processor.errors import RejectRecord, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

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
        others: set[Hashable] = set()
        try:
            return try_repeatedly(
                partial(self._get, claim, deadline, others), seconds=seconds, sleep=self._clock.sleep
            )
        except (RejectRecord, TryLater) as error:
            return error

    def _get(self, claim: Claim, deadline: float, others: set[Hashable]) -> bytes:
        """Return what is stored for a claim; that it is something else is believed of two equal answers.

        Args:
            claim: The claim.
            deadline: Nothing is read after it.
            others: What earlier answers brought that was not what is claimed; added to.
        """
        answer = self._ask(claim)
        with closing(answer["Body"]) as body:
            # S3 names the ETag of every object; an answer without one is not S3's.
            etag, size = answer.get("ETag"), answer.get("ContentLength")
            if not etag or not isinstance(size, int):
                raise TryLater(f"{self._action} failed: the answer is not that of S3")
            if size != claim.size:
                # Not read at all: it may be of any size.
                error = mismatch_error(f"its object has {size} bytes, not {claim.size}")
                self._believe((etag, size), others)
                raise RejectRecord(str(error.reason), error.detail)
            payload = self._read(body, claim, deadline)
        if len(payload) < claim.size:
            raise TryLater(f"{self._action} was cut")
        sha256 = hashlib.sha256(payload).hexdigest()
        if sha256 != claim.sha256:
            stored = is_stored(payload, answer)
            if stored is False:
                raise TryLater(f"{self._action} brought other bytes than are stored")
            if stored is None:
                self._believe(sha256, others)
        return payload

    def _ask(self, claim: Claim) -> Any:
        try:
            return self._client().get_object(Bucket=self._bucket, Key=claim.key)
        except ClientError as error:
            if error_code(error.response) == "NoSuchKey":
                raise RejectRecord(str(Reason.CLAIM_MISSING), "claim: its object is not there") from None
            raise try_later(error, self._action) from None
        except FAILURES as error:
            raise try_later(error, self._action) from None

    def _read(self, body: Any, claim: Claim, deadline: float) -> bytes:
        parts, missing = [], claim.size + 1
        try:
            while missing:
                if self._clock.now() >= deadline:
                    raise self._out_of_time()
                part = body.read(min(CHUNK_BYTES, missing))
                if not part:
                    break
                parts.append(part)
                missing -= len(part)
        except FAILURES as error:
            raise try_later(error, self._action) from None
        return b"".join(parts)

    def _believe(self, other: Hashable, others: set[Hashable]) -> None:
        """Return if an earlier answer brought the same.

        Raises:
            TryLater: It is the first that brings this; it may have been damaged on its way.
        """
        if other not in others:
            others.add(other)
            raise TryLater(f"{self._action} brought something else than is claimed")

    @property
    def _action(self) -> str:
        return f"GetObject from bucket {self._bucket}"

    def _out_of_time(self) -> TryLater:
        return TryLater(f"no time left to get objects from bucket {self._bucket}")
