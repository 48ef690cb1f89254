"""What makes an answer of AWS one: its checksum holds, and it has the fields that were asked for.

A damaged answer says nothing: neither that an item or object is stored, nor that it is not. botocore reads a
body that is not JSON as an answer without fields, fails on JSON that is no object, and without retries hands
on an answer whose checksum is wrong. What S3 answers to PutObject and GetObject has an ETag.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from botocore.exceptions import HTTPClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKSUM_HEADER: Final = "x-amz-crc32"
"""CRC-32 of the body, in decimal digits; DynamoDB sends it with every answer, emulators need not."""


class DamagedAnswerError(HTTPClientError):
    """The answer did not arrive as it was sent. Counts among the failures of the way, which pass."""

    fmt = "damaged answer: {error}"


def hold_checksums(client: Any) -> None:
    """Let every call of a client fail whose answer is not what its checksum says."""
    client.meta.events.register("before-parse.dynamodb", _check_body)


def require_fields(answer: Mapping[str, Any], **fields: type) -> None:
    """Raise unless the answer has fields of these names and types.

    Raises:
        DamagedAnswerError: One is missing, or has another type.
    """
    for name, kind in fields.items():
        if not isinstance(answer.get(name), kind):
            raise DamagedAnswerError(error=f"without {name}")


def _check_body(response_dict: Mapping[str, Any], **_: object) -> None:
    body, expected = response_dict["body"], response_dict["headers"].get(CHECKSUM_HEADER)
    if expected is not None and str(crc32(body)) != str(expected).strip():
        raise DamagedAnswerError(error="its checksum is another")
    if response_dict["status_code"] == HTTPStatus.OK and not body.lstrip().startswith(b"{"):
        raise DamagedAnswerError(error="no JSON object")
