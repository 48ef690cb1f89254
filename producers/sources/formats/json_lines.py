"""JSON lines: one object per line. Knows bytes, not where they come from; holds one line at a time."""

from __future__ import annotations

import codecs
import zlib
from typing import TYPE_CHECKING, Final

from producers.sources.formats.plain_text import make_document
from producers.sources.formats.read_result import LineResult, ProblemCode, SourceProblem
from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.strict_json import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producers.sources.formats.source_file import ByteLines
    from smartcat.wire_format.document import Document

_CHUNK: Final = 1 << 16


def read_lines(
    display_name: str, stream: ByteLines, max_bytes: int, *, line: int = 0, offset: int = 0
) -> Iterator[LineResult]:
    """Read JSON lines; a bad line costs that line, a broken stream the rest of it.

    Args:
        display_name: The file's name in messages.
        stream: Positioned after ``line`` lines and ``offset`` bytes.
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
                message = f"more than {max_bytes} bytes"
                yield LineResult(
                    SourceProblem(display_name, line, message, ProblemCode.TOO_LARGE), line, offset
                )
            elif data.removeprefix(codecs.BOM_UTF8).strip():
                yield LineResult(_document(display_name, line, data), line, offset)
    except (OSError, EOFError, zlib.error) as error:
        yield LineResult(stream_problem(display_name, line + 1, error), line, offset)


def stream_problem(display_name: str, line: int, error: Exception) -> SourceProblem:
    """Return the problem of a file of many documents that cannot be read to its end."""
    reason = error.strerror if isinstance(error, OSError) else None
    code = ProblemCode.UNREADABLE if reason else ProblemCode.BAD_GZIP
    message = f"the rest cannot be read: {reason or 'broken gzip data'}"
    return SourceProblem(display_name, line, message, code)


def _skip_line(stream: ByteLines, line: bytes) -> int:
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = stream.readline(_CHUNK)
        skipped += len(line)
    return skipped


def _document(display_name: str, number: int, line: bytes) -> Document | SourceProblem:
    try:
        fields = parse_object(line.rstrip(b"\r\n"))
    except WireFormatError as error:
        return SourceProblem(display_name, number, error.detail, error.reason)
    if "id" in fields:
        fields["document_id"] = fields["id"]
    return make_document(display_name, fields, number)
