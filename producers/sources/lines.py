"""JSON lines: an object a line. Knows bytes, not where they come from; holds one line at a time."""

from __future__ import annotations

import codecs
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from producers.sources.found import SourceProblem, Trouble
from producers.sources.text import document_of
from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.strict_json import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producers.sources.files import ByteLines
    from smartcat.wire_format.document import Document

_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Item:
    """What a line or a row gave, and how far the file was read: lines, and bytes after decompression."""

    content: Document | SourceProblem
    line: int = 0
    offset: int = 0


def read_lines(
    shown: str, stream: ByteLines, max_bytes: int, *, line: int = 0, offset: int = 0
) -> Iterator[Item]:
    """Read JSON lines; a broken line costs that line, a broken stream the rest of it.

    Args:
        shown: The name for people.
        stream: Stands behind ``line`` lines and ``offset`` bytes.
        max_bytes: The most bytes a line may have.
        line: Lines that were read before.
        offset: Bytes that were read before.

    Yields:
        A document or a problem for each line that is not blank.
    """
    try:
        while data := stream.readline(max_bytes + 2):
            line += 1
            offset += len(data)
            if len(data.rstrip(b"\r\n")) > max_bytes:
                offset += _skip_line(stream, data)
                problem = SourceProblem(shown, line, f"more than {max_bytes} bytes", Trouble.TOO_LARGE)
                yield Item(problem, line, offset)
            elif data.removeprefix(codecs.BOM_UTF8).strip():
                yield Item(_document(shown, line, data), line, offset)
    except (OSError, EOFError, zlib.error) as error:
        yield Item(broken_stream(shown, line + 1, error), line, offset)


def broken_stream(shown: str, line: int, error: Exception) -> SourceProblem:
    """Say that a file of many documents cannot be read to its end."""
    reason = error.strerror if isinstance(error, OSError) else None
    trouble = Trouble.UNREADABLE if reason else Trouble.BAD_GZIP
    return SourceProblem(shown, line, f"cannot be read on: {reason or 'broken gzip data'}", trouble)


def _skip_line(stream: ByteLines, line: bytes) -> int:
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = stream.readline(_CHUNK)
        skipped += len(line)
    return skipped


def _document(shown: str, number: int, line: bytes) -> Document | SourceProblem:
    try:
        fields = parse_object(line.rstrip(b"\r\n"))
    except WireFormatError as error:
        return SourceProblem(shown, number, error.detail, error.reason)
    if "id" in fields:
        fields["document_id"] = fields["id"]
    return document_of(shown, fields, number)
