"""Documents from files, folders, S3 and standard input, one at a time; what cannot be read is said.

Memory stays flat: one document, one line or one row is held at a time. Knows nothing of streams.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from producers.sources.files import unpacked
from producers.sources.found import Found, Position, SourceProblem, Trouble
from producers.sources.kinds import KINDS, Unit, stem_of_page, unit_of_pages
from producers.sources.lines import read_lines
from producers.sources.local import LocalFile, order_of, os_problem, problem_of, shown, walk
from producers.sources.reading import Reading
from smartcat.wire_format.compression import DEFAULT_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from producers.sources.files import ByteLines
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

    ``*.txt``: UTF-8, one document a file, a form feed ends a page; its id is its path below the folder that
    was given, or its name. ``name.p1.txt``, ``name.p2.txt`` and so on are the pages of one document ``name``.
    ``*.pdf``: the text layer, with pypdf. ``*.jsonl`` and "-" (standard input): a JSON object a line, with
    ``id`` or ``document_id`` (``id`` wins), ``text`` or ``pages``, and optionally the other fields of a
    document; further fields are ignored. ``*.csv``: a document a row, columns as ``columns.py`` says. JSON
    lines and CSV may be gzip, which is recognised by its first bytes. ``s3://bucket/prefix``: the same kinds
    of objects; the id of a text or PDF is its whole key.

    Args:
        paths: Files, folders, S3 prefixes, and "-" for standard input.
        stdin: Read for "-"; None for the program's own.
        max_bytes: The most bytes a text file, a line, a row or the text of a PDF may have.

    Yields:
        Documents, and between them a problem for each input that gave none.
    """
    for found in read_inputs(paths, stdin=stdin, max_bytes=max_bytes):
        yield found.content


def read_inputs(
    paths: Sequence[str | Path],
    *,
    start: Position | None = None,
    stdin: ByteLines | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    s3: Any = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Found]:
    """Read as ``read_documents`` does, and say where everything was.

    Args:
        paths: The same.
        start: Where reading was broken off, for the same inputs; None for the beginning.
        stdin: The same.
        max_bytes: The same.
        s3: A boto3 client for ``s3://``; None to make one when it is needed.
        clock: Gives seconds, for the bound on the time a PDF may take.

    Yields:
        Each document or problem with the position behind it.
    """
    reading = Reading([str(path) for path in paths], start, max_bytes, clock, s3)
    for number, path in enumerate(reading.paths):
        if start is not None and number < start.input:
            reading.files += 1
            reading.earlier.add(Path(path))
        elif path == STDIN:
            source = stdin or unpacked(sys.stdin.buffer)
            for item in read_lines("<stdin>", source, max_bytes):
                yield Found(Position(number, "", item.line, item.offset), item.content, reading.files)
        elif path.startswith(S3):
            yield from _bucket(reading, number, path)
        else:
            yield from _path(reading, number, Path(path))


def _path(reading: Reading, number: int, path: Path) -> Iterator[Found]:
    try:
        is_folder = path.is_dir()
    except OSError as error:
        yield Found(Position(number), os_problem(shown(path), error), reading.files)
        return
    if is_folder:
        yield from _folder(reading, number, path)
    elif (stem := stem_of_page(path.name)) is None:
        yield from _unit(reading, number, "", Unit((path.name,), path.name), path.parent)
    elif (names := reading.pages[path.parent, stem])[0] == path.name:
        # A shell gives the pages of a document one by one; the first of them stands for all.
        unit = unit_of_pages(stem, sorted(set(names)))
        yield from _unit(reading, number, "", unit, path.parent)
    reading.earlier.add(path)


def _folder(reading: Reading, number: int, folder: Path) -> Iterator[Found]:
    problems: list[SourceProblem] = []
    start = reading.start_in(number)
    begin = order_of(start.file) if start else ()
    position = start or Position(number)
    empty = True
    for prefix, unit in walk(folder, on_error=problems.append):
        empty = False
        if order_of(prefix + unit.first) < begin:
            reading.files += 1
            continue
        for found in _unit(reading, number, prefix, unit, folder):
            position = found.position
            yield found
    if empty and not problems:
        message = f"no documents below it, expected {KINDS}"
        problems.append(SourceProblem(shown(folder), None, message, Trouble.NO_DOCUMENTS))
    for problem in problems:
        yield Found(position, problem, reading.files)


def _unit(reading: Reading, number: int, prefix: str, unit: Unit, folder: Path) -> Iterator[Found]:
    files = [LocalFile(folder / prefix / name) for name in unit.files]
    problem = next((problem for file in files if (problem := problem_of(file.path))), None)
    if problem is None:
        yield from reading.unit(number, prefix, unit, files)
        return
    yield Found(Position(number, prefix + unit.first), problem, reading.files)
    reading.files += 1


def _bucket(reading: Reading, number: int, address: str) -> Iterator[Found]:
    from producers.sources.s3 import read_bucket  # noqa: PLC0415 - only who reads from S3 needs boto3

    yield from read_bucket(reading, number, address)
