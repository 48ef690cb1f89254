"""What readers need of a file, wherever it is; gzip and skipping. Opens nothing by itself."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Protocol

from smartcat.wire_format.compression import is_gzip

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_CHUNK = 1 << 20


class SourceFile(Protocol):
    """A file on a disk or an object in S3."""

    @property
    def shown(self) -> str:
        """Its name for people."""
        ...

    @property
    def size(self) -> int:
        """Its bytes as they are stored."""
        ...

    def open(self) -> AbstractContextManager[IO[bytes]]:
        """Open it for reading; whatever goes wrong, now or later, is an OSError with a reason."""
        ...


class ByteLines(Protocol):
    """What lines are read from."""

    def readline(self, limit: int, /) -> bytes:
        """Read to the end of a line, at most so many bytes."""
        ...


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """Give what is inside, where the first bytes say gzip."""
    peek = getattr(file, "peek", None)
    if peek is None or not is_gzip(peek(2)[:2]):
        return file
    return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]


def skip(file: IO[bytes], count: int) -> None:
    """Go forward by so many bytes, without reading them where the file can."""
    if file.seekable():
        file.seek(count)
        return
    while count and (chunk := file.read(min(count, _CHUNK))):
        count -= len(chunk)
