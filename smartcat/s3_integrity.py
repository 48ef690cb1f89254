"""Whether bytes are those that S3 stores, by its own answer. Knows no client."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MD5: Final = re.compile("[0-9a-f]{32}")


def is_stored(body: bytes, answer: Mapping[str, Any]) -> bool | None:
    """Return whether the answer to GetObject or PutObject says that these bytes are what is stored.

    The ETag of an object is the MD5 of its bytes, unless it was stored in parts or with a key of KMS (S3 API,
    Object). Besides, botocore checks the checksum of an object that has one, if all of it is read.

    Args:
        body: The bytes that came, or were sent.
        answer: The fields of the answer.

    Returns:
        True or False, or None where the answer does not say.
    """
    etag = str(answer.get("ETag") or "").strip('"')
    by_kms = str(answer.get("ServerSideEncryption") or "").startswith("aws:kms")
    if by_kms or "SSECustomerAlgorithm" in answer or not _MD5.fullmatch(etag):
        return None
    return hashlib.md5(body, usedforsecurity=False).hexdigest() == etag
