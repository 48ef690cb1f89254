"""Where reasons stand in the pages as they came, for whoever shows them. Pure, and asked by nobody else.

Reasons are named in the form that features are made of; a place refers to the original text, with whatever
soft hyphens, ligatures and decomposed letters it has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from smartcat.classifier.canonical_text import IGNORABLE, in_form, word_characters
from smartcat.classifier.reason_words import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartcat.classifier.decision import WordReason
    from smartcat.classifier.spec import FeatureSpec, Form

_RUN: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a reason stands.

    Attributes:
        page: Index of the page, from 0.
        start: Offset of its first character in the page's text.
        end: Offset beyond its last.
    """

    page: int
    start: int
    end: int


def locate(spec: FeatureSpec, reasons: Sequence[WordReason], pages: Sequence[str]) -> list[tuple[Place, ...]]:
    """Return the places of reasons in the pages of their document, in one walk over the text.

    Args:
        spec: The features of the model that gave the reasons.
        reasons: The reasons: words, or n-grams of words.
        pages: The document's pages as they were classified.

    Returns:
        For each reason, in the order given, its places in the order of the text. A reason has none where it
        is a word that the end of a head cut, or where accents are removed.
    """
    places: dict[str, set[Place]] = {reason.word: set() for reason in reasons}
    sizes = {word.count(" ") + 1 for word in places}
    for page, text in enumerate(pages):
        words = _words(spec, text)
        stretches = [words[at : at + size] for size in sizes for at in range(len(words) - size + 1)]
        for stretch in [*stretches, *([run] for run in _runs(spec, text))]:
            name = shortened(" ".join(word.name for word in stretch))
            if name in places:
                places[name].add(Place(page, stretch[0].start, stretch[-1].end))
    return [tuple(sorted(places[reason.word])) for reason in reasons]


class _Word(NamedTuple):
    """A word of a page: what it is called as a reason, and where it stands."""

    name: str
    start: int
    end: int


def _words(spec: FeatureSpec, text: str) -> list[_Word]:
    """Return the words that n-grams of words are made of: two word characters or more."""
    words = (_Word(_folded(spec, found[0]), *found.span()) for found in _word(spec.canonical).finditer(text))
    return [word for word in words if len(word.name) > 1]


def _runs(spec: FeatureSpec, text: str) -> Iterator[_Word]:
    """Yield each run without white space, without the signs around it; all of a run of signs."""
    core = _core(spec.canonical)
    for run in _RUN.finditer(text):
        found = core.search(run[0])
        start, end = found.span() if found else (0, len(run[0]))
        yield _Word(_folded(spec, run[0][start:end]), run.start() + start, run.start() + end)


def _folded(spec: FeatureSpec, word: str) -> str:
    word = in_form(spec.canonical, word)
    return word.lower() if spec.lowercase else word


@lru_cache(maxsize=2)
def _word(form: Form | None) -> re.Pattern[str]:
    """Return the pattern of a word, with characters that the form removes inside it."""
    letter = word_characters(form)
    if form is None:
        return re.compile(f"{letter}+")
    hidden = "".join(map(chr, sorted(IGNORABLE)))
    return re.compile(f"{letter}(?:[{hidden}]*{letter})*")


@lru_cache(maxsize=2)
def _core(form: Form | None) -> re.Pattern[str]:
    letter = word_characters(form)
    return re.compile(f"{letter}(?:.*{letter})?", re.DOTALL)
