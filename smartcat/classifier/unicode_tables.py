"""The character tables of a model, what a character is and folds to: ``unicode.bin``, read and checked.

Python's Unicode tables change with its version; a model must not. Training records how its own ``re`` and
``str`` treat every character (:mod:`smartcat.training.unicode_tables`), and the compiled engine uses the
record, not the tables of the machine that it serves on.

The file is little-endian: ``SCUT``, then as 32-bit words the version, flags (bit 0 lowercase, bits 1-2
accents: 0 kept, 1 ascii, 2 unicode, bit 3 whether the tables of a canonical form follow, see
:mod:`smartcat.classifier.canonical_tables`) and the numbers of segments, of sequences and of characters in
sequences. Then the segments, each its first character and the entry of all up to the next segment; then the
offset at which each sequence begins and the last one ends; then the sequences' characters. An entry is, from
the lowest bit: the traits, two bits of kind, :data:`LOOK`, a zero bit, a signed 24-bit value (see
:class:`Trait` and :class:`Kind`). A character of a sequence is its code point, with bit 21 for a word
character and bit 22 for white space.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from smartcat.classifier.canonical_tables import CanonicalTables, parse_canonical_tables
from smartcat.classifier.errors import ModelError
from smartcat.classifier.format_limits import MAX_TABLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

Accents: TypeAlias = Literal["ascii", "unicode"] | None

MAGIC: Final = b"SCUT"
VERSION: Final = 1
HEADER: Final = struct.Struct("<4s5I")
ACCENTS: Final[tuple[Accents, ...]] = (None, "ascii", "unicode")
HAS_FORM: Final = 8
LOOK: Final = 1 << 6
"""Flag of a character that the canonical form may change, or that may change the letter before it."""
LONGEST_SEQUENCE: Final = 18
_MOST_SEGMENTS: Final = 2**16
_MOST_SEQUENCES: Final = 2**16
_MOST_ITEMS: Final = 2**20
CODE_POINTS: Final = 0x110000
SURROGATES: Final = range(0xD800, 0xE000)


class Trait(IntFlag):
    """Properties of a character. Word and space are those of what it folds to, the others its own."""

    WORD = 1
    SPACE = 2
    CASED = 4
    IGNORABLE = 8


class Kind(IntEnum):
    """How a character folds: by a shift of ``value`` code points, to sequence ``value``, or as a sigma.

    A capital sigma becomes sequence ``value``, or the one after it where a cased character precedes it and
    none follows it, case-ignorable ones skipped.
    """

    SHIFT = 0
    SEQUENCE = 1
    SIGMA = 2


@dataclass(frozen=True)
class UnicodeTables:
    """Character tables as read, for code without the compiled engine and for checking it.

    Attributes:
        lowercase: Whether folding lowercases.
        strip_accents: How it removes accents.
        starts: First character of each segment, ascending from 0.
        entries: The entry of each segment's characters.
        sequences: The characters of each sequence.
        form: The canonical form, where the tables have one.
    """

    lowercase: bool
    strip_accents: Accents
    starts: tuple[int, ...]
    entries: tuple[int, ...]
    sequences: tuple[str, ...]
    form: CanonicalTables | None = None

    def entry(self, code: int) -> int:
        """Return the entry of a character."""
        return self.entries[bisect_right(self.starts, code) - 1]

    def fold(self, character: str, *, final: bool = False) -> str:
        """Return what one character folds to; ``final`` for a position where a sigma is a final one."""
        entry = self.entry(ord(character))
        kind, value = _kind_and_value(entry)
        if kind is Kind.SHIFT:
            return chr(ord(character) + value)
        return self.sequences[value + (kind is Kind.SIGMA and final)]


def parse_tables(content: bytes, where: str) -> UnicodeTables:
    """Return the character tables in a file, checked.

    Args:
        content: The file's content.
        where: Name of the file for error messages.

    Returns:
        Tables of which every number is within its bounds.

    Raises:
        ModelError: Not such a file, damaged or malicious; the message says what is wrong.
    """
    if len(content) > MAX_TABLE_BYTES:
        raise ModelError(f"{where}: larger than {MAX_TABLE_BYTES} bytes, not a table of characters")
    if len(content) < HEADER.size or content[:4] != MAGIC:
        raise ModelError(f"{where}: not a table of characters")
    _, version, flags, segments, sequences, items = HEADER.unpack_from(content)
    if version != VERSION:
        raise ModelError(f"{where}: format version {version}, but this smartcat reads version {VERSION}")
    if flags >= 2 * HAS_FORM or (flags & ~HAS_FORM) >> 1 >= len(ACCENTS):
        raise ModelError(f"{where}: unknown flags")
    if not (1 <= segments <= _MOST_SEGMENTS and sequences <= _MOST_SEQUENCES and items <= _MOST_ITEMS):
        raise ModelError(f"{where}: too many segments or sequences")
    size = 2 * segments + sequences + 1 + items
    rest = len(content) - HEADER.size - 4 * size
    if rest < 0 or rest % 4 or (rest and not flags & HAS_FORM):
        raise ModelError(f"{where}: not as long as its header says")
    words = _words(content[HEADER.size :])
    tables = UnicodeTables(
        lowercase=bool(flags & 1),
        strip_accents=ACCENTS[(flags & ~HAS_FORM) >> 1],
        starts=tuple(words[0 : 2 * segments : 2]),
        entries=tuple(words[1 : 2 * segments : 2]),
        sequences=tuple(_sequences(words[2 * segments : size], sequences, where)),
        form=parse_canonical_tables(words[size:], where) if flags & HAS_FORM else None,
    )
    problem = _first_problem(tables)
    if problem:
        raise ModelError(f"{where}: {problem}")
    return tables


def traits_of(character: str) -> int:
    """Return the traits of a folded character by the running Python: word, space or neither."""
    # What re calls \w and \s; str gives the same and is faster a million times over (a test compares them).
    return (character.isalnum() or character == "_") | character.isspace() << 1


def _words(content: bytes) -> array[int]:
    words = array("I", content)
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _kind_and_value(entry: int) -> tuple[Kind, int]:
    value = entry >> 8
    return Kind(entry >> 4 & 3), value - 2**24 if value >= 2**23 else value


def _sequences(words: array[int], count: int, where: str) -> Iterator[str]:
    offsets, items = words[: count + 1], words[count + 1 :]
    if offsets[0] != 0 or offsets[-1] != len(items):
        raise ModelError(f"{where}: sequences and their characters do not agree")
    if any(not 0 <= stop - start <= LONGEST_SEQUENCE for start, stop in pairwise(offsets)):
        raise ModelError(f"{where}: sequences do not ascend, or one is too long")
    for item in items:
        code = item & 0x1FFFFF
        if item >> 23 or code >= CODE_POINTS or code in SURROGATES or (item >> 21) == 3:
            raise ModelError(f"{where}: a sequence holds no character")
    for start, stop in pairwise(offsets):
        yield "".join(chr(item & 0x1FFFFF) for item in items[start:stop])


def _first_problem(tables: UnicodeTables) -> str | None:
    bounds = [*tables.starts, CODE_POINTS]
    if bounds[0] != 0 or any(first >= following for first, following in pairwise(bounds)):
        return "segments do not ascend from 0"
    known = LOOK if tables.form else 0
    for (first, following), entry in zip(pairwise(bounds), tables.entries, strict=True):
        problem = _problem_of_segment(first, following - 1, entry & ~known, len(tables.sequences))
        if problem:
            return problem
    return None if _ascii_is_standard(tables) else "ASCII does not fold as usual"


def _problem_of_segment(first: int, last: int, entry: int, sequences: int) -> str | None:
    traits = Trait(entry & 15)
    if entry & 0xC0 or entry >> 4 & 3 == 3:
        return "a segment has unknown flags"
    if Trait.WORD | Trait.SPACE in traits or Trait.CASED | Trait.IGNORABLE in traits:
        return "a character has contradictory traits"
    kind, value = _kind_and_value(entry)
    if kind is Kind.SHIFT:
        low, high = first + value, last + value
        legal = value == 0 or (low >= 0 and high < CODE_POINTS and (high < 0xD800 or low > 0xDFFF))
        return None if legal else "a character folds to an invalid one"
    if kind is Kind.SIGMA and Trait.IGNORABLE in traits:
        return "a sigma is ignorable"
    return None if value >= 0 and value + (kind is Kind.SIGMA) < sequences else "a sequence is missing"


def _ascii_is_standard(tables: UnicodeTables) -> bool:
    for code in range(128):
        character = chr(code)
        folded = character.lower() if tables.lowercase else character
        entry = tables.entry(code)
        if _kind_and_value(entry) != (Kind.SHIFT, ord(folded) - code):
            return False
        if entry & 3 != traits_of(character):
            return False
    return True
