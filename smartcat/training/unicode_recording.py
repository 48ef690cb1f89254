"""Recording what a character is and what it folds to, for the models that this Python trains.

The format is described and read in :mod:`smartcat.classifier.unicode_tables`.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from smartcat.classifier.canonical_text import is_mark
from smartcat.classifier.unicode_tables import (
    ACCENTS,
    CODE_POINTS,
    HAS_FORM,
    HEADER,
    LOOK,
    MAGIC,
    SURROGATES,
    VERSION,
    Accents,
    Kind,
    Trait,
    traits_of,
)
from smartcat.training.canonical_recording import record_form, starts_of_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from smartcat.classifier.spec import FeatureSpec, Form

_SIGMA: Final = "\N{GREEK CAPITAL LETTER SIGMA}"
_SMALL_SIGMAS: Final = "\N{GREEK SMALL LETTER SIGMA}\N{GREEK SMALL LETTER FINAL SIGMA}"


def build_tables(
    *, lowercase: bool = True, strip_accents: Accents = None, canonical: Form | None = None
) -> bytes:
    """Record what the running Python's ``re`` and ``str`` say about every character, in half a second.

    Args:
        lowercase: Whether text is lowercased.
        strip_accents: How accents are removed then.
        canonical: The form that text is brought into before; with one, marks are word characters.

    Returns:
        The content of ``unicode.bin``: 26 KB, or 330 KB where accents are removed by ``unicode``; with the
        form 80 KB more.
    """
    # Spelled out, so that equal arguments are one entry of the cache.
    return _build_tables(lowercase=lowercase, strip_accents=strip_accents, canonical=canonical)


def tables_for(spec: FeatureSpec) -> bytes:
    """Return the content of ``unicode.bin`` for models of a feature specification."""
    return build_tables(lowercase=spec.lowercase, strip_accents=spec.strip_accents, canonical=spec.canonical)


@lru_cache(maxsize=6)
def _build_tables(*, lowercase: bool, strip_accents: Accents, canonical: Form | None) -> bytes:
    traits = traits_of if canonical is None else _traits_with_marks
    pool: dict[tuple[str, ...], int] = {}
    sequences: list[str] = []
    characters = [chr(code) for codes in _assigned() for code in codes]
    entries = [0] * CODE_POINTS
    for character in characters:
        entries[ord(character)] = traits(character)
    context = _context_traits() if lowercase else {}
    for code, trait in context.items():
        entries[code] |= trait
    for code, forms in _folded_otherwise(characters, lowercase=lowercase, strip_accents=strip_accents):
        entries[code] = context.get(code, 0) | _fold_entry(code, forms, pool, sequences, traits)
    if strip_accents == "ascii":
        _fill_unassigned(entries, _fold_entry(0, ("",), pool, sequences, traits))
    form = None if canonical is None else record_form(characters)
    for code in form.looked_at() if form else ():
        entries[code] |= LOOK
    starts = starts_of_runs(entries)
    segments = [(start, entries[start]) for start in starts]
    flags = lowercase | ACCENTS.index(strip_accents) << 1 | (HAS_FORM if form else 0)
    return _encode(segments, sequences, traits, flags=flags) + (form.encode() if form else b"")


def _traits_with_marks(character: str) -> int:
    return traits_of(character) | (Trait.WORD if is_mark(character) else 0)


@lru_cache(maxsize=1)
def _assigned() -> tuple[range, ...]:
    """Return the code points that are not unassigned, private or surrogates, as some 700 ranges.

    All others are neither word nor space, and fold to themselves: only ``ascii`` removes them.
    """
    category = unicodedata.category
    known = [code for code in range(CODE_POINTS) if category(chr(code)) not in {"Cn", "Co", "Cs"}]
    edges = [index for index, (a, b) in enumerate(pairwise(known), 1) if b != a + 1]
    return tuple(range(known[a], known[b - 1] + 1) for a, b in pairwise([0, *edges, len(known)]))


def _fill_unassigned(entries: list[int], entry: int) -> None:
    """Give every code point that is not assigned the entry of what is removed; surrogates have none."""
    gaps = pairwise([range(0), *_assigned(), range(CODE_POINTS, CODE_POINTS)])
    for before, after in gaps:
        entries[before.stop : after.start] = [entry] * (after.start - before.stop)
    entries[SURROGATES.start : SURROGATES.stop] = [0] * len(SURROGATES)


def _folded_otherwise(
    characters: list[str], *, lowercase: bool, strip_accents: Accents
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give what characters fold to that do not stay what they are: one form, or two for the capital sigma."""
    for character in characters:
        if lowercase and character == _SIGMA:
            yield ord(character), tuple(_strip(sigma, strip_accents) for sigma in _SMALL_SIGMAS)
            continue
        folded = _strip(character.lower() if lowercase else character, strip_accents)
        if folded != character:
            yield ord(character), (folded,)


def _fold_entry(
    code: int,
    folded: tuple[str, ...],
    pool: dict[tuple[str, ...], int],
    sequences: list[str],
    traits: Callable[[str], int],
) -> int:
    if len(folded) == 1 and len(folded[0]) == 1:
        shift = ord(folded[0]) - code
        return (shift & 0xFFFFFF) << 8 | Kind.SHIFT << 4 | traits(folded[0])
    if folded not in pool:
        pool[folded] = len(sequences)
        sequences.extend(folded)
    kind = Kind.SIGMA if len(folded) == 2 else Kind.SEQUENCE
    return pool[folded] << 8 | kind << 4


@lru_cache(maxsize=1)
def _context_traits() -> dict[int, Trait]:
    """Find out what each character is to a final sigma: only ``str.lower`` itself tells.

    A sigma after a cased character is final; after a case-ignorable one it is where a letter stands before.
    """
    characters = (chr(code) for codes in _assigned() for code in codes)
    asked = [character for character in characters if character.lower() not in _SMALL_SIGMAS]
    alone = _last_sigmas("", asked)
    after_letter = _last_sigmas("A", asked)
    final = _SMALL_SIGMAS[1]
    traits = {ord(sigma): Trait.CASED for sigma in (_SIGMA, *_SMALL_SIGMAS)}
    for character, first, second in zip(asked, alone, after_letter, strict=True):
        if second == final:
            traits[ord(character)] = Trait.CASED if first == final else Trait.IGNORABLE
    return traits


def _last_sigmas(before: str, asked: list[str]) -> list[str]:
    # One long text instead of a million short ones; a space keeps each question from the next.
    text = "".join(f"{before}{character}{_SIGMA} " for character in asked).lower()
    return [character for character in text if character in _SMALL_SIGMAS]


def _strip(text: str, accents: Accents) -> str:
    """Remove accents as scikit-learn does: its two functions work character by character."""
    if accents is None or text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    if accents == "ascii":
        return "".join(c for c in decomposed if c.isascii())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _encode(
    segments: Iterable[tuple[int, int]], sequences: list[str], traits: Callable[[str], int], *, flags: int
) -> bytes:
    starts_and_entries = [number for segment in segments for number in segment]
    offsets: list[int] = [0]
    items: list[int] = []
    for sequence in sequences:
        items.extend(ord(character) | traits(character) << 21 for character in sequence)
        offsets.append(len(items))
    words = [*starts_and_entries, *offsets, *items]
    header = HEADER.pack(MAGIC, VERSION, flags, len(starts_and_entries) // 2, len(sequences), len(items))
    return header + struct.pack(f"<{len(words)}I", *words)
