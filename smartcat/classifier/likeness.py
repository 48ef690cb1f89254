"""Whether two pages speak of the same: names, numbers and whatever else is not written small. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD: Final = re.compile(r"\w\w+")
_DIGIT: Final = re.compile(r"\d")


def telling_words(text: str) -> frozenset[str]:
    """Return the words of a page that may tell it from pages of the same kind: names, headings, numbers.

    These are the words that are not written in small letters only, and those with a digit; what has neither,
    such as text without capitals, has no telling word. No list of words and no language is behind it. On
    contracts and on scanned letters they told cuts as well as words weighted by rarity, and better than all
    words, long words, pairs of words or characters.
    """
    return frozenset(word for word in _WORD.findall(text) if word != word.lower() or _DIGIT.search(word))


def likeness(shared: int, first: int, second: int) -> float | None:
    """Say how alike two pages are by how many telling words they share.

    Args:
        shared: Words that are on both.
        first: Words on the one page.
        second: Words on the other.

    Returns:
        The share of the shorter page's words that are on the longer one too, 0..1; one word that is not
        counts in any case, so that a page of two words does not prove anything. ``None`` where a page has no
        telling word.
    """
    shorter = min(first, second)
    return shared / (shorter + 1) if shorter else None


def likenesses(texts: Sequence[str]) -> Iterator[float | None]:
    """Give the likeness of each page to the one before it; ``None`` for the first."""
    before: frozenset[str] = frozenset()
    for text in texts:
        words = telling_words(text)
        yield likeness(len(before & words), len(before), len(words))
        before = words
