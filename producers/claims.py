"""Stores documents too large for the stream in S3, and returns the claims that stand for them on the stream.

Knows S3 only; the format of a claim is in smartcat/wire_format/claim_check.py.
"""

from __future__ import annotations

import random
import time
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from producers.clients import s3_client
from producers.core.backoff import Backoff
from producers.errors import ClaimStoreError, ConfigurationError
from smartcat.aws_errors import error_code, is_retryable
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
            ClaimStoreError: S3 did not store it, after a few attempts where they could help.
            ValueError: A claim cannot hold one of the arguments.
        """
        claim = make_claim(
            payload,
            document_id=document_id,
            bucket=self._bucket,
            prefix=self._prefix,
            expires_at=expires_at,
        )
        failed_attempts = 0
        while (error := self._put(claim, payload)) is not None:
            failed_attempts += 1
            if not error.transient or failed_attempts >= BACKOFF.attempts:
                raise error
            self._sleep(BACKOFF.seconds(failed_attempts - 1, random.random()))  # noqa: S311 - no secret
        return to_bytes(claim)

    def _put(self, claim: Claim, payload: bytes) -> ClaimStoreError | None:
        """Make one attempt; return its error. Not raised here: what boto3 raises may quote what was sent."""
        try:
            self._client.put_object(
                Bucket=claim.bucket,
                Key=claim.key,
                Body=payload,
                ContentType="application/octet-stream",
                # S3 refuses bytes with another checksum: what is stored is what the claim says.
                ChecksumSHA256=b64encode(bytes.fromhex(claim.sha256)).decode("ascii"),
            )
        except ClientError as error:
            code, transient = error_code(error.response), is_retryable(error.response)
        except BotoCoreError as error:
            code = type(error).__name__
            transient = isinstance(error, HTTPClientError | BotocoreConnectionError)
        else:
            return None
        return ClaimStoreError(claim.document_id, claim.bucket, code, transient=transient)
