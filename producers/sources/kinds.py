"""Which kinds of files are read, told by the ends of their names; pages that are files. Pure: names only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

KINDS: Final = "*.txt, *.pdf, *.jsonl, *.csv, *.jsonl.gz or *.csv.gz"

_BEGIN: Final = re.compile(r"\.p[0-9]")
_PAGE: Final = re.compile(r"(.+)\.p([0-9]{1,9})\.txt", re.DOTALL)


class Kind(Enum):
    """How a file is read."""

    TEXT = "text"
    PDF = "pdf"
    LINES = "lines"
    ROWS = "rows"

    @property
    def many(self) -> bool:
        """Whether one file holds many documents."""
        return self in {Kind.LINES, Kind.ROWS}


_ENDS: Final = {
    ".txt": Kind.TEXT,
    ".pdf": Kind.PDF,
    ".jsonl": Kind.LINES,
    ".jsonl.gz": Kind.LINES,
    ".csv": Kind.ROWS,
    ".csv.gz": Kind.ROWS,
}


def kind_of(name: str) -> Kind | None:
    """Tell how a file of this name is read; None for not at all."""
    lower = name.lower()
    return next((kind for end, kind in _ENDS.items() if lower.endswith(end)), None)


@dataclass(frozen=True, slots=True)
class Unit:
    """Files that are read together.

    Attributes:
        files: Names; several only for pages of one document, in the order of the pages.
        name: What the id of its one document is made from: ``letter`` for ``letter.p1.txt``.
        problem: Why the pages make no document; "" where they do.
    """

    files: tuple[str, ...]
    name: str
    problem: str = ""

    @property
    def first(self) -> str:
        """The name by which units are in order."""
        return min(self.files)


def stem_of_page(name: str) -> str | None:
    """Give ``letter`` for ``letter.p12.txt``; None where the name is not that of a page."""
    page = _PAGE.fullmatch(name)
    return page[1] if page else None


def units(names: Iterable[str]) -> Iterator[Unit]:
    """Put pages that are files together; every other file is by itself.

    Pages of one document need not be neighbours in the order of names (``a.p1.txt``, ``a.p1x.txt``,
    ``a.p2.txt``), but all their names begin alike: only names that begin so, too, are held meanwhile.

    Args:
        names: Names of files in ascending order, without repetition.

    Yields:
        Units, ascending by their first names.
    """
    held: list[str] = []
    begin = ""
    for name in names:
        if held and not (name.startswith(begin) and _BEGIN.match(name, len(begin) - 2)):
            yield from _grouped(held)
            held = []
        if held:
            held.append(name)
        elif (stem := stem_of_page(name)) is not None:
            held, begin = [name], f"{stem}.p"
        else:
            yield Unit((name,), name)
    yield from _grouped(held)


def _grouped(names: Sequence[str]) -> list[Unit]:
    pages: dict[str, list[str]] = {}
    found = []
    for name in names:
        stem = stem_of_page(name)
        if stem is None:
            found.append(Unit((name,), name))
        else:
            pages.setdefault(stem, []).append(name)
    found += [unit_of_pages(stem, files) for stem, files in pages.items()]
    return sorted(found, key=lambda unit: unit.first)


def unit_of_pages(stem: str, files: Sequence[str]) -> Unit:
    """Put the pages of one document in the order of their numbers, and say what is wrong with these.

    Args:
        stem: The name that all share.
        files: The names, in any order.
    """
    numbered = sorted((int(_PAGE.fullmatch(file)[2]), file) for file in files)  # type: ignore[index]
    ordered = tuple(file for _, file in numbered)
    for expected, (number, file) in enumerate(numbered, 1):
        if number < expected:
            problem = f"page {number} is there twice or is no page, found {file!r}; pages count from 1"
            return Unit(ordered, stem, problem)
        if number > expected:
            return Unit(ordered, stem, f"page {expected} is missing, the next is {file!r}")
    return Unit(ordered, stem)


def resume_listing_after(name: str) -> str:
    """Give a name behind which a listing holds this one with all names that are grouped with it."""
    begin = _BEGIN.search(name)
    return name[: begin.start()] if begin else name[:-1]
