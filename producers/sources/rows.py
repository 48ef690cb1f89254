"""CSV: a document a row, by Python's csv module. Knows bytes, not where they come from; holds one row."""

from __future__ import annotations

import csv
import zlib
from typing import IO, TYPE_CHECKING

from producers.sources.columns import Columns, delimiter_of, read_header
from producers.sources.files import skip
from producers.sources.found import SourceProblem, Trouble
from producers.sources.lines import Item, broken_stream
from producers.sources.text import document_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from producers.sources.files import ByteLines
    from smartcat.wire_format.document import Document


class _RowTooLargeError(Exception):
    """A row goes on and on."""


class _Lines:
    """Lines of text for the csv module, which takes as many as a row has; counts them and their bytes."""

    def __init__(self, stream: ByteLines, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._row_bytes = 0
        self.line = 0
        self.offset = 0
        self.row = (0, 0)

    def begin_row(self) -> None:
        self._row_bytes = 0
        self.row = self.line, self.offset

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
        # Bytes that are no UTF-8 become lone surrogates, so that they cost a row and not the file.
        text = data.decode("utf-8", "surrogateescape")
        return text.removeprefix("\ufeff") if self.line == 1 else text


def read_rows(
    shown: str, stream: IO[bytes], max_bytes: int, *, line: int = 0, offset: int = 0
) -> Iterator[Item]:
    """Read CSV; a broken row costs that row, a row without an end the rest of the file.

    Args:
        shown: The name for people.
        stream: Stands at the beginning, for the header is needed.
        max_bytes: The most bytes a row may have.
        line: Lines that were read before; those behind the header are passed over.
        offset: Bytes that were read before.

    Yields:
        A document or a problem for each row that is not blank. Behind a row without an end stands the place
        before it: taken up in its middle, a page would be read as rows.
    """
    # The module's own bound is one for the whole process, and too low for pages.
    csv.field_size_limit(max(csv.field_size_limit(), max_bytes))
    lines = _Lines(stream, max_bytes)
    try:
        first = next(lines, "")
        reader = csv.reader(_chain(first, lines), delimiter=delimiter_of(first), strict=True)
        columns = read_header(next(reader, []))
        if isinstance(columns, str):
            yield Item(
                SourceProblem(shown, 1, f"header: {columns}", Trouble.BAD_CSV), lines.line, lines.offset
            )
            return
        if offset > lines.offset:
            skip(stream, offset - lines.offset if not stream.seekable() else offset)
            lines.line, lines.offset = line, offset
        yield from _items(shown, reader, lines, columns)
    except _RowTooLargeError:
        message = f"a row of more than {max_bytes} bytes, is a quote not closed? The rest is not read"
        yield Item(SourceProblem(shown, lines.line + 1, message, Trouble.TOO_LARGE), *lines.row)
    except csv.Error as error:
        yield Item(_csv_problem(shown, 1, error), lines.line, lines.offset)
    except (OSError, EOFError, zlib.error) as error:
        yield Item(broken_stream(shown, lines.line + 1, error), *lines.row)


def _chain(first: str, rest: _Lines) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _items(shown: str, reader: Iterator[list[str]], lines: _Lines, columns: Columns) -> Iterator[Item]:
    while True:
        number = lines.line + 1
        lines.begin_row()
        content: Document | SourceProblem
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            content = _csv_problem(shown, number, error)
        else:
            if not row:
                continue
            content = _document(shown, number, row, columns)
        yield Item(content, lines.line, lines.offset)


def _csv_problem(shown: str, number: int, error: csv.Error) -> SourceProblem:
    # The messages of the module name what it expected, never a cell.
    return SourceProblem(shown, number, f"expected CSV: {error}", Trouble.BAD_CSV)


def _document(shown: str, number: int, row: Sequence[str], columns: Columns) -> Document | SourceProblem:
    if len(row) != columns.count:
        message = f"expected {columns.count} cells as in the header, found {len(row)}"
        return SourceProblem(shown, number, message, Trouble.BAD_CSV)
    if any(_is_broken(cell) for cell in row):
        return SourceProblem(shown, number, "expected UTF-8, found an invalid byte", Trouble.NOT_UTF8)
    return document_of(shown, columns.fields(row), number)


def _is_broken(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return True
    return False
