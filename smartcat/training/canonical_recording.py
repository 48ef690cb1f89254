"""Recording the canonical form of this Python's Unicode, for the models that it trains.

The form is :mod:`smartcat.classifier.canonical_text`, the format :mod:`smartcat.classifier.canonical_tables`.
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.canonical_tables import CLASS, SEQUENCE, VALUE_BITS, VALUE_SHIFT, Role
from smartcat.classifier.canonical_text import IGNORABLE, replacement
from smartcat.classifier.unicode_tables import CODE_POINTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SYLLABLES: Final = range(0xAC00, 0xD7A4)
_LEADS: Final = range(0x1100, 0x1113)
_VOWELS_AND_TAILS: Final = (range(0x1161, 0x1176), range(0x11A8, 0x11C3))
# Plain integers: an operation on a million of an enumeration's members takes seconds.
_LOOKED_AT: Final = int(CLASS | Role.CHANGES | Role.SECOND)
_SPACE: Final = int(Role.SPACE)
_CHANGES: Final = int(Role.CHANGES)
_FIRST: Final = int(Role.FIRST)
_SECOND: Final = int(Role.SECOND)


@dataclass(frozen=True)
class RecordedForm:
    """What becomes of every code point in the form.

    Attributes:
        entries: The entry of each, see :mod:`smartcat.classifier.canonical_tables`.
        sequences: What some of them become.
        pairs: Two characters and what they compose to, ascending.
    """

    entries: list[int]
    sequences: tuple[str, ...]
    pairs: tuple[tuple[int, int, int], ...]

    def looked_at(self) -> Iterator[int]:
        """Yield the code points that do not stay what they are wherever they stand."""
        return (code for code, entry in enumerate(self.entries) if entry & _LOOKED_AT)

    def encode(self) -> bytes:
        """Return the second half of ``unicode.bin``, 73 KB."""
        starts = starts_of_runs(self.entries)
        segments = [number for start in starts for number in (start, self.entries[start])]
        offsets = [0, *accumulate(map(len, self.sequences))]
        items = [ord(character) for sequence in self.sequences for character in sequence]
        header = (len(starts), len(self.sequences), len(items), len(self.pairs))
        words = [*header, *segments, *offsets, *items, *chain.from_iterable(self.pairs)]
        return struct.pack(f"<{len(words)}I", *words)


def starts_of_runs(entries: Sequence[int]) -> list[int]:
    """Return the index of the first of equal neighbours, ascending, 0 included."""
    values = np.array(entries, dtype=np.int64)
    starts: list[int] = (np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()
    return [0, *starts]


def record_form(characters: Iterable[str]) -> RecordedForm:
    """Record what becomes of characters in the form; all others stay, and so do surrogates.

    Args:
        characters: Every character that this Python's Unicode knows, ascending.
    """
    entries = [0] * CODE_POINTS
    pool: dict[str, int] = {}
    pairs: list[tuple[int, int, int]] = []
    # Ignorable code points that are not assigned yet are ignored already.
    for character in chain(characters, map(chr, sorted(IGNORABLE))):
        entries[ord(character)] |= _entry(character, pool)
        pair = _pair(character)
        if pair:
            pairs.append(pair)
    for first, second, _ in pairs:
        entries[first] |= _FIRST
        entries[second] |= _SECOND
    for code in chain(_LEADS, _SYLLABLES):
        entries[code] |= _FIRST
    for code in chain(*_VOWELS_AND_TAILS):
        entries[code] |= _SECOND
    return RecordedForm(entries, tuple(pool), tuple(sorted(pairs)))


def _entry(character: str, pool: dict[str, int]) -> int:
    code = ord(character)
    entry = unicodedata.combining(character) | (_SPACE if character.isspace() else 0)
    if code in _SYLLABLES or not (unicodedata.decomposition(character) or code in IGNORABLE):
        return entry
    becomes = unicodedata.normalize("NFD", replacement(character))
    if becomes == character:
        return entry
    if unicodedata.normalize("NFC", becomes) != character:
        entry |= _CHANGES
    if len(becomes) == 1:
        return entry | _value(ord(becomes) - code)
    return entry | int(SEQUENCE) | _value(pool.setdefault(becomes, len(pool)))


def _value(value: int) -> int:
    return (value & ((1 << VALUE_BITS) - 1)) << VALUE_SHIFT


def _pair(character: str) -> tuple[int, int, int] | None:
    """Return the two characters that compose to this one, where they do."""
    codes = unicodedata.decomposition(character).split()
    if len(codes) != 2 or codes[0].startswith("<"):
        return None
    first, second = (int(code, 16) for code in codes)
    composed = unicodedata.normalize("NFC", chr(first) + chr(second))
    return (first, second, ord(character)) if composed == character else None
