"""The claim check: a small record on the stream for a document too large for it, whose bytes are in S3.

Makes, reads and verifies claims. Must fetch nothing, and follow no claim to another.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
    field_validator,
)

from smartcat.wire_format.document import from_bytes as document_from_bytes
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.fields import EpochSeconds, Identifier, check_version, major_version
from smartcat.wire_format.strict_json import parse_object
from smartcat.wire_format.validation_message import validation_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smartcat.wire_format.document import Document

CLAIM_VERSION: Final = 1

DEFAULT_PREFIX: Final = "claims/"
"""Begins every key, unless configured otherwise."""

MAX_CLAIM_BYTES: Final = 8192
"""The longest valid claim, with an id of 256 characters that JSON escapes, takes about 4 KiB."""

MAX_OBJECT_BYTES: Final = 5 * 1024**3
"""The largest object that one PutObject makes."""

_VERSION_FIELD: Final = "smartcat_claim"
_MARK: Final = b'"smartcat_claim"'
_DOCUMENT_FIELDS: Final = frozenset({"pages", "text"})

# Folders of plain characters, and no segment that anything between here and S3 could resolve as "." or "..".
_SEGMENT: Final = "[A-Za-z0-9_=-][A-Za-z0-9_.=-]*"
_KEY: Final = rf"^(?:{_SEGMENT}/)*{_SEGMENT}$"
_BUCKET: Final = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"

_Bucket = Annotated[StrictStr, StringConstraints(pattern=_BUCKET)]
_Key = Annotated[StrictStr, StringConstraints(max_length=1024, pattern=_KEY)]
_Sha256 = Annotated[StrictStr, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Claim(BaseModel):
    """Where the bytes of one document are stored, and how to verify them.

    Wrong values raise pydantic's ``ValidationError`` here, and ``WireFormatError`` from ``from_bytes``.

    Attributes:
        smartcat_claim: Major version, always 1 here; "1.7" is accepted and means 1. Marks a claim.
        document_id: The document's id, 1 to 256 characters; the partition key on the stream.
        bucket: Name of the S3 bucket; a plain name, no ARN.
        key: Key of the object, up to 1024 characters of ``A-Z a-z 0-9 _ . = -`` in folders; no segment
            begins with a dot.
        sha256: SHA-256 of the object's bytes as stored, in lowercase hexadecimal digits.
        size: Number of those bytes, 1 to 5 GiB.
        expires_at: Epoch seconds from which on the object must not be read any more; None for never.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    smartcat_claim: Annotated[StrictInt, BeforeValidator(major_version)] = CLAIM_VERSION
    document_id: Identifier
    bucket: _Bucket
    key: _Key
    sha256: _Sha256
    size: Annotated[StrictInt, Field(ge=1, le=MAX_OBJECT_BYTES)]
    expires_at: EpochSeconds | None = None

    @field_validator("smartcat_claim")
    @classmethod
    def _known_version(cls, value: int) -> int:
        if value != CLAIM_VERSION:
            raise ValueError(f"expected version {CLAIM_VERSION}")
        return value


def make_claim(
    payload: bytes,
    *,
    document_id: str,
    bucket: str,
    prefix: str = DEFAULT_PREFIX,
    expires_at: int | None = None,
) -> Claim:
    """Return the claim for bytes to be stored; equal bytes of one document have one key.

    Args:
        payload: A document's bytes, gzip'd or not, as ``smartcat.wire_format.document.to_bytes`` writes them.
        document_id: The document's id.
        bucket: Name of the bucket to store them in.
        prefix: Begins the key; ends with a slash.
        expires_at: Epoch seconds from which on the object must not be read any more; None for never.

    Returns:
        The claim; its key is ``<prefix><SHA-256 of the id>/<SHA-256 of the bytes>``.

    Raises:
        ValueError: A value is not of the form that ``Claim`` requires; names the field, never the value.
    """
    sha256 = hashlib.sha256(payload).hexdigest()
    fields = {
        "document_id": document_id,
        "bucket": bucket,
        "key": f"{prefix}{_digest_of_id(document_id)}/{sha256}",
        "sha256": sha256,
        "size": len(payload),
        "expires_at": expires_at,
    }
    try:
        return Claim.model_validate(fields)
    except ValidationError as error:
        problem = validation_message(error)
    raise ValueError(problem)


def check_bucket_and_prefix(bucket: str, prefix: str) -> None:
    """Check that claims can name objects in a bucket under a prefix.

    Raises:
        ValueError: A claim may not hold the name or the prefix, or the prefix does not end with a slash.
    """
    if prefix and not prefix.endswith("/"):
        raise ValueError("prefix: expected a slash at its end")
    make_claim(b"any", document_id="any", bucket=bucket, prefix=prefix)


def to_bytes(claim: Claim) -> bytes:
    """Return the bytes of a claim, at most ``MAX_CLAIM_BYTES``; equal claims give equal bytes."""
    fields = claim.model_dump(mode="json", exclude_none=True)
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def is_claim(payload: bytes) -> bool:
    """Return whether the bytes are a claim, valid or not, rather than a document or anything else.

    A claim is a JSON object, not gzip'd, with the name ``smartcat_claim`` in it, written without escapes, and
    neither ``pages`` nor ``text``. A document has one of those two, so nothing is both.
    """
    if _MARK not in payload:  # nearly always, and cheap
        return False
    try:
        fields = parse_object(payload)
    except WireFormatError:
        return False
    return _is_claim_object(fields)


def from_bytes(payload: bytes) -> Claim:
    """Return the claim of some bytes.

    Raises:
        WireFormatError: ``UNSUPPORTED_VERSION`` for another major version, else ``BAD_CLAIM``: too long, or
            naming each wrong field and what was expected of it.
    """
    if len(payload) > MAX_CLAIM_BYTES:
        raise _bad(f"{len(payload)} bytes, at most {MAX_CLAIM_BYTES} are accepted")
    fields = _fields(payload)
    check_version(_VERSION_FIELD, fields[_VERSION_FIELD], CLAIM_VERSION)
    try:
        return Claim.model_validate(fields)
    except ValidationError as error:
        detail = validation_message(error)
    # Raised outside the handler: a chained ValidationError would carry the input into tracebacks.
    raise _bad(detail)


def check_location(claim: Claim, bucket: str, prefix: str) -> None:
    """Check that a claim names an object in the bucket, under the prefix.

    Whoever may write to the stream may claim any object, so only objects stored for claims may be read.

    Raises:
        WireFormatError: ``CLAIM_OUTSIDE``.
    """
    if claim.bucket != bucket:
        raise WireFormatError(Reason.CLAIM_OUTSIDE, "claim: names another bucket than the one for claims")
    if not claim.key.startswith(prefix):
        raise WireFormatError(Reason.CLAIM_OUTSIDE, "claim: names a key outside the prefix for claims")


def check_not_expired(claim: Claim, now: float) -> None:
    """Check that a claim has not expired.

    Args:
        claim: The claim.
        now: Epoch seconds.

    Raises:
        WireFormatError: ``CLAIM_EXPIRED``.
    """
    if claim.expires_at is not None and now >= claim.expires_at:
        raise WireFormatError(Reason.CLAIM_EXPIRED, f"claim: expired at {claim.expires_at} (epoch seconds)")


def read_claimed_document(
    claim: Claim, payload: bytes, *, read: Callable[[bytes], Document] = document_from_bytes
) -> Document:
    """Return the document in claimed bytes, after verifying them against their claim.

    Args:
        claim: The claim.
        payload: The object's bytes.
        read: Reads the document, once the bytes are verified.

    Returns:
        The document.

    Raises:
        WireFormatError: ``CLAIM_MISMATCH`` for other bytes than claimed, or another document; else what
            ``read`` raises. An object that holds another claim is no document.
    """
    if len(payload) != claim.size:
        raise mismatch_error(f"its object has {len(payload)} bytes, not {claim.size}")
    if hashlib.sha256(payload).hexdigest() != claim.sha256:
        raise mismatch_error("the SHA-256 of its object is another")
    document = read(payload)
    if document.document_id != claim.document_id:
        raise mismatch_error("the document in its object has another document_id")
    return document


def mismatch_error(detail: str) -> WireFormatError:
    """Return the error for an object that is not what was claimed."""
    return WireFormatError(Reason.CLAIM_MISMATCH, f"claim: {detail}")


def _fields(payload: bytes) -> dict[str, Any]:
    try:
        fields = parse_object(payload)
    except WireFormatError as error:
        detail = error.detail
    else:
        if _is_claim_object(fields):
            return fields
        detail = f"expected {_VERSION_FIELD}, and neither pages nor text"
    raise _bad(detail)


def _is_claim_object(fields: Mapping[str, object]) -> bool:
    return _VERSION_FIELD in fields and not _DOCUMENT_FIELDS & fields.keys()


def _digest_of_id(document_id: str) -> str:
    # Keys appear in access logs and bills, and an id may name a person.
    return hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()


def _bad(detail: str) -> WireFormatError:
    return WireFormatError(Reason.BAD_CLAIM, f"claim: {detail}")
