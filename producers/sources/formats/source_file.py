"""A file as the readers see it, wherever it is stored; decompression and skipping. Opens nothing itself."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Protocol

from smartcat.wire_format.compression import is_gzip

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_CHUNK = 1 << 20


class SourceFile(Protocol):
    """A file on disk or an object in S3."""

    @property
    def display_name(self) -> str:
        """Its name in messages."""
        ...

    @property
    def size(self) -> int:
        """Its bytes as they are stored."""
        ...

    def open(self) -> AbstractContextManager[IO[bytes]]:
        """Open it for reading; every error, now or later, is an OSError with a reason."""
        ...


class ByteLines(Protocol):
    """A stream that is read line by line."""

    def readline(self, limit: int, /) -> bytes:
        """Read to the end of a line, at most ``limit`` bytes."""
        ...


def decompressed(file: IO[bytes]) -> IO[bytes]:
    """Return the decompressed stream if the first bytes are those of gzip, else the file itself."""
    peek = getattr(file, "peek", None)
    if peek is None or not is_gzip(peek(2)[:2]):
        return file
    return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]


def skip_bytes(file: IO[bytes], count: int) -> None:
    """Skip ``count`` bytes, without reading them if the file can seek."""
    if file.seekable():
        file.seek(count)
        return
    while count and (chunk := file.read(min(count, _CHUNK))):
        count -= len(chunk)
