"""Field types that the schemas on the stream share, and the check of their versions. Must hold no schema."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StrictInt, StrictStr, StringConstraints
from pydantic_core import PydanticKnownError

from smartcat.wire_format.errors import Reason, WireFormatError

MAX_ID_CHARS: Final = 256
"""A document id is the partition key, and Kinesis takes 1 to 256 characters (PutRecords)."""

_LAST_EPOCH_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that a datetime can hold

Identifier = Annotated[StrictStr, StringConstraints(min_length=1, max_length=MAX_ID_CHARS)]
EpochSeconds = Annotated[StrictInt, Field(ge=0, le=_LAST_EPOCH_SECOND)]


MAX_VERSION: Final = 2**63 - 1
"""The largest version that is a number: what databases and languages have as a 64-bit integer."""

_ISO_DATE: Final = re.compile(r"\d{4}-?\d{2}")


def document_version(value: object) -> int | datetime | None:
    """Return a producer's version of a document: a whole number, or a time, to the microsecond and in UTC.

    Args:
        value: An integer from 0 to 2^63 - 1, a datetime with a time zone, ISO 8601 text of one, or None.

    Raises:
        ValueError: Anything else. The message does not hold it.
    """
    if value is None or (type(value) is int and 0 <= value <= MAX_VERSION):
        return value
    if isinstance(value, str) and _ISO_DATE.match(value):  # a text of digits alone is no time
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, datetime) and value.tzinfo is not None:
        try:
            return value.astimezone(UTC)
        except OverflowError:  # year 1 or 9999 in another zone
            pass
    raise ValueError(f"expected a whole number from 0 to {MAX_VERSION}, or ISO 8601 text with a time zone")


Version = Annotated[int | datetime | None, BeforeValidator(document_version)]


def at_most(entries: int) -> BeforeValidator:
    """Return the check that a list or an object has at most so many entries, made before one of them is read.

    Pydantic itself counts afterwards, and keeps an error for each wrong entry until then: of 16 KB of gzip it
    made 1.8 GB.
    """

    def check(value: object) -> object:
        if isinstance(value, dict | list | tuple) and len(value) > entries:
            raise PydanticKnownError(
                "too_long",
                {"field_type": type(value).__name__, "max_length": entries, "actual_length": len(value)},
            )
        return value

    return BeforeValidator(check)


def major_version(value: object) -> object:
    """Return 1 for 1, "1" and "1.7": a minor version only adds fields, which readers ignore.

    Raises:
        ValueError: A text of another form. Other values are returned as is, for the schema to check.
    """
    if isinstance(value, str):
        major, dot, minor = value.partition(".")
        digits = major.isascii() and major.isdigit() and len(major) <= 9
        if not digits or (dot and not (minor.isascii() and minor.isdigit())):
            raise ValueError('expected a whole number or "major.minor"')
        return int(major)
    return value


def check_version(field: str, value: object, known: int) -> None:
    """Reject another major version before anything else: its other fields may mean something else.

    Args:
        field: Name of the field that holds the version.
        value: Its value; a value that is no version passes, and the schema rejects it.
        known: The major version that the reader knows.

    Raises:
        WireFormatError: ``UNSUPPORTED_VERSION``.
    """
    try:
        major = major_version(value)
    except ValueError:
        return
    if isinstance(major, int) and not isinstance(major, bool) and major != known:
        raise WireFormatError(
            Reason.UNSUPPORTED_VERSION, f"{field}: schema version {major}, and this reader knows {known}"
        )
