"""A KPL aggregate that is compressed as a whole, both ways. Knows bytes only, nothing of documents.

It is two Zstandard frames (RFC 8878): a skippable one that says so, with "SC" and one byte, the version; and
one with the aggregate in the public format, which is what undoing Zstandard leaves. Its user records have
their places in that, which are their sub-sequence numbers.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from backports import zstd

from smartcat.wire_format.aggregation import unpack
from smartcat.wire_format.compression import DEFAULT_MAX_BYTES
from smartcat.wire_format.errors import Reason, WireFormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.wire_format.user_record import UserRecord

VERSION: Final = 1

_SKIPPABLE_MAGIC: Final = 0x184D2A53
_NAME: Final = b"SC"
_PREFIX: Final = struct.pack("<II", _SKIPPABLE_MAGIC, len(_NAME) + 1) + _NAME

# Levels above 5 cost twice the time for a few per cent, those below save less time than bytes.
_WRITING: Final[Mapping[int, int]] = {
    zstd.CompressionParameter.compression_level: 5,
    zstd.CompressionParameter.checksum_flag: 1,
}
# A frame may ask for a window of 2 GiB: 8 MiB is what every decoder should support (RFC 8878, 3.1.1.1.2).
_READING: Final[Mapping[int, int]] = {zstd.DecompressionParameter.window_log_max: 23}


def is_compressed_aggregate(data: bytes) -> bool:
    """Tell whether the data claims to be a compressed aggregate, of whatever version."""
    return data.startswith(_PREFIX)


def compress_aggregate(aggregate: bytes) -> bytes:
    """Compress the data of an aggregate; the same bytes give the same result, with the same library."""
    return _PREFIX + bytes([VERSION]) + zstd.compress(aggregate, options=_WRITING)


def unpack_compressed(data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> list[UserRecord]:
    """Take a compressed aggregate apart: every record in order, or none at all.

    Args:
        data: The data of a Kinesis record for which ``is_compressed_aggregate`` is true.
        max_bytes: The most bytes the aggregate may have after decompression.

    Returns:
        At least one record; a record's place in the list is its sub-sequence number, from 0.

    Raises:
        WireFormatError: ``UNSUPPORTED_VERSION`` for another version; ``BAD_AGGREGATE`` where the data is
            corrupt, cut, or followed by something else, or where ``unpack`` finds something wrong;
            ``TOO_LARGE`` where it decompresses beyond the bound.
    """
    version, body = data[len(_PREFIX) : len(_PREFIX) + 1], data[len(_PREFIX) + 1 :]
    if version != bytes([VERSION]):
        found = int.from_bytes(version, "big")
        raise WireFormatError(
            Reason.UNSUPPORTED_VERSION,
            f"compressed aggregate: version {found}, and this reader knows {VERSION}",
        )
    return unpack(_decompress(body, max_bytes))


def _decompress(frame: bytes, max_bytes: int) -> bytes:
    """Undo one Zstandard frame, which is all there may be, without ever holding more than the bound."""
    reader = zstd.ZstdDecompressor(options=_READING)
    try:
        # One byte more than allowed: what fits exactly must be told from what goes on.
        aggregate = reader.decompress(frame, max_length=max_bytes + 1)
    except zstd.ZstdError:
        raise _bad("corrupt, or with a window above 8 MiB") from None
    if len(aggregate) > max_bytes:
        raise WireFormatError(
            Reason.TOO_LARGE, f"compressed aggregate: decompresses to more than {max_bytes} bytes"
        )
    if not reader.eof:
        raise _bad("truncated")
    if reader.unused_data:
        raise _bad("followed by something else")
    return aggregate


def _bad(detail: str) -> WireFormatError:
    return WireFormatError(Reason.BAD_AGGREGATE, f"compressed aggregate: {detail}")
