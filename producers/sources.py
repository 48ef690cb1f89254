"""Documents from files, folders and standard input, one at a time; what cannot be read is said, not skipped.

Knows nothing of AWS. Memory stays flat: one file or one line is held at a time.
"""

from __future__ import annotations

import codecs
import gzip
import os
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol

from wire_format.compression import DEFAULT_MAX_BYTES, is_gzip
from wire_format.document import from_fields
from wire_format.errors import WireFormatError
from wire_format.strict_json import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wire_format.document import Document

STDIN: Final = "-"

_KINDS: Final = "*.txt, *.jsonl or *.jsonl.gz"
_CHUNK: Final = 1 << 16


class _ByteLines(Protocol):
    def readline(self, limit: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """An input that gave no document.

    Attributes:
        path: The file or folder as it was given or found; ``<stdin>`` for standard input.
        line: The line of a JSONL file, from 1; None where the whole file is meant.
        message: What was wrong and what was expected; no page text.
    """

    path: str
    line: int | None
    message: str

    def __str__(self) -> str:
        """Give the whole problem in one line, as compilers do."""
        return (
            f"{self.path}: {self.message}"
            if self.line is None
            else f"{self.path}:{self.line}: {self.message}"
        )


def read_documents(
    paths: Sequence[str | Path],
    *,
    stdin: _ByteLines | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Iterator[Document | SourceProblem]:
    """Read documents from files, folders (with all below them, sorted) and standard input.

    ``*.txt``: UTF-8, one document a file, a form feed ends a page; its id is its path below the folder that
    was given, or its name. ``*.jsonl``, ``*.jsonl.gz`` (gzip is recognised by its first bytes) and "-"
    (standard input, not compressed): a JSON object a line, with ``id`` or ``document_id`` (``id`` wins),
    ``text`` or ``pages``, and optionally the other fields of a document; further fields are ignored.

    Args:
        paths: Files and folders, and "-" for standard input.
        stdin: Read for "-"; None for the program's own.
        max_bytes: The most bytes a text file or a line may have.

    Yields:
        Documents, and between them a problem for each input that gave none.
    """
    names = _TextFileIds(needed=len(paths) > 1)
    for path in paths:
        if str(path) == STDIN:
            yield from _lines("<stdin>", stdin or sys.stdin.buffer, max_bytes)
        else:
            yield from _path(Path(path), names, max_bytes)


class _TextFileIds:
    """Remembers the ids made from paths, but only where several inputs could give the same one."""

    def __init__(self, *, needed: bool) -> None:
        self._seen: set[str] | None = set() if needed else None

    def is_new(self, name: str) -> bool:
        if self._seen is None:
            return True
        new = name not in self._seen
        self._seen.add(name)
        return new


def _path(path: Path, names: _TextFileIds, max_bytes: int) -> Iterator[Document | SourceProblem]:
    try:
        is_folder = path.is_dir()
    except OSError as error:
        yield _os_problem(path, error)
        return
    yield from _folder(path, names, max_bytes) if is_folder else _file(path, path.name, names, max_bytes)


def _folder(folder: Path, names: _TextFileIds, max_bytes: int) -> Iterator[Document | SourceProblem]:
    problems: list[SourceProblem] = []
    found = False
    for parent, children, files in os.walk(folder, onerror=lambda e: problems.append(_os_problem(folder, e))):
        children.sort()
        for name in sorted(files):
            path = Path(parent, name)
            if _is_text(path) or _is_lines(path):
                found = True
                yield from _file(path, path.relative_to(folder).as_posix(), names, max_bytes)
    yield from problems
    if not found and not problems:
        yield SourceProblem(_shown(folder), None, f"no documents below it, expected {_KINDS}")


def _file(path: Path, name: str, names: _TextFileIds, max_bytes: int) -> Iterator[Document | SourceProblem]:
    try:
        if not path.exists():
            yield SourceProblem(_shown(path), None, "no such file or folder")
        elif not (path.is_file() and (_is_text(path) or _is_lines(path))):
            # Opening a pipe could wait for ever, so only regular files are opened.
            yield SourceProblem(_shown(path), None, f"not a kind of file that is read, expected {_KINDS}")
        elif _is_text(path):
            yield _text(path, name, names, max_bytes)
        else:
            with path.open("rb") as file:
                yield from _lines(_shown(path), _unpacked(file), max_bytes)
    except OSError as error:
        yield _os_problem(path, error)


def _text(path: Path, name: str, names: _TextFileIds, max_bytes: int) -> Document | SourceProblem:
    with path.open("rb") as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        return SourceProblem(_shown(path), None, f"more than {max_bytes} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return SourceProblem(
            _shown(path), None, f"expected UTF-8, found an invalid byte at offset {error.start}"
        )
    if not names.is_new(name):
        return SourceProblem(
            _shown(path),
            None,
            "another input gave a document with this id; give the folder above both instead",
        )
    # Extractors end every page with a form feed, the last one too: that is no empty page behind it.
    pages = text.removesuffix("\f").split("\f")
    try:
        return from_fields({"document_id": name, "pages": pages})
    except WireFormatError as error:
        return SourceProblem(_shown(path), None, error.detail)


def _unpacked(file: IO[bytes]) -> _ByteLines:
    packed = is_gzip(file.read(2))
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else file


def _lines(shown: str, stream: _ByteLines, max_bytes: int) -> Iterator[Document | SourceProblem]:
    """Read JSONL; a broken line costs that line, a broken stream the rest of it."""
    number = 0
    try:
        while line := stream.readline(max_bytes + 2):
            number += 1
            if len(line.rstrip(b"\r\n")) > max_bytes:
                _skip_line(stream, line)
                yield SourceProblem(shown, number, f"more than {max_bytes} bytes")
            elif line.removeprefix(codecs.BOM_UTF8).strip():
                yield _line(shown, number, line)
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        yield SourceProblem(shown, number + 1, f"cannot be read on: {reason or 'broken gzip data'}")


def _skip_line(stream: _ByteLines, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(_CHUNK)


def _line(shown: str, number: int, line: bytes) -> Document | SourceProblem:
    try:
        fields = parse_object(line.rstrip(b"\r\n"))
        if "id" in fields:
            fields["document_id"] = fields["id"]
        return from_fields(fields)
    except WireFormatError as error:
        return SourceProblem(shown, number, error.detail)


def _is_text(path: Path) -> bool:
    return path.suffix.lower() == ".txt"


def _is_lines(path: Path) -> bool:
    return path.name.lower().endswith((".jsonl", ".jsonl.gz"))


def _os_problem(path: Path, error: OSError) -> SourceProblem:
    return SourceProblem(
        _shown(Path(error.filename or path)), None, f"cannot be read: {error.strerror or 'unknown reason'}"
    )


def _shown(path: Path) -> str:
    # A file name need not be text; a terminal must be able to print it.
    return str(path).encode("utf-8", "backslashreplace").decode()
