"""Text in which Unicode is odd: marks that compose, hidden characters, other shapes and spaces."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    import random

LETTERS_AND_MARKS: Final = (
    "aeoqA \u00e9\u1ec7\u1e69\u0301\u0323\u0308\u0327\u0344\u0345\u0f73\u3099\u1100\u1161\u11a8\uac00\uac01"
    "\u0928\u0929\u093c\u094d\u093f\u0995\u09c7\u09be\u09cb\u09bc\u0e33\u0e38\u0e48\u05b4\u05d9\u0651\u064e"
)
HIDDEN: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202e\u2060\u034f\ufe0f\ufeff\u061c\U000e0041"
SHAPES_AND_SPACES: Final = (
    "\ufb01\u017f\u1e9b\uff21\uff9e\uff76\u0132\u2163\u2026\u00a8\u00b4\u0385\u00b2\u2122\u00bd\u212b\u2126"
    "\uf900\U0002f800\ufdfa\ufeaa\U0001d400 \u00a0\u2003\u3000\u0085\x1c\t\n"
)
MIXED_TEXT: Final = st.text(
    st.one_of(
        st.sampled_from(LETTERS_AND_MARKS),
        st.sampled_from(HIDDEN + SHAPES_AND_SPACES),
        st.characters(codec="utf-8"),
    ),
    max_size=40,
)


def rewritten(text: str, draw: random.Random) -> str:
    """Return a text as other software may write it, equal to a reader.

    Every character is composed or not, ligatures stand for letters, hidden characters and more spaces are
    put in, and the page begins with spaces.
    """
    pieces = []
    for character in unicodedata.normalize("NFC", text):
        form = draw.choice(["NFC", "NFD"])
        pieces.append(unicodedata.normalize(form, character))
        if draw.random() < 0.2:
            pieces.append(draw.choice(HIDDEN))
    joined = "".join(pieces).replace("fi", "\ufb01").replace("s", draw.choice("s\u017f"))
    return " " * draw.choice([0, 1, 300]) + joined.replace(
        " ", draw.choice([" ", "\u00a0", "  \n", "\u2003"])
    )


@lru_cache(maxsize=1)
def odd_characters() -> str:
    """Return every character that the canonical form does more to than to leave it where it stands."""
    from smartcat.classifier.canonical_text import IGNORABLE  # noqa: PLC0415

    characters = map(chr, [*range(0xD800), *range(0xE000, 0x30000)])
    return "".join(
        character
        for character in characters
        if unicodedata.decomposition(character)
        or unicodedata.combining(character)
        or ord(character) in IGNORABLE
    )
