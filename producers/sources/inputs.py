"""Reads documents from files, folders, S3 and standard input, one at a time; bad inputs become problems.

Memory stays flat: one document, one line or one row is held at a time. Knows nothing of the stream.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from producers.sources.file_reader import FileReader
from producers.sources.formats.file_kinds import SUPPORTED_FILES, FileGroup, group_pages, page_stem
from producers.sources.formats.json_lines import read_lines
from producers.sources.formats.read_result import Position, ProblemCode, ReadResult, SourceProblem
from producers.sources.formats.source_file import decompressed
from producers.sources.local_files import (
    LocalFile,
    os_problem,
    path_problem,
    printable,
    walk_groups,
    walk_order,
)
from smartcat.wire_format.compression import DEFAULT_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from producers.sources.formats.source_file import ByteLines
    from smartcat.wire_format.document import Document

STDIN: Final = "-"
S3: Final = "s3://"


def read_documents(
    paths: Sequence[str | Path],
    *,
    stdin: ByteLines | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Iterator[Document | SourceProblem]:
    """Read documents from files, folders (with all below them, sorted), S3 and standard input.

    ``*.txt``: UTF-8, one document per file, a form feed ends a page; its id is its path below the folder that
    was given, or its name. ``name.p1.txt``, ``name.p2.txt`` and so on are the pages of one document ``name``.
    ``*.pdf``: the text layer, with pypdf. ``*.jsonl`` and "-" (standard input): one JSON object per line,
    with ``id`` or ``document_id`` (``id`` wins), ``text`` or ``pages``, and optionally the other fields of a
    document; further fields are ignored. ``*.csv``: one document per row, columns as in ``csv_columns.py``.
    JSON lines and CSV may be gzip, which is recognised by its first bytes. ``s3://bucket/prefix``: objects of
    the same kinds; the id of a text or PDF is its whole key.

    Args:
        paths: Files, folders, S3 prefixes, and "-" for standard input.
        stdin: Read for "-"; None for the program's own.
        max_bytes: The most bytes a text file, a line, a row or the text of a PDF may have.

    Yields:
        Documents, and between them a problem for each input that gave none.
    """
    for result in read_inputs(paths, stdin=stdin, max_bytes=max_bytes):
        yield result.content


def read_inputs(
    paths: Sequence[str | Path],
    *,
    start: Position | None = None,
    stdin: ByteLines | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    s3: Any = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[ReadResult]:
    """Read as ``read_documents`` does, with the position of everything.

    Args:
        paths: The same.
        start: Where reading was interrupted, for the same inputs; None for the beginning.
        stdin: The same.
        max_bytes: The same.
        s3: A boto3 client for ``s3://``; None to make one when it is needed.
        clock: Returns seconds of a steady clock, to bound the time a PDF may take.

    Yields:
        Each document or problem with the position after it.
    """
    reader = FileReader([str(path) for path in paths], start, max_bytes, clock, s3)
    for number, path in enumerate(reader.paths):
        if start is not None and number < start.input:
            reader.files += 1
            reader.earlier_inputs.add(Path(path))
        elif path == STDIN:
            source = stdin or decompressed(sys.stdin.buffer)
            for line in read_lines("<stdin>", source, max_bytes):
                yield ReadResult(Position(number, "", line.line, line.offset), line.content, reader.files)
        elif path.startswith(S3):
            yield from _bucket(reader, number, path)
        else:
            yield from _path(reader, number, Path(path))


def _path(reader: FileReader, number: int, path: Path) -> Iterator[ReadResult]:
    try:
        is_folder = path.is_dir()
    except OSError as error:
        yield ReadResult(Position(number), os_problem(printable(path), error), reader.files)
        return
    if is_folder:
        yield from _folder(reader, number, path)
    elif (stem := page_stem(path.name)) is None:
        yield from _group(reader, number, "", FileGroup((path.name,), path.name), path.parent)
    elif (names := reader.pages[path.parent, stem])[0] == path.name:
        # A shell gives the pages of a document one by one; the first of them stands for all.
        group = group_pages(stem, sorted(set(names)))
        yield from _group(reader, number, "", group, path.parent)
    reader.earlier_inputs.add(path)


def _folder(reader: FileReader, number: int, folder: Path) -> Iterator[ReadResult]:
    problems: list[SourceProblem] = []
    start = reader.start_in(number)
    begin = walk_order(start.file) if start else ()
    position = start or Position(number)
    empty = True
    for prefix, group in walk_groups(folder, on_error=problems.append):
        empty = False
        if walk_order(prefix + group.first) < begin:
            reader.files += 1
            continue
        for result in _group(reader, number, prefix, group, folder, within=folder):
            position = result.position
            yield result
    if empty and not problems:
        message = f"no documents in it, expected {SUPPORTED_FILES}"
        problems.append(SourceProblem(printable(folder), None, message, ProblemCode.NO_DOCUMENTS))
    for problem in problems:
        yield ReadResult(position, problem, reader.files)


def _group(
    reader: FileReader, number: int, prefix: str, group: FileGroup, folder: Path, within: Path | None = None
) -> Iterator[ReadResult]:
    files = [LocalFile(folder / prefix / name) for name in group.files]
    problem = next((problem for file in files if (problem := path_problem(file.path, within))), None)
    if problem is None:
        yield from reader.read_group(number, prefix, group, files)
        return
    reader.mark_failed(prefix + group.first)
    yield ReadResult(Position(number, prefix + group.first), problem, reader.files)
    reader.files += 1


def _bucket(reader: FileReader, number: int, address: str) -> Iterator[ReadResult]:
    from producers.sources.s3 import read_bucket  # noqa: PLC0415 - only who reads from S3 needs boto3

    yield from read_bucket(reader, number, address)
