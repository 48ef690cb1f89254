"""Strict JSON: bytes to one object. No NaN, repeated names, endless numbers, deep nesting; bounded values.

Knows no schema.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, Final, NoReturn

from smartcat.wire_format.errors import Reason, WireFormatError

# Python's own limit for int(text) is 4,300 digits, and may be switched off; nothing in the schema needs 20.
_MAX_NUMBER_CHARS: Final = 100

MAX_VALUES: Final = 1_000_000
"""Most values and names in one object: each takes up to 250 bytes of memory, whatever it takes in JSON.

A document has at most 5,000 pages, 16 entries of metadata and a few fields; the rest is room for fields that
are ignored, such as where each word of a page is.
"""

# Possessive, so that nothing is tried twice, and it ends with the data if the string does not.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

_BASE64_TEXT: Final = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
_HINT_BYTES: Final = 4096


def parse_object(data: bytes) -> dict[str, Any]:
    """Return one JSON object, parsed.

    Args:
        data: UTF-8, with or without a byte order mark.

    Returns:
        Its names and values. Strings may still hold lone surrogates, which the schema rejects.

    Raises:
        WireFormatError: ``EMPTY`` for nothing but white space, ``BAD_UTF8`` with the offset of the first
            invalid byte, ``BAD_JSON`` with line and column of the error, ``INVALID_DOCUMENT`` for JSON other
            than an object, ``TOO_LARGE`` for more than ``MAX_VALUES`` values and names.
    """
    if not data or data.isspace():
        raise WireFormatError(Reason.EMPTY, "no content")
    if len(data) > MAX_VALUES and has_more_values(data, MAX_VALUES):  # each takes a byte
        raise WireFormatError(Reason.TOO_LARGE, f"more than {MAX_VALUES} values in one JSON object")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        offset = error.start
    else:
        return _parse(text, data)
    # Raised outside the handler: a chained UnicodeDecodeError would carry the payload.
    raise WireFormatError(Reason.BAD_UTF8, f"expected UTF-8, found an invalid byte at offset {offset}")


def has_more_values(data: bytes, most: int) -> bool:
    """Return whether JSON holds more than so many values and names, without parsing it."""
    if _separators(data) <= most:  # nearly always, and cheap
        return False
    rest, strings = _STRING.subn(b"", data, most + 1)  # each of them is a value or a name
    return strings > most or _separators(rest) > most


def _separators(data: bytes) -> int:
    """Return how many bytes begin a value or a name, those within strings included."""
    return sum(map(data.count, (b",", b":", b"[", b"{")))


def _parse(text: str, data: bytes) -> dict[str, Any]:
    try:
        value = _DECODER.decode(text)
    except WireFormatError:
        raise
    except json.JSONDecodeError as error:
        detail = f"{error.msg.rstrip(': ')} at line {error.lineno} column {error.colno}{_base64_hint(data)}"
    except RecursionError:
        detail = "nested too deeply"
    else:
        return _object(value)
    # Raised outside the handler: a chained JSONDecodeError would carry the text.
    raise WireFormatError(Reason.BAD_JSON, f"expected a JSON object: {detail}")


def _object(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise WireFormatError(
        Reason.INVALID_DOCUMENT,
        f"expected a JSON object, found {_JSON_NAMES.get(type(value), 'another value')}",
    )


_JSON_NAMES: Final = {
    list: "a list",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        # The name itself is input, and is not repeated.
        raise WireFormatError(Reason.BAD_JSON, "expected a JSON object: a name occurs twice in one object")
    return result


def _reject_constant(_: str) -> NoReturn:
    raise WireFormatError(Reason.BAD_JSON, "expected a JSON object: NaN and Infinity are not JSON")


def _bounded_int(digits: str) -> int:
    if len(digits) > _MAX_NUMBER_CHARS:
        raise WireFormatError(Reason.BAD_JSON, f"expected a JSON object: a number of {len(digits)} digits")
    return int(digits)


def _bounded_float(digits: str) -> float:
    if len(digits) > _MAX_NUMBER_CHARS:
        raise WireFormatError(
            Reason.BAD_JSON, f"expected a JSON object: a number of {len(digits)} characters"
        )
    return float(digits)


# Built once: building it takes as long as parsing a small document.
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_reject_constant,
    parse_int=_bounded_int,
    parse_float=_bounded_float,
)


def _base64_hint(data: bytes) -> str:
    """Return a hint at the most common mistake of new producers, from the first bytes only, or nothing."""
    sample = data.strip()[:_HINT_BYTES].replace(b"\r", b"").replace(b"\n", b"")
    if not _BASE64_TEXT.fullmatch(sample):
        return ""
    whole = sample.rstrip(b"=")
    try:
        decoded = base64.urlsafe_b64decode(
            whole[: len(whole) // 4 * 4].replace(b"+", b"-").replace(b"/", b"_")
        )
    except binascii.Error:
        return ""
    if not decoded.lstrip().startswith((b"{", b"\x1f\x8b", b"\xf3\x89\x9a\xc2")):
        return ""
    return " (it looks like base64 text: Kinesis encodes the data itself, send the bytes)"
