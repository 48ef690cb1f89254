"""Records of at most 20 KB that cost far more to read than they weigh; each is to be one quarantine object.

Made by code and the same each time. Knows bytes and the wire format; nothing of the function.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from backports import zstd

from smartcat.wire_format.claim_check import make_claim
from smartcat.wire_format.claim_check import to_bytes as claim_to_bytes
from smartcat.wire_format.kpl_aggregate import AGGREGATE_MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES: Final = 20 * 1024
MIB: Final = 1024 * 1024
CLAIMS_BUCKET: Final = "claims-bucket"

_UNFOLDED: Final = 4 * MIB
"""What most of them unfold into: enough to be costly, and little enough to try them all."""


def zipped(data: bytes) -> bytes:
    """Return the smallest gzip, the same on every machine."""
    return gzip.compress(data, 9, mtime=0)


def repeated(unit: bytes, size: int = _UNFOLDED) -> bytes:
    """Return so many bytes of one unit, over and over."""
    return unit * (size // len(unit))


def fields(name: bytes, value: bytes) -> bytes:
    """Return a document with one more field, gzip'd."""
    return zipped(b'{"document_id":"costly","' + name + b'":' + value + b"}")


def entries(unit: bytes) -> bytes:
    """Return a JSON list of one unit."""
    return b"[" + repeated(unit + b",") + unit + b"]"


def names(count: int) -> bytes:
    """Return a JSON object of so many distinct names."""
    return b"{" + b",".join(b'"%d":0' % number for number in range(count)) + b"}"


def protobuf(field: int, content: bytes) -> bytes:
    """Return one length-delimited field, with a number below 16."""
    size, length = len(content), b""
    while size >= 0x80:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([field << 3 | 2]) + length + bytes([size]) + content


def framed(body: bytes) -> bytes:
    """Return an aggregate with this message, right or wrong."""
    return AGGREGATE_MAGIC + body + hashlib.md5(body, usedforsecurity=False).digest()


def compressed(aggregate: bytes) -> bytes:
    """Return an aggregate compressed as a whole, in as few bytes as can be."""
    return bytes.fromhex("532a4d1803000000") + b"SC\x01" + zstd.compress(aggregate, level=19)


def user_record(data: bytes, extra: bytes = b"") -> bytes:
    """Return a record's field in an aggregate with one partition key."""
    return protobuf(3, b"\x08\x00" + protobuf(3, data) + extra)


def aggregate(*records: bytes, keys: bytes = b"") -> bytes:
    """Return the aggregate of records' fields."""
    return framed(protobuf(1, b"k") + keys + b"".join(records))


def claim(payload: bytes, **changed: Any) -> bytes:
    """Return a claim on an object; fields replace those of an honest claim."""
    made = make_claim(payload, document_id="costly", bucket=CLAIMS_BUCKET)
    return claim_to_bytes(made.model_copy(update=changed))


WRONG_PAGES: Final = b'{"document_id":"costly","pages":[0' + b",0" * 8_000_000 + b"]}"
CLAIMED_BOMB: Final = zipped(WRONG_PAGES)
CLAIMED: Final = b'{"document_id":"costly","text":"invoice"}'

# By what is costly about each. Made when asked for: together they unfold into gigabytes.
_RECORDS: Final[dict[str, Callable[[], bytes]]] = {
    "8 million wrong pages": lambda: CLAIMED_BOMB,
    "8,000 names in metadata": lambda: fields(b"metadata", names(8_000)),
    "1 million empty lists": lambda: fields(b"pages", entries(b"[]")),
    "500,000 objects in a field nobody reads": lambda: fields(b"words", entries(b'{"a":0}')),
    "one name 600,000 times": lambda: fields(b"words", b"{" + repeated(b'"a":0,') + b'"a":0}'),
    "pages of a letter": lambda: fields(b"pages", entries(b'"\xe2\x82\xac"')),
    "lists in lists": lambda: fields(b"pages", repeated(b"[")),
    "objects in objects": lambda: fields(b"a", repeated(b'{"a":')),
    "a whole number of 4 million digits": lambda: fields(b"expires_at", repeated(b"9")),
    "a fraction of 4 million digits": lambda: fields(b"x", b"0." + repeated(b"1")),
    "a string of escapes, and no end": lambda: fields(b"text", b'"' + repeated(b'\\"')),
    "quotes without end": lambda: fields(b"text", b"[" + repeated(b'",')),
    "lone surrogates": lambda: fields(b"text", b'"' + repeated(b"\\ud800") + b'"'),
    "white space": lambda: zipped(repeated(b" ")),
    "more than a document may have": lambda: zipped(repeated(b" ", 17 * MIB)),
    "a thousand gzip members": lambda: zipped(b"") * 1023,
    "gzip and no end": lambda: zlib.compressobj(9, wbits=31).compress(repeated(b" "))[:15_000],
    "100,000 empty user records": lambda: compressed(aggregate(user_record(b"") * 100_000)),
    "19,000 empty user records": lambda: compressed(aggregate(user_record(b"") * 19_000)),
    "20,000 copies of one claim": lambda: compressed(aggregate(user_record(claim(CLAIMED)) * 20_000)),
    "a hundred copies of a claim on a bomb": lambda: compressed(
        aggregate(user_record(claim(CLAIMED_BOMB)) * 101)
    ),
    "a claim on a bomb": lambda: claim(CLAIMED_BOMB),
    "a claim on 5 GiB": lambda: claim(b"x", size=5 * 1024**3),
    "a user record of 16 MB": lambda: compressed(aggregate(user_record(repeated(b"x", 16 * MIB)))),
    "a user record of 7 MB": lambda: compressed(aggregate(user_record(repeated(b"x", 7 * MIB)))),
    "a hundred gzip bombs": lambda: compressed(aggregate(user_record(CLAIMED_BOMB) * 101)),
    "records of nothing": lambda: compressed(framed(b"\x1a\x00" * 2_000_000)),
    "2 million keys": lambda: compressed(aggregate(user_record(b""), keys=b"\x0a\x00" * 2_000_000)),
    "a key of 7 MB": lambda: compressed(aggregate(user_record(b""), keys=protobuf(1, b"k" * 7 * MIB))),
    "1 million tags": lambda: compressed(aggregate(user_record(b"", b"\x22\x02\x0a\x00" * 1_000_000))),
    "fields that nobody knows": lambda: compressed(framed(b"\x20\x00" * 2_000_000)),
    "a zstd frame of junk": lambda: compressed(b"\0" * 20 * MIB),
}


def costly_records() -> Iterator[tuple[str, bytes]]:
    """Yield what is costly about a record, and its data, one after the other."""
    for name, make in _RECORDS.items():
        data = make()
        assert len(data) <= MAX_BYTES, f"{name}: {len(data)} bytes"
        yield name, data


def claimed_objects() -> dict[str, bytes]:
    """Return the objects that the claims among them stand for, by key."""
    return {
        make_claim(payload, document_id="costly", bucket=CLAIMS_BUCKET).key: payload
        for payload in (CLAIMED, CLAIMED_BOMB)
    } | {json.loads(claim(b"x"))["key"]: b"x"}
