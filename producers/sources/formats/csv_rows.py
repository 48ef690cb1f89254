"""CSV: one document per row, by Python's csv module. Knows bytes, not where they come from; holds one row."""

from __future__ import annotations

import csv
import zlib
from typing import IO, TYPE_CHECKING

from producers.sources.formats.csv_columns import Columns, guess_delimiter, read_header
from producers.sources.formats.json_lines import stream_problem
from producers.sources.formats.plain_text import make_document
from producers.sources.formats.read_result import LineResult, ProblemCode, SourceProblem
from producers.sources.formats.source_file import skip_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from producers.sources.formats.source_file import ByteLines
    from smartcat.wire_format.document import Document


class _RowTooLargeError(Exception):
    """A row has more bytes than it may."""


class _Lines:
    """The lines of a file for the csv module, which reads as many as a row has; counts lines and bytes."""

    def __init__(self, stream: ByteLines, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._row_bytes = 0
        self.line = 0
        self.offset = 0
        self.row_start = (0, 0)

    def begin_row(self) -> None:
        self._row_bytes = 0
        self.row_start = self.line, self.offset

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self._stream.readline(self._max_bytes + 3)
        self._row_bytes += len(data)
        if self._row_bytes > self._max_bytes + 2:
            raise _RowTooLargeError
        if not data:
            raise StopIteration
        self.line += 1
        self.offset += len(data)
        # Bytes that are not UTF-8 become lone surrogates, so that they cost a row and not the file.
        text = data.decode("utf-8", "surrogateescape")
        return text.removeprefix("\ufeff") if self.line == 1 else text


def read_rows(
    display_name: str, stream: IO[bytes], max_bytes: int, *, line: int = 0, offset: int = 0
) -> Iterator[LineResult]:
    """Read CSV; a bad row costs that row, a row without an end the rest of the file.

    Args:
        display_name: The file's name in messages.
        stream: Positioned at the beginning, because the header is needed.
        max_bytes: The most bytes a row may have.
        line: Lines that were read before; they are skipped, except for the header.
        offset: Bytes that were read before.

    Yields:
        A document or a problem for each row that is not blank. A row without an end has the position before
        it: if reading resumed in its middle, its page would be read as rows.
    """
    # The module's own limit applies to the whole process, and is too low for pages.
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))
    lines = _Lines(stream, max_bytes)
    try:
        first = next(lines, "")
        reader = csv.reader(_chain(first, lines), delimiter=guess_delimiter(first), strict=True)
        columns = read_header(next(reader, []))
        if isinstance(columns, str):
            yield LineResult(
                SourceProblem(display_name, 1, f"header: {columns}", ProblemCode.BAD_CSV),
                lines.line,
                lines.offset,
            )
            return
        if offset > lines.offset:
            skip_bytes(stream, offset - lines.offset if not stream.seekable() else offset)
            lines.line, lines.offset = line, offset
        yield from _read_rows(display_name, reader, lines, columns)
    except _RowTooLargeError:
        message = f"a row of more than {max_bytes} bytes; perhaps a quote is not closed; the rest is not read"
        yield LineResult(
            SourceProblem(display_name, lines.line + 1, message, ProblemCode.TOO_LARGE), *lines.row_start
        )
    except csv.Error as error:
        yield LineResult(_csv_problem(display_name, 1, error), lines.line, lines.offset)
    except (OSError, EOFError, zlib.error) as error:
        yield LineResult(stream_problem(display_name, lines.line + 1, error), *lines.row_start)


def _chain(first: str, rest: _Lines) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _read_rows(
    display_name: str, reader: Iterator[list[str]], lines: _Lines, columns: Columns
) -> Iterator[LineResult]:
    while True:
        number = lines.line + 1
        lines.begin_row()
        content: Document | SourceProblem
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            content = _csv_problem(display_name, number, error)
        else:
            if not row:
                continue
            content = _document(display_name, number, row, columns)
        yield LineResult(content, lines.line, lines.offset)


def _csv_problem(display_name: str, number: int, error: csv.Error) -> SourceProblem:
    # The messages of the module say what it expected, and quote no cell.
    return SourceProblem(display_name, number, f"expected CSV: {error}", ProblemCode.BAD_CSV)


def _document(
    display_name: str, number: int, row: Sequence[str], columns: Columns
) -> Document | SourceProblem:
    if len(row) != columns.count:
        message = f"expected {columns.count} cells as in the header, found {len(row)}"
        return SourceProblem(display_name, number, message, ProblemCode.BAD_CSV)
    if any(_is_not_utf8(cell) for cell in row):
        return SourceProblem(
            display_name, number, "expected UTF-8, found an invalid byte", ProblemCode.NOT_UTF8
        )
    return make_document(display_name, columns.fields(row), number)


def _is_not_utf8(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return True
    return False
