"""What the columns of a CSV file mean. Pure: the header in, fields of a document out.

``id`` or ``document_id`` (``id`` wins); ``text``, or pages as ``page1``, ``page 2``, ``page_3`` or ``p1``,
``p2``; and optionally ``job_id``, ``received_at``, ``expires_at``, and ``metadata.NAME`` for an entry of the
metadata. Upper and lower case are the same, except in NAME. Every other column is ignored. An empty cell is
no value, except that an empty page between others is an empty page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAGE: Final = re.compile(r"p(?:age)?[ _-]?([0-9]{1,9})", re.IGNORECASE)
_METADATA: Final = "metadata."
_PLAIN: Final = ("job_id", "received_at", "expires_at")
_DELIMITERS: Final = ",;\t"


def delimiter_of(header: str) -> str:
    """Choose among comma, semicolon and tab: the one the first line has most of."""
    return max(_DELIMITERS, key=header.count)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row the fields are.

    Attributes:
        count: Cells a row has.
        document_id: Place of the id.
        pages: Places of the pages, in order.
        single: Whether the page is called ``text``, and is there even if empty.
        plain: Places of the other fields, by name.
        metadata: Places of entries of the metadata, by key.
    """

    count: int
    document_id: int
    pages: tuple[int, ...]
    single: bool
    plain: dict[str, int]
    metadata: dict[str, int]

    def fields(self, row: Sequence[str]) -> dict[str, object]:
        """Give the fields of the document in a row of ``count`` cells."""
        pages = [row[place] for place in self.pages]
        while len(pages) > 1 and not pages[-1]:
            pages.pop()
        if pages == [""] and not self.single:
            pages = []
        fields: dict[str, object] = {"document_id": row[self.document_id], "pages": pages}
        fields |= {name: row[place] for name, place in self.plain.items() if row[place]}
        if str(fields.get("expires_at", "")).isdecimal():
            fields["expires_at"] = int(str(fields["expires_at"])[:20])
        metadata = {key: row[place] for key, place in self.metadata.items() if row[place]}
        return fields | ({"metadata": metadata} if metadata else {})


def read_header(header: Sequence[str]) -> Columns | str:
    """Understand a header.

    Args:
        header: The names of the columns.

    Returns:
        The columns, or what is wrong with them.
    """
    stripped = [cell.strip() for cell in header]
    names = [cell.lower() for cell in stripped]
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        return "a column is there twice"
    document_id = next((names.index(name) for name in ("id", "document_id") if name in names), None)
    if document_id is None:
        return "no column id or document_id"
    pages = _pages(names)
    if isinstance(pages, str):
        return pages
    return Columns(
        count=len(header),
        document_id=document_id,
        pages=pages,
        single="text" in names,
        plain={name: names.index(name) for name in _PLAIN if name in names},
        metadata={
            cell[len(_METADATA) :]: place
            for place, cell in enumerate(stripped)
            if cell.lower().startswith(_METADATA) and len(cell) > len(_METADATA)
        },
    )


def _pages(names: Sequence[str]) -> tuple[int, ...] | str:
    numbered = sorted(
        (int(page[1]), place) for place, name in enumerate(names) if (page := _PAGE.fullmatch(name))
    )
    if "text" in names:
        return "both a column text and columns of pages" if numbered else (names.index("text"),)
    if not numbered:
        return "no column text, and no columns page1, page2, ..."
    for expected, (number, _) in enumerate(numbered, 1):
        if number != expected:
            return f"columns of pages: expected page {expected}, found page {number}"
    return tuple(place for _, place in numbered)
