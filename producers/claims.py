"""Stores documents too large for the stream in S3, and gives the claims that stand for them on the stream.

Does S3 alone; what a claim says is smartcat/wire_format/claim_check.py's business.
"""

from __future__ import annotations

import time
from base64 import b64encode
from functools import partial
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from producers.client import s3_client
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

ATTEMPTS: Final = 6
FIRST_WAIT_SECONDS: Final = 0.2
LONGEST_WAIT_SECONDS: Final = 5.0

_BUSY_CODES: Final = frozenset(
    {
        "InternalError",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
    }
)
_DAMAGED_CODES: Final = frozenset({"BadDigest", "IncompleteBody"})
"""The bytes did not arrive as they were sent."""


class S3ClaimStore:
    """Stores documents in one bucket; may be used from several threads.

    The key of an object is made of the document's id and its bytes, so storing it again, whole or after a
    failure, leaves one object. It is written anew each time: its lifecycle begins again.

    Args:
        bucket: Name of the bucket. Its encryption and its lifecycle are the bucket's own.
        prefix: Put before every key, ends with a slash; plain characters only.
        client: An S3 client that makes one attempt a call; None for one of our own.
        sleep: How to wait between attempts.

    Raises:
        ConfigurationError: Bucket or prefix are none that a claim can name, or boto3 cannot make a client.
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
            raise ConfigurationError(f"claims cannot be kept there: {error}") from None
        self._bucket = bucket
        self._prefix = prefix
        self._client = client or s3_client()
        self._retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, ClaimStoreError) and error.transient),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            sleep=sleep,
            reraise=True,
        )

    def store(self, document_id: str, payload: bytes, expires_at: int | None = None) -> bytes:
        """Store a document's bytes.

        Args:
            document_id: The document's id, 1 to 256 characters.
            payload: What ``smartcat.wire_format.document.to_bytes`` gave for it, 1 byte to 5 GiB.
            expires_at: Epoch seconds from which on nobody may read it any more; None for never. When it is
                deleted is a matter of the bucket's lifecycle.

        Returns:
            The claim's bytes, a few hundred, for the stream, under the document's id as partition key.

        Raises:
            ClaimStoreError: S3 did not take it, after a few attempts where that could help.
            ValueError: An argument is none that a claim can hold.
        """
        claim = make_claim(
            payload,
            document_id=document_id,
            bucket=self._bucket,
            prefix=self._prefix,
            expires_at=expires_at,
        )
        self._retrying(partial(self._put, claim, payload))
        return to_bytes(claim)

    def _put(self, claim: Claim, payload: bytes) -> None:
        try:
            self._client.put_object(
                Bucket=claim.bucket,
                Key=claim.key,
                Body=payload,
                ContentType="application/octet-stream",
                # S3 refuses bytes that do not have it: what is stored is what is claimed.
                ChecksumSHA256=b64encode(bytes.fromhex(claim.sha256)).decode("ascii"),
            )
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "Unknown"))
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            transient = status >= 500 or code in _BUSY_CODES | _DAMAGED_CODES
        except BotoCoreError as error:
            code = type(error).__name__
            transient = isinstance(error, HTTPClientError | BotoConnectionError)
        else:
            return
        # Outside the handler: what boto raised may quote what was sent.
        raise ClaimStoreError(claim.document_id, claim.bucket, code, transient=transient)
