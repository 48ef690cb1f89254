"""Records in a file of a spool: length, checksum, bytes. Pure: bytes in, bytes out.

A frame is the length of the record (4 bytes, big-endian), the CRC-32 of these 4 bytes and the record (4
bytes), and the record. A frame that was cut or changed is told from a whole one; what follows it is not read.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, Final

HEAD: Final = struct.Struct(">II")
MAX_RECORD: Final = 256 * 1024 * 1024
"""Bytes of a record; a length above it is damage."""


def frame(record: bytes) -> bytes:
    """Give a record its frame."""
    length = struct.pack(">I", len(record))
    return length + struct.pack(">I", zlib.crc32(record, zlib.crc32(length))) + record


def read_frame(stream: IO[bytes]) -> bytes | None:
    """Read the next record.

    Args:
        stream: Stands at the beginning of a frame.

    Returns:
        The record; None where there is no whole frame, at the end too.
    """
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    length, checksum = HEAD.unpack(head)
    if length > MAX_RECORD:
        return None
    record = stream.read(length)
    if len(record) < length or zlib.crc32(record, zlib.crc32(head[:4])) != checksum:
        return None
    return record


def whole_frames(stream: IO[bytes]) -> tuple[int, int]:
    """Count the whole frames from here on.

    Returns:
        How many there are, and how many bytes they take.
    """
    count = size = 0
    while (record := read_frame(stream)) is not None:
        count += 1
        size += HEAD.size + len(record)
    return count, size
