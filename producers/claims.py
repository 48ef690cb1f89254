"""Stores documents too large for the stream in S3, and returns the claims that stand for them on the stream.

Knows S3 only; the format of a claim is in smartcat/wire_format/claim_check.py.
"""

from __future__ import annotations

import random
import time
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from producers.aws_failures import failure_of
from producers.clients import s3_client
from producers.core.backoff import Backoff
from producers.core.outcomes import Failure
from producers.errors import ClaimStoreError, ConfigurationError
from smartcat.wire_format.claim_check import (
    DEFAULT_PREFIX,
    Claim,
    check_bucket_and_prefix,
    make_claim,
    to_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

BACKOFF: Final = Backoff(first_seconds=0.2, longest_seconds=5.0, attempts=6)


class S3ClaimStore:
    """Stores documents in one bucket; may be used from several threads.

    The key of an object is made of the document's id and its bytes, so storing it again, completely or after
    a failure, leaves one object. It is written again each time, so its lifecycle begins again.

    Args:
        bucket: Name of the bucket. Its encryption and its lifecycle are the bucket's own.
        prefix: Put before every key, ends with a slash; plain characters only.
        client: An S3 client that makes one attempt per call; None for one of our own.
        sleep: Waits between attempts.

    Raises:
        ConfigurationError: A claim cannot name the bucket or the prefix, or boto3 cannot make a client.
    """

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str = DEFAULT_PREFIX,
        client: S3Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            check_bucket_and_prefix(bucket, prefix)
        except ValueError as error:
            raise ConfigurationError(f"not a valid location for claims: {error}") from None
        self._bucket = bucket
        self._prefix = prefix
        self._client = client or s3_client()
        self._sleep = sleep

    def store(self, document_id: str, payload: bytes, expires_at: int | None = None) -> bytes:
        """Store a document's bytes, and return the claim that stands for them.

        Args:
            document_id: The document's id, 1 to 256 characters.
            payload: The result of ``smartcat.wire_format.document.to_bytes``, 1 byte to 5 GiB.
            expires_at: Epoch seconds from which on it must not be read; None for never. Its deletion is up to
                the bucket's lifecycle.

        Returns:
            The claim's bytes, a few hundred, for the stream, under the document's id as partition key.

        Raises:
            ClaimStoreError: S3 did not store it, after a few attempts where they could help; credentials that
                cannot be renewed are waited for, up to two minutes.
            ValueError: A claim cannot hold one of the arguments.
        """
        claim = make_claim(
            payload,
            document_id=document_id,
            bucket=self._bucket,
            prefix=self._prefix,
            expires_at=expires_at,
        )
        failed_attempts, waited = 0, 0.0
        while (failure := self._put(claim, payload)) is not None:
            failed_attempts += 1
            late = failed_attempts >= BACKOFF.attempts and waited >= failure.patience_seconds
            if late or not failure.retryable:
                why = failure.explanation if failure.patience_seconds else ""
                raise ClaimStoreError(
                    document_id, self._bucket, failure.code, why, transient=failure.retryable
                )
            seconds = BACKOFF.seconds(failed_attempts - 1, random.random())  # noqa: S311 - no secret
            self._sleep(seconds)
            waited += seconds
        return to_bytes(claim)

    def _put(self, claim: Claim, payload: bytes) -> Failure | None:
        """Make one attempt; return why it failed, not what boto3 raised: that may quote what was sent."""
        checksum = b64encode(bytes.fromhex(claim.sha256)).decode("ascii")
        try:
            answer = self._client.put_object(
                Bucket=claim.bucket,
                Key=claim.key,
                Body=payload,
                ContentType="application/octet-stream",
                # S3 refuses bytes with another checksum: what is stored is what the claim says.
                ChecksumSHA256=checksum,
            )
            # Whatever stands between may answer 200: only S3 names the object it has stored.
            stored = bool(answer["ETag"]) and answer.get("ChecksumSHA256", checksum) == checksum
        except Exception as error:  # noqa: BLE001 - a damaged answer raises anything
            return failure_of(error)
        return None if stored else Failure("MalformedResponse", "not an answer of S3", retryable=True)
