"""The types of mortgage paperwork, read from ``text/document_types.toml`` and the text templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smartcat.cli.samples.data_files import LANGUAGES, read_text, read_toml
from smartcat.cli.samples.text_templates import Templates, parse_templates

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One type of mortgage paperwork.

    Attributes:
        label: The class that a classifier should answer.
        issuer: Whose letterhead it bears, a key of `shared_text.SharedText.letterheads`.
        neighbours: Labels of the types it is filed with and borrows sentences from.
        pages: Fewest and most pages of its own text.
        page_chars: Smallest and largest target length of a page, in characters before wrapping.
        table_share: Probability (0..1) that the next block of a page is a table rather than a paragraph.
        templates: Its text, by language.
    """

    label: str
    issuer: str
    neighbours: tuple[str, ...]
    pages: tuple[int, int]
    page_chars: tuple[int, int]
    table_share: float
    templates: Mapping[str, Templates]


def _read(label: str, fields: Mapping[str, Any]) -> DocumentType:
    lists = {name: tuple(fields[name]) for name in ("neighbours", "pages", "page_chars")}
    templates = {language: parse_templates(read_text(language, f"{label}.txt")) for language in LANGUAGES}
    return DocumentType(label=label, templates=templates, **{**fields, **lists})


DOCUMENT_TYPES: Final[Mapping[str, DocumentType]] = {
    label: _read(label, fields) for label, fields in read_toml("document_types.toml").items()
}
"""Every type by its label, in the order of the file."""
