"""Reads file groups, wherever the files are, and keeps the state of one pass over the inputs."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from producers.sources.formats.csv_rows import read_rows
from producers.sources.formats.file_kinds import FileGroup, FileKind, file_kind, page_stem
from producers.sources.formats.json_lines import read_lines, stream_problem
from producers.sources.formats.pdf import MAX_PDF_BYTES, read_pdf
from producers.sources.formats.plain_text import read_text
from producers.sources.formats.read_result import (
    LineResult,
    Position,
    ProblemCode,
    ReadResult,
    SourceProblem,
)
from producers.sources.formats.source_file import decompressed, skip_bytes
from producers.sources.local_files import EarlierInputs, os_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from producers.sources.formats.source_file import SourceFile
    from smartcat.wire_format.document import Document

_IN_MEMORY = 8 * 1024 * 1024


@dataclass(slots=True)
class FileReader:
    """One pass over the inputs.

    Attributes:
        paths: The inputs, as they were given.
        start: Where an earlier pass was interrupted; None for the beginning.
        max_bytes: The most bytes a text file, a line, a row or the text of a PDF may have.
        clock: Returns seconds of a steady clock.
        s3: A boto3 client, once it is needed.
        files: Files done so far.
        earlier_inputs: Files and folders that were read before the present one.
        pages: Names of pages that were given as files, by folder and page stem.
        failed_groups: First names of groups that gave no document though their files may exist, such as pages
            with a gap; another input may give the id.
    """

    paths: list[str]
    start: Position | None
    max_bytes: int
    clock: Callable[[], float]
    s3: Any
    files: int = 0
    earlier_inputs: EarlierInputs = field(default_factory=EarlierInputs)
    pages: dict[tuple[Path, str], list[str]] = field(default_factory=dict)
    failed_groups: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Group the pages that were given as files."""
        for path in map(Path, self.paths):
            if (stem := page_stem(path.name)) is not None:
                self.pages.setdefault((path.parent, stem), []).append(path.name)

    def start_in(self, number: int) -> Position | None:
        """Return the start if it is in this input, else None."""
        return self.start if self.start is not None and self.start.input == number else None

    def is_duplicate(self, name: str) -> bool:
        """Return whether an earlier file or folder gave a document this id."""
        return len(self.paths) > 1 and name not in self.failed_groups and self.earlier_inputs.contain(name)

    def mark_failed(self, name: str) -> None:
        """Record that the group with this first name gave no document, though such a file may exist."""
        if len(self.paths) > 1 and not self.is_duplicate(name):
            self.failed_groups.add(name)

    def read_group(
        self, number: int, prefix: str, group: FileGroup, files: Sequence[SourceFile]
    ) -> Iterator[ReadResult]:
        """Read files that belong together, from where an earlier pass was interrupted.

        Args:
            number: Index of their input.
            prefix: What precedes their names below the input.
            group: Their names.
            files: The files themselves.

        Yields:
            The results; for files of one document, none if they were read before.
        """
        first = prefix + group.first
        kind = file_kind(first) or FileKind.TEXT
        start = self.start_in(number)
        if start is not None and start.file != first:
            start = None
        if kind.has_many_documents or start is None:
            try:
                if group.problem:
                    self.mark_failed(first)
                    problem = SourceProblem(files[0].display_name, None, group.problem, ProblemCode.BAD_PAGES)
                    yield ReadResult(Position(number, first), problem, self.files)
                elif kind.has_many_documents:
                    yield from self._read_many(kind, files[0], start or Position(number, first))
                else:
                    content = self._read_one(kind, prefix + group.name, first, files)
                    yield ReadResult(Position(number, first), content, self.files + 1)
            except OSError as error:
                problem = os_problem(files[0].display_name, error)
                yield ReadResult(Position(number, first), problem, self.files)
        self.files += 1

    def _read_one(
        self, kind: FileKind, name: str, first: str, files: Sequence[SourceFile]
    ) -> Document | SourceProblem:
        file = files[0]
        if self.is_duplicate(first):
            message = "another input gave a document with this id; give the folder above both instead"
            return SourceProblem(file.display_name, None, message, ProblemCode.DUPLICATE_ID)
        self.failed_groups.discard(first)
        if kind is FileKind.TEXT:
            return read_text(name, files, self.max_bytes)
        with file.open() as raw:
            if file.size > MAX_PDF_BYTES:
                message = f"more than {MAX_PDF_BYTES} bytes"
                return SourceProblem(file.display_name, None, message, ProblemCode.TOO_LARGE)
            with _seekable(raw) as stream:
                return read_pdf(name, file.display_name, stream, self.max_bytes, self.clock)

    def _read_many(self, kind: FileKind, file: SourceFile, start: Position) -> Iterator[ReadResult]:
        with file.open() as raw:
            stream, size = decompressed(raw), file.size
            lines: Iterator[LineResult]
            if kind is FileKind.JSON_LINES:
                try:
                    skip_bytes(stream, start.offset)
                except (EOFError, zlib.error) as error:
                    # The object was replaced meanwhile, which the checkpoint does not notice.
                    problem = stream_problem(file.display_name, start.line + 1, error)
                    yield ReadResult(start, problem, self.files)
                    return
                lines = read_lines(
                    file.display_name, stream, self.max_bytes, line=start.line, offset=start.offset
                )
            else:
                lines = read_rows(
                    file.display_name, stream, self.max_bytes, line=start.line, offset=start.offset
                )
            for each in lines:
                fraction = min(1.0, raw.tell() / size) if size else 0.0
                position = Position(start.input, start.file, each.line, each.offset)
                yield ReadResult(position, each.content, self.files + fraction)


@contextmanager
def _seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield a stream that can seek: a copy on disk if this one cannot."""
    if stream.seekable():
        yield stream
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy
