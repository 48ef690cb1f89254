"""Text that every document type may carry, read from ``text/<language>/shared.txt``. Knows no type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from smartcat.cli.samples.data_files import LANGUAGES, read_text
from smartcat.cli.samples.text_templates import parse_sections

_ISSUERS = ("employer", "bank", "court", "office", "notary", "engineer", "insurer", "landlord")


@dataclass(frozen=True, slots=True)
class SharedText:
    """Common text of one language.

    Attributes:
        letterheads: Letterhead templates by issuer, lines separated by ``|``.
        fields: Form lines that appear on any document, such as a name or a date.
        clauses: Boilerplate of any contract or notice.
        letters: Sentences of a cover letter that forwards papers of any type.
        greetings: First lines of a letter.
        farewells: Last lines of a letter.
        faxes: Lines a fax machine prints on top of a page.
        footers: Lines at the foot of a page; ``{page}`` and ``{pages}`` are the page number and count.
        stamps: Marks that an office leaves on an incoming page.
    """

    letterheads: dict[str, tuple[str, ...]]
    fields: tuple[str, ...]
    clauses: tuple[str, ...]
    letters: tuple[str, ...]
    greetings: tuple[str, ...]
    farewells: tuple[str, ...]
    faxes: tuple[str, ...]
    footers: tuple[str, ...]
    stamps: tuple[str, ...]


def _read(language: str) -> SharedText:
    sections = parse_sections(read_text(language, "shared.txt"))
    letterheads = {issuer: sections.pop(f"letterhead {issuer}") for issuer in _ISSUERS}
    return SharedText(letterheads=letterheads, **sections)


SHARED_TEXT: Final = {language: _read(language) for language in LANGUAGES}
"""The shared text of each language."""
