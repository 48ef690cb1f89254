"""Which files are read, by the suffix of the name, and which are pages of one document. Names only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SUPPORTED_FILES: Final = "*.txt, *.pdf, *.jsonl, *.csv, *.jsonl.gz or *.csv.gz"

_PAGE_MARK: Final = re.compile(r"\.p[0-9]")
_PAGE: Final = re.compile(r"(.+)\.p([0-9]{1,9})\.txt", re.DOTALL)


class FileKind(Enum):
    """How a file is read."""

    TEXT = "text"
    PDF = "pdf"
    JSON_LINES = "lines"
    CSV = "rows"

    @property
    def has_many_documents(self) -> bool:
        """Whether one file holds many documents."""
        return self in {FileKind.JSON_LINES, FileKind.CSV}


_SUFFIXES: Final = {
    ".txt": FileKind.TEXT,
    ".pdf": FileKind.PDF,
    ".jsonl": FileKind.JSON_LINES,
    ".jsonl.gz": FileKind.JSON_LINES,
    ".csv": FileKind.CSV,
    ".csv.gz": FileKind.CSV,
}


def file_kind(name: str) -> FileKind | None:
    """Return how a file of this name is read; None if it is not read."""
    lower = name.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if lower.endswith(suffix)), None)


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Files that are read together.

    Attributes:
        files: Names; several only for the pages of one document, in page order.
        name: What the id of its one document is made from: ``letter`` for ``letter.p1.txt``.
        problem: Why the pages make no document; "" if they do.
    """

    files: tuple[str, ...]
    name: str
    problem: str = ""

    @property
    def first(self) -> str:
        """The name by which groups are sorted."""
        return min(self.files)


def page_stem(name: str) -> str | None:
    """Return ``letter`` for ``letter.p12.txt``; None if the name is not that of a page."""
    page = _PAGE.fullmatch(name)
    return page[1] if page else None


def group_files(names: Iterable[str]) -> Iterator[FileGroup]:
    """Group pages of one document; every other file is a group by itself.

    Pages of one document need not be neighbours in the order of names (``a.p1.txt``, ``a.p1x.txt``,
    ``a.p2.txt``), but all their names begin alike: only names that begin so, too, are held meanwhile.

    Args:
        names: Names of files in ascending order, without repetition.

    Yields:
        Groups, ascending by their first names.
    """
    held: list[str] = []
    prefix = ""
    for name in names:
        if held and not (name.startswith(prefix) and _PAGE_MARK.match(name, len(prefix) - 2)):
            yield from _grouped(held)
            held = []
        if held:
            held.append(name)
        elif (stem := page_stem(name)) is not None:
            held, prefix = [name], f"{stem}.p"
        else:
            yield FileGroup((name,), name)
    yield from _grouped(held)


def _grouped(names: Sequence[str]) -> list[FileGroup]:
    pages: dict[str, list[str]] = {}
    groups = []
    for name in names:
        stem = page_stem(name)
        if stem is None:
            groups.append(FileGroup((name,), name))
        else:
            pages.setdefault(stem, []).append(name)
    groups += [group_pages(stem, files) for stem, files in pages.items()]
    return sorted(groups, key=lambda group: group.first)


def group_pages(stem: str, files: Sequence[str]) -> FileGroup:
    """Return the pages of one document in page order, with the problem if one is missing or repeated.

    Args:
        stem: The name that all share.
        files: The names, in any order.
    """
    numbered = sorted((int(_PAGE.fullmatch(file)[2]), file) for file in files)  # type: ignore[index]
    ordered = tuple(file for _, file in numbered)
    for expected, (number, file) in enumerate(numbered, 1):
        if number < expected:
            problem = f"page {number} is repeated or not a page, found {file!r}; pages count from 1"
            return FileGroup(ordered, stem, problem)
        if number > expected:
            return FileGroup(ordered, stem, f"page {expected} is missing, the next is {file!r}")
    return FileGroup(ordered, stem)


def resume_listing_after(name: str) -> str:
    """Return a name after which a listing has this one and all names that are grouped with it."""
    mark = _PAGE_MARK.search(name)
    return name[: mark.start()] if mark else name[:-1]
