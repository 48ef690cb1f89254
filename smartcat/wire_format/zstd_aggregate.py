"""Zstandard-compressed KPL aggregates, both ways. Must know bytes only, nothing of documents.

Such an aggregate is two Zstandard frames (RFC 8878): a skippable one with "SC" and one byte, the version; and
one with the aggregate in the public format. The sub-sequence numbers are those of the decompressed aggregate.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from backports import zstd

from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.wire_format.kpl_aggregate import UserRecord

VERSION: Final = 1

MAX_AGGREGATE_BYTES: Final = 8 * 1024 * 1024
"""Bytes an aggregate may have before it is compressed. Our producer makes none of more: aggregates have up to
1 MiB, and it puts less than eight times as much into one that it compresses."""

_SKIPPABLE_MAGIC: Final = 0x184D2A53
_NAME: Final = b"SC"
_PREFIX: Final = struct.pack("<II", _SKIPPABLE_MAGIC, len(_NAME) + 1) + _NAME

# Levels above 5 cost twice the time for a few per cent; those below lose more in size than they gain in time.
_COMPRESSION_OPTIONS: Final[Mapping[int, int]] = {
    zstd.CompressionParameter.compression_level: 5,
    zstd.CompressionParameter.checksum_flag: 1,
}
# A frame may ask for a window of 2 GiB: 8 MiB is what every decoder should support (RFC 8878, 3.1.1.1.2).
_DECOMPRESSION_OPTIONS: Final[Mapping[int, int]] = {zstd.DecompressionParameter.window_log_max: 23}


def is_zstd_aggregate(data: bytes) -> bool:
    """Return whether the data begins like a compressed aggregate, of any version."""
    return data.startswith(_PREFIX)


def compress_aggregate(aggregate: bytes) -> bytes:
    """Return an aggregate compressed; equal bytes give equal results with the same version of the library."""
    return _PREFIX + bytes([VERSION]) + zstd.compress(aggregate, options=_COMPRESSION_OPTIONS)


def unpack_zstd_aggregate(data: bytes, *, max_bytes: int = MAX_AGGREGATE_BYTES) -> list[UserRecord]:
    """Return every record of a compressed aggregate in order, or none at all.

    Args:
        data: The data of a Kinesis record for which ``is_zstd_aggregate`` is true.
        max_bytes: The most bytes the aggregate may have after decompression.

    Returns:
        At least one record; a record's index is its sub-sequence number, from 0.

    Raises:
        WireFormatError: ``UNSUPPORTED_VERSION`` for another version; ``BAD_AGGREGATE`` where the data is
            corrupt, truncated or followed by something else, or for what ``unpack`` rejects; ``TOO_LARGE``
            where it decompresses beyond the bound.
    """
    version, body = data[len(_PREFIX) : len(_PREFIX) + 1], data[len(_PREFIX) + 1 :]
    if version != bytes([VERSION]):
        number = int.from_bytes(version, "big")
        raise WireFormatError(
            Reason.UNSUPPORTED_VERSION,
            f"compressed aggregate: version {number}, and this reader knows {VERSION}",
        )
    return unpack(_decompress(body, max_bytes))


def _decompress(frame: bytes, max_bytes: int) -> bytes:
    """Return the content of exactly one Zstandard frame, without ever holding more than the bound."""
    decompressor = zstd.ZstdDecompressor(options=_DECOMPRESSION_OPTIONS)
    try:
        # One byte more than allowed: what fits exactly must be distinguished from what goes on.
        aggregate = decompressor.decompress(frame, max_length=max_bytes + 1)
    except zstd.ZstdError:
        raise _bad("corrupt, or with a window above 8 MiB") from None
    if len(aggregate) > max_bytes:
        raise WireFormatError(
            Reason.TOO_LARGE, f"compressed aggregate: decompresses to more than {max_bytes} bytes"
        )
    if not decompressor.eof:
        raise _bad("truncated")
    if decompressor.unused_data:
        raise _bad("followed by something else")
    return aggregate


def _bad(detail: str) -> WireFormatError:
    return WireFormatError(Reason.BAD_AGGREGATE, f"compressed aggregate: {detail}")
