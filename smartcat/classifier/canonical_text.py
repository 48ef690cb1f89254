"""The canonical form of a text: what reads alike is the same string. Pure; knows no features.

Unicode has several sequences of characters for the same letters, and characters that a reader does not see.
The form is NFC, with three things more: letters in another shape (ligatures, full-width forms) become the
letters, default-ignorable characters go, and runs of white space become one space.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from itertools import chain, groupby, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smartcat.classifier.spec import Form

# Unicode's Default_Ignorable_Code_Point, unassigned ones included, so that the set does not grow: soft
# hyphen, zero-width space and joiners, direction marks, variation selectors, byte order mark, fillers, tags.
IGNORABLE: Final = frozenset(
    chain(
        (0x00AD, 0x034F, 0x061C, 0x3164, 0xFEFF, 0xFFA0),
        range(0x115F, 0x1161),
        range(0x17B4, 0x17B6),
        range(0x180B, 0x1810),
        range(0x200B, 0x2010),
        range(0x202A, 0x202F),
        range(0x2060, 0x2070),
        range(0xFE00, 0xFE10),
        range(0xFFF0, 0xFFF9),
        range(0x1BCA0, 0x1BCA4),
        range(0x1D173, 0x1D17B),
        range(0xE0000, 0xE1000),
    )
)

# The kinds of compatibility mappings that change a letter's shape only. Superscripts, fractions and what is
# circled or squared read differently from the plain characters, and keep what they are.
_SHAPES: Final = frozenset(
    f"<{kind}>"
    for kind in (
        "compat",
        "font",
        "noBreak",
        "wide",
        "narrow",
        "small",
        "vertical",
        "initial",
        "medial",
        "final",
        "isolated",
    )
)

# Python sorts the marks after a letter in quadratic time; text has a handful, an attack as many as it likes.
_MANY_MARKS: Final = re.compile(r"[^\w\s]{33,}")


def canonical_text(text: str) -> str:
    """Return the canonical form of a text.

    Canonically equivalent texts (Unicode Standard Annex 15) have the same form, and the form of a form is
    itself. What a character decomposes to is what the running Python says; characters that it does not know
    stay as they are.

    Args:
        text: Any text.
    """
    if not text.isascii():
        replaced = text.translate(_REPLACEMENTS)
        text = unicodedata.normalize("NFC", _MANY_MARKS.sub(_with_marks_in_order, replaced))
    return " ".join(text.split())


def in_form(form: Form | None, text: str) -> str:
    """Return a text in the form that a feature specification names; as it is for ``None``."""
    return text if form is None else canonical_text(text)


def replacement(character: str) -> str:
    """Return what the form puts in place of a character before it composes: itself, letters or nothing."""
    decomposed = unicodedata.normalize("NFD", character)
    letters = "".join(map(_plain, decomposed))
    return character if letters == decomposed else letters


def is_mark(character: str) -> bool:
    """Return whether a character belongs to the letter before it: an accent, or a vowel sign."""
    return unicodedata.category(character) in {"Mn", "Mc"}


@lru_cache(maxsize=2)
def word_characters(form: Form | None) -> str:
    r"""Return the class of word characters as a regular expression: ``\w``, and marks where there is a form.

    ``\w`` has no marks, so that an Indian word would end at each of its vowel signs.
    """
    if form is None:
        return r"\w"
    marks = [code for code in range(sys.maxunicode + 1) if is_mark(chr(code))]
    edges = [0, *(at for at, (a, b) in enumerate(pairwise(marks), 1) if b != a + 1), len(marks)]
    ranges = "".join(f"{chr(marks[a])}-{chr(marks[b - 1])}" for a, b in pairwise(edges))
    return rf"[\w{ranges}]"


def _plain(character: str) -> str:
    if ord(character) in IGNORABLE:
        return ""
    if unicodedata.decomposition(character).partition(" ")[0] not in _SHAPES:
        return character
    letters = unicodedata.normalize("NFKD", character)
    # An accent that stands alone would become a space and an accent, and cut a word in two.
    return character if letters.startswith(" ") and len(letters) > 1 else letters


def _with_marks_in_order(run: re.Match[str]) -> str:
    """Return a run of marks decomposed and in canonical order, as Unicode's algorithm leaves it."""
    marks = chain.from_iterable(unicodedata.normalize("NFD", character) for character in run[0])
    groups = groupby(marks, key=lambda mark: unicodedata.combining(mark) > 0)
    return "".join(chain.from_iterable(sorted(group, key=unicodedata.combining) for _, group in groups))


class _Replacements(dict[int, str]):
    """The table that ``str.translate`` asks, filled as characters occur."""

    def __missing__(self, code: int) -> str:
        self[code] = found = replacement(chr(code))
        return found


_REPLACEMENTS: Final = _Replacements()
