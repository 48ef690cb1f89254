from __future__ import annotations

import hashlib
from typing import Any

import pytest

from smartcat.s3_integrity import is_stored

MD5 = f'"{hashlib.md5(b"bytes", usedforsecurity=False).hexdigest()}"'


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"ETag": MD5}, True),
        ({"ETag": MD5.strip('"')}, True),
        ({"ETag": MD5, "ServerSideEncryption": "AES256"}, True),
        ({"ETag": '"' + "0" * 32 + '"'}, False),
        ({"ETag": MD5[:-3] + '-2"'}, None),
        ({"ETag": MD5, "ServerSideEncryption": "aws:kms"}, None),
        ({"ETag": MD5, "ServerSideEncryption": "aws:kms:dsse"}, None),
        ({"ETag": MD5, "SSECustomerAlgorithm": "AES256"}, None),
        ({"ETag": None}, None),
        ({}, None),
    ],
)
def test_an_etag_is_a_checksum_or_says_nothing(answer: dict[str, Any], *, expected: bool | None) -> None:
    """Yes, no, or not known: only an object put in one piece, without a key, has its MD5 for an ETag."""
    assert is_stored(b"bytes", answer) is expected
