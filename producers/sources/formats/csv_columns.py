"""What the columns of a CSV file mean: the header in, the fields of a document out.

``id`` or ``document_id`` (``id`` wins); ``text``, or pages as ``page1``, ``page 2``, ``page_3`` or ``p1``,
``p2``; and optionally ``job_id``, ``received_at``, ``expires_at``, ``version``, and ``metadata.NAME`` for
an entry of
the metadata. Case does not matter, except in NAME. Every other column is ignored. An empty cell is no value,
except that an empty page between others is an empty page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PAGE: Final = re.compile(r"p(?:age)?[ _-]?([0-9]{1,9})", re.IGNORECASE)
_METADATA: Final = "metadata."
_OPTIONAL: Final = ("job_id", "received_at", "expires_at", "version")
_DELIMITERS: Final = ",;\t"


def guess_delimiter(header: str) -> str:
    """Return comma, semicolon or tab: the one that the first line has most of."""
    return max(_DELIMITERS, key=header.count)


@dataclass(frozen=True, slots=True)
class Columns:
    """The index of each field in a row.

    Attributes:
        count: Cells a row has.
        document_id: Index of the id.
        pages: Indices of the pages, in page order.
        is_text: Whether the only page is in a column ``text``, and is a page even if empty.
        optional: Indices of the other fields, by name.
        metadata: Indices of the metadata entries, by key.
    """

    count: int
    document_id: int
    pages: tuple[int, ...]
    is_text: bool
    optional: dict[str, int]
    metadata: dict[str, int]

    def fields(self, row: Sequence[str]) -> dict[str, object]:
        """Return the fields of the document in a row of ``count`` cells."""
        pages = [row[index] for index in self.pages]
        while len(pages) > 1 and not pages[-1]:
            pages.pop()
        if pages == [""] and not self.is_text:
            pages = []
        fields: dict[str, object] = {"document_id": row[self.document_id], "pages": pages}
        fields |= {name: row[index] for name, index in self.optional.items() if row[index]}
        for name in ("expires_at", "version"):
            if str(fields.get(name, "")).isdecimal():
                fields[name] = int(str(fields[name])[:20])
        metadata = {key: row[index] for key, index in self.metadata.items() if row[index]}
        return fields | ({"metadata": metadata} if metadata else {})


def read_header(header: Sequence[str]) -> Columns | str:
    """Return the columns of a header, or what is wrong with it.

    Args:
        header: The names of the columns.
    """
    stripped = [cell.strip() for cell in header]
    names = [cell.lower() for cell in stripped]
    # Looked up, not searched for: a header may have as many columns as a row has bytes.
    index_of = {name: index for index, name in enumerate(names) if name}
    if len(index_of) < len(names) - names.count(""):
        return "a column is repeated"
    document_id = next((index_of[name] for name in ("id", "document_id") if name in index_of), None)
    if document_id is None:
        return "no column id or document_id"
    pages = _pages(names, index_of)
    if isinstance(pages, str):
        return pages
    return Columns(
        count=len(header),
        document_id=document_id,
        pages=pages,
        is_text="text" in index_of,
        optional={name: index_of[name] for name in _OPTIONAL if name in index_of},
        metadata={
            cell[len(_METADATA) :]: index
            for index, cell in enumerate(stripped)
            if cell.lower().startswith(_METADATA) and len(cell) > len(_METADATA)
        },
    )


def _pages(names: Sequence[str], index_of: Mapping[str, int]) -> tuple[int, ...] | str:
    numbered = sorted(
        (int(page[1]), index) for index, name in enumerate(names) if (page := _PAGE.fullmatch(name))
    )
    if "text" in index_of:
        return "both a column text and page columns" if numbered else (index_of["text"],)
    if not numbered:
        return "no column text, and no columns page1, page2, ..."
    for expected, (number, _) in enumerate(numbered, 1):
        if number != expected:
            return f"page columns: expected page {expected}, found page {number}"
    return tuple(index for _, index in numbered)
