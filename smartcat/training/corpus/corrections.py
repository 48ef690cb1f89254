"""Reading corrections of labels from JSON lines or CSV. Knows no corpus and no table."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from smartcat.training.corpus.json_lines import (
    decode_line,
    read_id,
    read_label,
    read_lines,
    read_object,
    read_pages,
)
from smartcat.training.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_BY_CHARS: Final = 100
MAX_NOTE_CHARS: Final = 500
# The csv module has this limit by itself, but for the whole process, and readers of pages raise it there.
_MAX_CELL_CHARS: Final = 131_072
_DELIMITERS: Final = ",;\t"
_IDS: Final = ("id", "document_id")


@dataclass(frozen=True, slots=True)
class Correction:
    """A label that a person gave a document.

    Attributes:
        document_id: The document.
        label: Its label.
        by: The person who gave it.
        note: The reason.
        pages: The texts of its pages, where the correction has them; else None.
    """

    document_id: str
    label: str
    by: str | None = None
    note: str | None = None
    pages: tuple[str, ...] | None = None


def read_corrections(path: Path) -> Iterator[Correction]:
    """Read corrections, in the order of the file; the last one of a document is in force.

    JSON lines, each with ``id`` (or ``document_id``) and ``label``, and optionally ``by``, ``note``, and
    ``text`` or ``pages``. Or CSV with columns of the first four names, in any order and case, separated
    by commas, semicolons or tabs. The first character decides between the two. Plain or gzip, UTF-8
    with or without a byte order mark. Other fields are ignored. An empty file holds none.

    Args:
        path: The file.

    Yields:
        The corrections.

    Raises:
        CorpusError: While iterating: the file cannot be read, or a line is not as described.
    """
    lines = read_lines(path)
    first = next(lines, None)
    if first is None:
        return
    rows = chain([first], lines)
    if first[1].lstrip().startswith((b"{", b"[")):
        for number, line in rows:
            where = f"{path}:{number}"
            yield correction_of(read_object(line, where), where)
    else:
        yield from _read_csv(path, rows)


def correction_of(row: Mapping[str, Any], where: str) -> Correction:
    """Return the correction in the fields of a row.

    Args:
        row: The fields.
        where: File and line, for an error.

    Raises:
        CorpusError: A field is missing or not as it should be.
    """
    return Correction(
        document_id=read_id(row, where),
        label=read_label(row, where),
        by=_remark(row, "by", MAX_BY_CHARS, where),
        note=_remark(row, "note", MAX_NOTE_CHARS, where),
        pages=read_pages(row, where) if {"text", "pages"} & row.keys() else None,
    )


def _remark(row: Mapping[str, Any], name: str, most: int, where: str) -> str | None:
    """Return a remark in one line; ``None`` if it is empty or missing."""
    text = row.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise CorpusError(f"{where}: expected {name!r} to be a text")
    line = " ".join(text.split())
    if len(line) > most or not line.isprintable():
        raise CorpusError(f"{where}: expected {name!r} to be at most {most} printable characters")
    return line or None


def _read_csv(path: Path, lines: Iterator[tuple[int, bytes]]) -> Iterator[Correction]:
    line_number = 1

    def texts() -> Iterator[str]:
        nonlocal line_number
        for number, line in lines:
            line_number = number
            yield decode_line(line, f"{path}:{number}")

    source = texts()
    first = next(source)
    reader = csv.reader(chain([first], source), delimiter=max(_DELIMITERS, key=first.count), strict=True)
    try:
        columns = _columns(next(reader), f"{path}:{line_number}")
        for row in reader:
            where = f"{path}:{line_number}"
            if any(len(cell) > _MAX_CELL_CHARS for cell in row):
                raise CorpusError(
                    f"{where}: expected CSV with cells of at most {_MAX_CELL_CHARS:,} characters"
                )
            if len(row) != len(columns):
                raise CorpusError(f"{where}: expected {len(columns)} cells as in the header, not {len(row)}")
            yield correction_of({name: cell for name, cell in zip(columns, row, strict=True) if name}, where)
    except csv.Error as error:
        # The csv module's messages name what it expected, never a cell.
        raise CorpusError(f"{path}:{line_number}: expected CSV ({error})") from None


def _columns(header: list[str], where: str) -> list[str]:
    """Return the name of the field in each column; empty for a column that is ignored."""
    names = [name.strip().lower() for name in header]
    ident = next((name for name in _IDS if name in names), None)
    if ident is None or "label" not in names:
        raise CorpusError(f"{where}: expected JSON lines, or CSV with columns id and label")
    if {"text", "pages"} & set(names):
        raise CorpusError(f"{where}: expected corrections with text to be JSON lines, not CSV")
    known = ["id" if name == ident else name for name in names]
    kept = [name if name in {"id", "label", "by", "note"} else "" for name in known]
    if any(kept.count(name) > 1 for name in kept if name):
        raise CorpusError(f"{where}: expected each column once")
    return kept
