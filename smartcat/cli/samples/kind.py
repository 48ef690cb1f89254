"""What a kind of paper is: its two sheets, its length and its neighbours. Holds data, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartcat.cli.samples.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mortgage paperwork.

    Attributes:
        label: The class a classifier should answer.
        issuer: Whose letterhead it bears, a key of `shared.Shared.letterheads`.
        neighbours: Labels of kinds it is filed with and borrows sentences from.
        pages: Fewest and most pages of its own text.
        page_chars: Smallest and largest target length of a page, in characters before wrapping.
        table_share: Probability (0..1) that the next block of a page is a table rather than a paragraph.
        german: What it says in German.
        english: What it says in English.
    """

    label: str
    issuer: str
    neighbours: tuple[str, ...]
    pages: tuple[int, int]
    page_chars: tuple[int, int]
    table_share: float
    german: Sheet
    english: Sheet

    def sheet(self, language: str) -> Sheet:
        """The sheet for a language, ``de`` or ``en``."""
        return self.german if language == "de" else self.english
