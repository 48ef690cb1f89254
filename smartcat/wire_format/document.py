"""The schema of a document on the stream, and its bytes, both ways. Must know neither AWS nor KPL nor labels.

Canonical bytes are compact JSON in UTF-8, gzip'd above a size. Reading accepts any JSON of the schema.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from smartcat.wire_format.compression import DEFAULT_MAX_BYTES, compress_if_smaller, decompress, is_gzip
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.fields import (
    EpochSeconds,
    Identifier,
    Version,
    at_most,
    check_version,
    major_version,
)
from smartcat.wire_format.strict_json import parse_object
from smartcat.wire_format.validation_message import validation_message

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION: Final = 1

MAX_PAGES: Final = 5_000
"""Keeps the labels of the pages of one document inside one DynamoDB item (400 KB)."""

MAX_METADATA_ENTRIES: Final = 16
MAX_METADATA_KEY_CHARS: Final = 64
MAX_METADATA_VALUE_CHARS: Final = 256

DEFAULT_GZIP_ABOVE: Final = 1024
"""Bytes of JSON above which gzip is tried: below, it saves next to nothing."""


def _without_lone_surrogates(page: str) -> str:
    """Return the page; reject lone surrogates, which JSON can escape and UTF-8 cannot encode."""
    try:
        page.encode()
    except UnicodeEncodeError:
        valid = False
    else:
        valid = True
    if not valid:  # outside the handler: a chained UnicodeEncodeError would carry the page
        raise ValueError("expected valid Unicode text, found a lone surrogate")
    return page


def _only_text_or_datetime(value: object) -> object:
    # pydantic would also take numbers as epoch seconds or milliseconds, by their size.
    if value is None or isinstance(value, str | datetime):
        return value
    raise ValueError("expected ISO 8601 text with a time zone")


_MetadataKey = Annotated[StrictStr, StringConstraints(min_length=1, max_length=MAX_METADATA_KEY_CHARS)]
_Page = Annotated[StrictStr, AfterValidator(_without_lone_surrogates)]
_MetadataValue = Annotated[StrictStr, StringConstraints(max_length=MAX_METADATA_VALUE_CHARS)]


class Document(BaseModel):
    """One document: one or more pages of text under one id.

    ``Document(document_id="d", text="...")`` is short for one page. Unknown fields are ignored. Wrong values
    raise pydantic's ``ValidationError`` here, and ``WireFormatError`` from ``from_fields`` and
    ``from_bytes``.

    Attributes:
        v: Major schema version, always 1 here; "1.7" is accepted and means 1.
        document_id: 1 to 256 characters; partition key on the stream and key of the result.
        pages: 1 to 5,000 pages of text in reading order; a page may be empty.
        job_id: The job the document belongs to, 1 to 256 characters.
        version: Which version of the document it is, where the producer knows: an integer from 0 to 2^63 - 1,
            or a time with a zone, kept in UTC. A result is then replaced only by one of a later version, in
            whatever order they arrive; a version is later than none, a time later than an integer.
        received_at: When the paper arrived; time zone required, kept in UTC.
        metadata: Up to 16 entries, keys of 1 to 64 characters, values of up to 256.
        expires_at: When the result may be erased, in epoch seconds.
        stack: Whether the pages are a page stream, several documents scanned one after the other: the result
            then says where each begins and what it is.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        # The input is page text, and error messages end in logs.
        hide_input_in_errors=True,
    )

    v: Annotated[StrictInt, BeforeValidator(major_version)] = SCHEMA_VERSION
    document_id: Identifier
    job_id: Identifier | None = None
    version: Version = None
    received_at: Annotated[AwareDatetime | None, BeforeValidator(_only_text_or_datetime)] = None
    expires_at: EpochSeconds | None = None
    stack: StrictBool = False
    # Kept out of repr for the same reason as above.
    metadata: Annotated[
        dict[_MetadataKey, _MetadataValue],
        Field(max_length=MAX_METADATA_ENTRIES, repr=False),
        at_most(MAX_METADATA_ENTRIES),
    ] = Field(default_factory=dict)
    # The first wrong page is the only one that is reported.
    pages: Annotated[
        tuple[_Page, ...],
        Field(fail_fast=True, min_length=1, max_length=MAX_PAGES, repr=False),
        at_most(MAX_PAGES),
    ]

    @model_validator(mode="before")
    @classmethod
    def _text_is_one_page(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "text" not in data:
            return data
        if "pages" in data:
            raise ValueError("expected either pages or text, found both")
        if not isinstance(data["text"], str):
            raise ValueError("expected text to be a string")  # noqa: TRY004 - pydantic collects ValueErrors only
        fields = {name: value for name, value in data.items() if name != "text"}
        return fields | {"pages": (data["text"],)}

    @field_validator("v")
    @classmethod
    def _known_version(cls, value: int) -> int:
        if value != SCHEMA_VERSION:
            raise ValueError(f"expected schema version {SCHEMA_VERSION}")
        return value

    @field_validator("received_at")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        try:
            return None if value is None else value.astimezone(UTC)
        except OverflowError as error:
            raise ValueError("expected a time between the years 1 and 9999 in UTC") from error


def from_fields(fields: Mapping[str, object]) -> Document:
    """Return the document of a parsed JSON object.

    Args:
        fields: Names and values as in the schema; others are ignored.

    Returns:
        The document.

    Raises:
        WireFormatError: ``UNSUPPORTED_VERSION`` for another major version, else ``INVALID_DOCUMENT`` naming
            each wrong field and what was expected of it.
    """
    check_version("v", fields.get("v", SCHEMA_VERSION), SCHEMA_VERSION)
    try:
        return Document.model_validate(fields)
    except ValidationError as error:
        detail = validation_message(error)
    # Raised outside the handler: a chained ValidationError would carry the input into tracebacks.
    raise WireFormatError(Reason.INVALID_DOCUMENT, detail)


def to_bytes(document: Document, *, gzip_above: int | None = DEFAULT_GZIP_ABOVE) -> bytes:
    """Return the canonical bytes of a document: equal documents give equal bytes.

    Args:
        document: The document.
        gzip_above: Bytes of JSON above which gzip is used if it makes them fewer; None for never.

    Returns:
        What ``from_bytes`` reads.
    """
    fields = document.model_dump(mode="json", exclude_none=True)
    if not document.stack:
        del fields["stack"]
    if document.metadata:
        fields["metadata"] = dict(sorted(document.metadata.items()))
    else:
        del fields["metadata"]
    plain = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return compress_if_smaller(plain, above=gzip_above)


def from_bytes(payload: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Document:
    """Return the document of some bytes: gunzip if they are gzip, then UTF-8, then JSON, then the schema.

    Args:
        payload: The data of a record, or of a user record in an aggregate.
        max_bytes: The most bytes of JSON to accept, after decompression.

    Returns:
        The document.

    Raises:
        WireFormatError: The payload is rejected; no other error is raised.
    """
    return from_json(unpacked_json(payload, max_bytes=max_bytes))


def unpacked_json(payload: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
    """Return the JSON in some bytes, gunzipped if they are gzip; what it holds is not looked at.

    Raises:
        WireFormatError: ``BAD_GZIP``, or ``TOO_LARGE`` for more than ``max_bytes``.
    """
    json_bytes = decompress(payload, max_bytes=max_bytes) if is_gzip(payload) else payload
    if len(json_bytes) > max_bytes:
        raise WireFormatError(Reason.TOO_LARGE, f"{len(json_bytes)} bytes, at most {max_bytes} are accepted")
    return json_bytes


def from_json(json_bytes: bytes) -> Document:
    """Return the document of JSON in UTF-8.

    Raises:
        WireFormatError: It is not JSON, or not of the schema.
    """
    return from_fields(parse_object(json_bytes))
