"""How reasons are named: whole words where features are characters, and none of absurd length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smartcat.classifier.decision import WordReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartcat.classifier.spec import FeatureSpec

LONGEST_WORD: Final = 40
"""Characters of a word that a reader may recognise; the compiled engine has the same bound."""


def explained_in_words(spec: FeatureSpec) -> bool:
    """Return whether reasons are whole words, not n-grams: n-grams of characters mean nothing to a reader."""
    return any(part.analyzer == "char_wb" for part in spec.parts)


def named(reasons: Iterable[tuple[str, float]]) -> tuple[WordReason, ...]:
    """Return what an engine found as reasons, long words cut."""
    return tuple(WordReason(shortened(word), weight) for word, weight in reasons)


def shortened(word: str) -> str:
    """Return a word, or the beginning of one that is longer than any, with an ellipsis."""
    return word if len(word) <= LONGEST_WORD else word[: LONGEST_WORD - 1] + "\N{HORIZONTAL ELLIPSIS}"
