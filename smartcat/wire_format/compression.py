"""Gzip, both ways, deterministic and bounded. Must know bytes only, nothing of documents."""

from __future__ import annotations

import zlib
from typing import Final

from smartcat.wire_format.errors import Reason, WireFormatError

GZIP_MAGIC: Final = b"\x1f\x8b"

DEFAULT_MAX_BYTES: Final = 16 * 1024 * 1024
"""Decompressed bytes a payload may have unless told otherwise: 16 MiB, far above any record Kinesis takes."""

# zlib's number for "a gzip header and trailer around the deflate stream" (zlib manual, inflateInit2).
_GZIP_WBITS: Final = 31
# An empty member takes 20 bytes, so their number is bounded too. Block gzip (members of 64 KiB) has 256 in
# 16 MiB.
_MAX_MEMBERS: Final = 1024
_CHUNK_BYTES: Final = 64 * 1024
"""Compressed bytes taken at once: zlib copies what is left of them behind each member."""


def is_gzip(data: bytes) -> bool:
    """Return whether the bytes begin like a gzip file (RFC 1952, section 2.3.1)."""
    return data.startswith(GZIP_MAGIC)


def compress(data: bytes) -> bytes:
    """Return the bytes gzip'd; the header holds no time and no name, so equal bytes give equal results."""
    return zlib.compress(data, wbits=_GZIP_WBITS)


def compress_if_smaller(data: bytes, *, above: int | None) -> bytes:
    """Return the bytes gzip'd if there are more than ``above`` and gzip makes them fewer; None for never."""
    if above is None or len(data) <= above:
        return data
    return min(data, compress(data), key=len)


def decompress(data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
    """Return the bytes decompressed, without ever holding more than the bound.

    Consecutive members are joined and zero padding after the last is ignored, as gzip does.

    Args:
        data: A whole gzip file.
        max_bytes: The most decompressed bytes to accept, at least 0.

    Returns:
        The decompressed bytes, at most ``max_bytes`` of them.

    Raises:
        WireFormatError: ``BAD_GZIP`` where the data is corrupt, truncated or followed by something else;
            ``TOO_LARGE`` where it decompresses beyond the bound.
    """
    members: list[bytes] = []
    room, start = max_bytes, 0
    for _ in range(_MAX_MEMBERS):
        member, start = _read_member(data, start, room=room, max_bytes=max_bytes)
        members.append(member)
        room -= len(member)
        start = _after_padding(data, start)
        if start == len(data):
            return b"".join(members)
    raise WireFormatError(Reason.BAD_GZIP, f"gzip data of more than {_MAX_MEMBERS} members")


def _after_padding(data: bytes, start: int) -> int:
    """Return the index of the next byte that is not 0."""
    while start < len(data) and not data[start]:
        chunk = data[start : start + _CHUNK_BYTES]
        start += len(chunk) - len(chunk.lstrip(b"\0"))
    return start


def _read_member(data: bytes, start: int, *, room: int, max_bytes: int) -> tuple[bytes, int]:
    """Return the gzip member that begins at an index, decompressed, and the index behind it."""
    decompressor = zlib.decompressobj(wbits=_GZIP_WBITS)
    parts: list[bytes] = []
    while not decompressor.eof:
        chunk = decompressor.unconsumed_tail
        if not chunk:
            chunk = data[start : start + _CHUNK_BYTES]
            start += len(chunk)
        if not chunk:
            raise WireFormatError(Reason.BAD_GZIP, "gzip data is truncated")
        try:
            # One byte more than allowed: a limit of 0 would mean "no limit" to zlib, and a member that fits
            # exactly must be distinguished from one that goes on.
            parts.append(decompressor.decompress(chunk, room + 1))
        except zlib.error as error:
            raise WireFormatError(Reason.BAD_GZIP, "gzip data is corrupt") from error
        room -= len(parts[-1])
        if room < 0:
            raise WireFormatError(Reason.TOO_LARGE, f"decompresses to more than {max_bytes} bytes")
    return b"".join(parts), start - len(decompressor.unused_data)
