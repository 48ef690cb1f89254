"""What all kinds of paper have in common: letterheads, cover letters, boilerplate. Knows no kind."""

from __future__ import annotations

from dataclasses import dataclass

from smartcat.cli.samples.shared_de import TEXT as _GERMAN
from smartcat.cli.samples.shared_en import TEXT as _ENGLISH
from smartcat.cli.samples.sheet import parse_sections

_ISSUERS = ("employer", "bank", "court", "office", "notary", "engineer", "insurer", "landlord")


@dataclass(frozen=True, slots=True)
class Shared:
    """Common text of one language.

    Attributes:
        letterheads: Letterhead templates by issuer, lines parted by ``|``.
        fields: Form lines that stand on any kind, such as a name or a date.
        clauses: Boilerplate that stands in any kind of contract or notice.
        letters: Sentences of a cover letter that forwards papers of any kind.
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


def _parse(text: str) -> Shared:
    sections = parse_sections(text)
    letterheads = {issuer: sections.pop(f"letterhead {issuer}") for issuer in _ISSUERS}
    return Shared(letterheads=letterheads, **sections)


SHARED = {"de": _parse(_GERMAN), "en": _parse(_ENGLISH)}
