"""How similar two pages are, by the names, numbers and other capitalised words that both have. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD: Final = re.compile(r"\w\w+")
_DIGIT: Final = re.compile(r"\d")


def distinctive_words(text: str) -> frozenset[str]:
    """Return the words of a page that may distinguish it from others of its kind: names, headings, numbers.

    These are the words that are not all lowercase, and those with a digit; a text without either has none.
    The rule needs no word list and no language. On contracts and on scanned letters it found boundaries as
    well as words weighted by rarity did, and better than all words, long words, pairs of words or characters.
    """
    return frozenset(word for word in _WORD.findall(text) if word != word.lower() or _DIGIT.search(word))


def page_similarity(shared: int, first: int, second: int) -> float | None:
    """Return how similar two pages are, by how many distinctive words they share.

    Args:
        shared: Number of words on both pages.
        first: Number of words on the one page.
        second: Number of words on the other.

    Returns:
        Share of the shorter page's words that the longer one has too, 0..1, with one unshared word always
        added, so that a page of two words proves nothing. ``None`` where a page has no distinctive word.
    """
    shorter = min(first, second)
    return shared / (shorter + 1) if shorter else None


def page_similarities(texts: Sequence[str]) -> Iterator[float | None]:
    """Yield the similarity of each page to the one before it; ``None`` for the first."""
    before: frozenset[str] = frozenset()
    for text in texts:
        words = distinctive_words(text)
        yield page_similarity(len(before & words), len(before), len(words))
        before = words
