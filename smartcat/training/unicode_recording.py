"""Recording what each character is and folds to, for the models that this Python trains.

The format is described and read in :mod:`smartcat.classifier.unicode_tables`.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from smartcat.classifier.unicode_tables import (
    ACCENTS,
    CODE_POINTS,
    HEADER,
    MAGIC,
    VERSION,
    Accents,
    Kind,
    Trait,
    traits_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SIGMA: Final = "\N{GREEK CAPITAL LETTER SIGMA}"
_SMALL_SIGMAS: Final = "\N{GREEK SMALL LETTER SIGMA}\N{GREEK SMALL LETTER FINAL SIGMA}"


@lru_cache(maxsize=6)
def build_tables(*, lowercase: bool = True, strip_accents: Accents = None) -> bytes:
    """Return what the running Python's ``re`` and ``str`` know of every character, in less than a second.

    Args:
        lowercase: Whether text is lowercased.
        strip_accents: How accents are removed then.

    Returns:
        The content of ``unicode.bin``: 26 KB, or 330 KB where accents are removed by ``unicode``.
    """
    pool: dict[tuple[str, ...], int] = {}
    sequences: list[str] = []
    characters = _characters(strip_accents)
    entries = [0] * CODE_POINTS
    for character in characters:
        entries[ord(character)] = traits_of(character)
    context = _context_traits(characters) if lowercase else {}
    for code, trait in context.items():
        entries[code] |= trait
    for code, forms in _folded_otherwise(characters, lowercase=lowercase, strip_accents=strip_accents):
        entries[code] = context.get(code, 0) | _fold_entry(code, forms, pool, sequences)
    starts = [0, *(code for code, (a, b) in enumerate(pairwise(entries), 1) if a != b)]
    segments = [(start, entries[start]) for start in starts]
    return _encode(segments, sequences, flags=lowercase | ACCENTS.index(strip_accents) << 1)


def _characters(accents: Accents) -> list[str]:
    """Return all characters but unassigned, private and surrogate ones, which fold to themselves.

    But ``ascii`` removes what is unassigned or private, as it does all that is not ASCII.
    """
    nothing = {"Cs"} if accents == "ascii" else {"Cn", "Co", "Cs"}
    characters = map(chr, range(CODE_POINTS))
    return [character for character in characters if unicodedata.category(character) not in nothing]


def _folded_otherwise(
    characters: list[str], *, lowercase: bool, strip_accents: Accents
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield what characters fold to that change: one form, or two for the capital sigma."""
    for character in characters:
        if lowercase and character == _SIGMA:
            yield ord(character), tuple(_strip(sigma, strip_accents) for sigma in _SMALL_SIGMAS)
            continue
        folded = _strip(character.lower() if lowercase else character, strip_accents)
        if folded != character:
            yield ord(character), (folded,)


def _fold_entry(
    code: int, folded: tuple[str, ...], pool: dict[tuple[str, ...], int], sequences: list[str]
) -> int:
    if len(folded) == 1 and len(folded[0]) == 1:
        shift = ord(folded[0]) - code
        return (shift & 0xFFFFFF) << 8 | Kind.SHIFT << 4 | traits_of(folded[0])
    if folded not in pool:
        pool[folded] = len(sequences)
        sequences.extend(folded)
    kind = Kind.SIGMA if len(folded) == 2 else Kind.SEQUENCE
    return pool[folded] << 8 | kind << 4


def _context_traits(characters: list[str]) -> dict[int, Trait]:
    """Return what each character is to a final sigma, which only ``str.lower`` itself knows.

    A sigma after a cased character is final; after a case-ignorable one it is where a letter stands before.
    """
    candidates = [character for character in characters if character.lower() not in _SMALL_SIGMAS]
    alone = _last_sigmas("", candidates)
    after_letter = _last_sigmas("A", candidates)
    final = _SMALL_SIGMAS[1]
    traits = {ord(sigma): Trait.CASED for sigma in (_SIGMA, *_SMALL_SIGMAS)}
    for character, first, second in zip(candidates, alone, after_letter, strict=True):
        if second == final:
            traits[ord(character)] = Trait.CASED if first == final else Trait.IGNORABLE
    return traits


def _last_sigmas(before: str, characters: list[str]) -> list[str]:
    # One long text instead of a million short ones; a space separates them.
    text = "".join(f"{before}{character}{_SIGMA} " for character in characters).lower()
    return [character for character in text if character in _SMALL_SIGMAS]


def _strip(text: str, accents: Accents) -> str:
    """Return text without accents, as scikit-learn's two functions do character by character."""
    if accents is None or text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    if accents == "ascii":
        return "".join(c for c in decomposed if c.isascii())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _encode(segments: Iterable[tuple[int, int]], sequences: list[str], *, flags: int) -> bytes:
    starts_and_entries = [number for segment in segments for number in segment]
    offsets: list[int] = [0]
    items: list[int] = []
    for sequence in sequences:
        items.extend(ord(character) | traits_of(character) << 21 for character in sequence)
        offsets.append(len(items))
    words = [*starts_and_entries, *offsets, *items]
    header = HEADER.pack(MAGIC, VERSION, flags, len(starts_and_entries) // 2, len(sequences), len(items))
    return header + struct.pack(f"<{len(words)}I", *words)
