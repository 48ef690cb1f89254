"""Generates records that cannot be read as a document, each with the reason it must be rejected for.

For the demo and the tests of the quarantine. Their text is invented.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartcat.wire_format.compression import DEFAULT_MAX_BYTES, compress
from smartcat.wire_format.errors import Reason
from smartcat.wire_format.kpl_aggregate import AGGREGATE_MAGIC, UserRecord, pack

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGEST_BYTES: Final = 16
_TRAILER_BYTES: Final = 8  # CRC-32 and length at the end of a gzip member (RFC 1952, section 2.3.1)
_BOMB_CHUNK: Final = b" " * 65_536
_GZIP_WBITS: Final = 31


@dataclass(frozen=True, slots=True)
class RejectedPayload:
    """One payload that a stream processor must reject.

    Attributes:
        name: What is wrong with it, in kebab case; unique.
        partition_key: Key to put it with, unique within a seed.
        data: The bytes to put on the stream.
        expected_reason: Value of the `smartcat.wire_format.errors.Reason` it must be quarantined with.
    """

    name: str
    partition_key: str
    data: bytes
    expected_reason: str


def rejected_payloads(seed: int) -> tuple[RejectedPayload, ...]:
    """Return one payload for each way to be rejected; the same seed gives the same bytes.

    Every payload fits into one Kinesis record. The largest, a gzip bomb, has some tens of kilobytes and
    unpacks to more than `smartcat.wire_format.compression.DEFAULT_MAX_BYTES`.
    """
    payloads = []
    for name, (reason, make) in _GENERATORS.items():
        key = f"poison-{seed}-{name}"
        payloads.append(RejectedPayload(name, key, make(key), reason.value))
    return tuple(payloads)


def _fields(key: str) -> dict[str, object]:
    pages = ["Payslip. Net pay as agreed. " * 60, "Page 2 of 2."]
    return {"v": 1, "document_id": key, "pages": pages}


def _json(fields: object) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def _with(key: str, **changes: object) -> bytes:
    return _json(_fields(key) | changes)


def _without(key: str, name: str) -> bytes:
    return _json({field: value for field, value in _fields(key).items() if field != name})


def _gzip(key: str) -> bytes:
    return compress(_json(_fields(key)))


def _base64_text(key: str) -> bytes:
    """Return base64, as of a client that encodes what its SDK encodes anyway."""
    return base64.b64encode(_json(_fields(key)))


def _broken_base64_text(key: str) -> bytes:
    return base64.b64encode(_json(_fields(key)))[:-3] + b"=*="


def _truncated_gzip(key: str) -> bytes:
    return _gzip(key)[: -_TRAILER_BYTES - 5]


def _corrupt_gzip(key: str) -> bytes:
    data = bytearray(_gzip(key))
    data[-_TRAILER_BYTES] ^= 0xFF
    return bytes(data)


def _gzip_bomb(key: str) -> bytes:
    """Return a document of spaces above the size limit, compressed in chunks: it never exists whole."""
    compressor = zlib.compressobj(level=9, wbits=_GZIP_WBITS)
    head, tail = _json(_fields(key) | {"pages": [""]}).rsplit(b'""', 1)
    parts = [compressor.compress(head + b'"')]
    parts += [compressor.compress(_BOMB_CHUNK) for _ in range(DEFAULT_MAX_BYTES // len(_BOMB_CHUNK) + 1)]
    parts += [compressor.compress(b'"' + tail), compressor.flush()]
    return b"".join(parts)


def _aggregate(key: str) -> bytes:
    return pack([UserRecord(f"{key}-{part}", _json(_fields(f"{key}-{part}"))) for part in range(3)])


def _aggregate_with_wrong_md5(key: str) -> bytes:
    data = bytearray(_aggregate(key))
    data[-1] ^= 0xFF
    return bytes(data)


def _truncated_aggregate(key: str) -> bytes:
    """Return a message that lost its end before the checksum was taken, so that the checksum is right."""
    body = _aggregate(key)[len(AGGREGATE_MAGIC) : -_DIGEST_BYTES - 40]
    return AGGREGATE_MAGIC + body + hashlib.md5(body, usedforsecurity=False).digest()


def _invalid_utf8(key: str) -> bytes:
    """Return Latin-1: the bytes of an umlaut are not UTF-8."""
    return json.dumps(_fields(key) | {"pages": ["Gehalt für März"]}, ensure_ascii=False).encode("latin-1")


def _not_json(key: str) -> bytes:
    return f"document_id={key}&pages=Payslip".encode()


def _json_array(key: str) -> bytes:
    return _json([_fields(key)])


_GENERATORS: Final[dict[str, tuple[Reason, Callable[[str], bytes]]]] = {
    "base64-text": (Reason.BAD_JSON, _base64_text),
    "broken-base64-text": (Reason.BAD_JSON, _broken_base64_text),
    "truncated-gzip": (Reason.BAD_GZIP, _truncated_gzip),
    "corrupt-gzip": (Reason.BAD_GZIP, _corrupt_gzip),
    "gzip-bomb": (Reason.TOO_LARGE, _gzip_bomb),
    "aggregate-with-wrong-md5": (Reason.BAD_AGGREGATE, _aggregate_with_wrong_md5),
    "truncated-aggregate": (Reason.BAD_AGGREGATE, _truncated_aggregate),
    "invalid-utf8": (Reason.BAD_UTF8, _invalid_utf8),
    "not-json": (Reason.BAD_JSON, _not_json),
    "json-array": (Reason.INVALID_DOCUMENT, _json_array),
    "no-document-id": (Reason.INVALID_DOCUMENT, lambda key: _without(key, "document_id")),
    "no-pages": (Reason.INVALID_DOCUMENT, lambda key: _without(key, "pages")),
    "empty-pages": (Reason.INVALID_DOCUMENT, lambda key: _with(key, pages=[])),
    "page-of-wrong-type": (Reason.INVALID_DOCUMENT, lambda key: _with(key, pages=["Page 1 of 2", 2])),
    "future-version": (Reason.UNSUPPORTED_VERSION, lambda key: _with(key, v=99)),
}
