"""One pass over the inputs: what it knows, and how files that belong together are read, wherever they are."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from producers.sources.files import skip, unpacked
from producers.sources.found import Found, Position, SourceProblem, Trouble
from producers.sources.kinds import Kind, Unit, kind_of, stem_of_page
from producers.sources.lines import Item, broken_stream, read_lines
from producers.sources.local import Earlier, os_problem
from producers.sources.pdf import MAX_PDF_BYTES, read_pdf
from producers.sources.rows import read_rows
from producers.sources.seen import MaybeSeen
from producers.sources.text import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from producers.sources.files import SourceFile
    from smartcat.wire_format.document import Document

_IN_MEMORY = 8 * 1024 * 1024


@dataclass(slots=True)
class Reading:
    """One pass over the inputs.

    Attributes:
        paths: The inputs, as they were given.
        start: Where an earlier pass was broken off; None for the beginning.
        max_bytes: The most bytes a text file, a line, a row or the text of a PDF may have.
        clock: Gives seconds.
        s3: A boto3 client, once it is needed.
        files: Files done so far.
        earlier: Names of files, and folders, that were read before the present one.
        pages: Names of pages that were given as files, by folder and document.
    """

    paths: list[str]
    start: Position | None
    max_bytes: int
    clock: Callable[[], float]
    s3: Any
    files: int = 0
    earlier: Earlier = field(default_factory=Earlier)
    pages: dict[tuple[Path, str], list[str]] = field(default_factory=dict)
    _seen: MaybeSeen | None = None

    def __post_init__(self) -> None:
        """Put the pages together that were given as files."""
        for path in map(Path, self.paths):
            if (stem := stem_of_page(path.name)) is not None:
                self.pages.setdefault((path.parent, stem), []).append(path.name)

    def start_in(self, number: int) -> Position | None:
        """Give the start, where it is in this input."""
        return self.start if self.start is not None and self.start.input == number else None

    def is_known(self, name: str) -> bool:
        """Tell whether an earlier file or folder gave a document this id."""
        if len(self.paths) == 1:
            return False
        if self._seen is None:
            self._seen = MaybeSeen()
        maybe = self._seen.add(name)
        # What was read before a break is not in the set, so the files are asked.
        return (maybe or self.start is not None) and self.earlier.gave(name)

    def unit(self, number: int, prefix: str, unit: Unit, files: Sequence[SourceFile]) -> Iterator[Found]:
        """Read files that belong together, from where an earlier pass was broken off.

        Args:
            number: Which input they are in.
            prefix: What stands before their names below the input.
            unit: Their names.
            files: The files themselves.

        Yields:
            What was found; for files of one document, nothing if they were read before.
        """
        first = prefix + unit.first
        kind = kind_of(first) or Kind.TEXT
        start = self.start_in(number)
        if start is not None and start.file != first:
            start = None
        if kind.many or start is None:
            try:
                if unit.problem:
                    problem = SourceProblem(files[0].shown, None, unit.problem, Trouble.BAD_PAGES)
                    yield Found(Position(number, first), problem, self.files)
                elif kind.many:
                    yield from self._many(kind, files[0], start or Position(number, first))
                else:
                    content = self._one(kind, prefix + unit.name, first, files)
                    yield Found(Position(number, first), content, self.files + 1)
            except OSError as error:
                yield Found(Position(number, first), os_problem(files[0].shown, error), self.files)
        self.files += 1

    def _one(
        self, kind: Kind, name: str, first: str, files: Sequence[SourceFile]
    ) -> Document | SourceProblem:
        if self.is_known(first):
            message = "another input gave a document with this id; give the folder above both instead"
            return SourceProblem(files[0].shown, None, message, Trouble.DUPLICATE_ID)
        if kind is Kind.TEXT:
            return read_text(name, files, self.max_bytes)
        file = files[0]
        with file.open() as raw:
            if file.size > MAX_PDF_BYTES:
                message = f"more than {MAX_PDF_BYTES} bytes"
                return SourceProblem(file.shown, None, message, Trouble.TOO_LARGE)
            with _searchable(raw) as stream:
                return read_pdf(name, file.shown, stream, self.max_bytes, self.clock)

    def _many(self, kind: Kind, file: SourceFile, start: Position) -> Iterator[Found]:
        with file.open() as raw:
            stream, size = unpacked(raw), file.size
            items: Iterator[Item]
            if kind is Kind.LINES:
                try:
                    skip(stream, start.offset)
                except (EOFError, zlib.error) as error:
                    # Another object than before the break: the checkpoint does not notice.
                    yield Found(start, broken_stream(file.shown, start.line + 1, error), self.files)
                    return
                items = read_lines(file.shown, stream, self.max_bytes, line=start.line, offset=start.offset)
            else:
                items = read_rows(file.shown, stream, self.max_bytes, line=start.line, offset=start.offset)
            for item in items:
                fraction = min(1.0, raw.tell() / size) if size else 0.0
                position = Position(start.input, start.file, item.line, item.offset)
                yield Found(position, item.content, self.files + fraction)


@contextmanager
def _searchable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a stream that can go backwards: a copy on the disk, where this one cannot."""
    if stream.seekable():
        yield stream
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy
