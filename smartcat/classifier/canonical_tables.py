"""The canonical form as a model records it: the second half of ``unicode.bin``, read and checked.

It follows the character tables (:mod:`smartcat.classifier.unicode_tables`) of a model whose features have a
form, and says what :mod:`smartcat.classifier.canonical_text` was when the model was trained. As 32-bit words,
little-endian: the numbers of segments, sequences, characters in sequences, and pairs; the segments, each its
first character and the entry of all up to the next segment; the offset at which each sequence begins and the
last one ends; the sequences' characters; the pairs, each two characters and the one that they compose to,
ascending. Hangul syllables and their letters compose by arithmetic and are no pairs.

An entry is, from the lowest bit: the canonical combining class (8 bits), whether the character becomes a
sequence (else it is shifted), the four bits of :class:`Role`, and a signed 19-bit value: the sequence, or the
shift in code points. What a character becomes is fully decomposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from smartcat.classifier.errors import ModelError

if TYPE_CHECKING:
    from array import array

HEADER_WORDS: Final = 4
LONGEST_SEQUENCE: Final = 18
MOST_PAIRS: Final = 2**14
_MOST_SEGMENTS: Final = 2**16
_MOST_SEQUENCES: Final = 2**16
_MOST_ITEMS: Final = 2**18
_CODE_POINTS: Final = 0x110000
_SURROGATES: Final = range(0xD800, 0xE000)
CLASS: Final = 0xFF
SEQUENCE: Final = 1 << 8


class Role(IntFlag):
    """What a character does in the form.

    ``CHANGES``: it never stays. ``SECOND``: it may compose with a character before it, ``FIRST``: with one
    after it. ``SPACE``: it is white space.
    """

    CHANGES = 1 << 9
    SECOND = 1 << 10
    FIRST = 1 << 11
    SPACE = 1 << 12


VALUE_SHIFT: Final = 13
VALUE_BITS: Final = 19


@dataclass(frozen=True)
class CanonicalTables:
    """The tables as read.

    Attributes:
        starts: First character of each segment, ascending from 0.
        entries: The entry of each segment's characters.
        sequences: The characters of each sequence.
        pairs: Two characters and what they compose to, ascending.
    """

    starts: tuple[int, ...]
    entries: tuple[int, ...]
    sequences: tuple[str, ...]
    pairs: tuple[tuple[int, int, int], ...]


def parse_canonical_tables(words: array[int], where: str) -> CanonicalTables:
    """Return the tables in the second half of a file, checked.

    Args:
        words: The 32-bit words that follow the character tables.
        where: Name of the file for error messages.

    Raises:
        ModelError: Damaged or malicious; the message says what is wrong.
    """
    if len(words) < HEADER_WORDS:
        raise ModelError(f"{where}: has no canonical form")
    segments, sequences, items, pairs = words[:HEADER_WORDS]
    if not (1 <= segments <= _MOST_SEGMENTS and sequences <= _MOST_SEQUENCES):
        raise ModelError(f"{where}: the form has too many segments or sequences")
    if items > _MOST_ITEMS or pairs > MOST_PAIRS:
        raise ModelError(f"{where}: the form has too many characters or pairs")
    if len(words) != HEADER_WORDS + 2 * segments + sequences + 1 + items + 3 * pairs:
        raise ModelError(f"{where}: not as long as its header says")
    offsets_at = HEADER_WORDS + 2 * segments
    items_at = offsets_at + sequences + 1
    pairs_at = items_at + items
    tables = CanonicalTables(
        starts=tuple(words[HEADER_WORDS:offsets_at:2]),
        entries=tuple(words[HEADER_WORDS + 1 : offsets_at : 2]),
        sequences=_sequences(words[offsets_at:items_at], words[items_at:pairs_at], where),
        pairs=tuple(zip(words[pairs_at::3], words[pairs_at + 1 :: 3], words[pairs_at + 2 :: 3], strict=True)),
    )
    problem = _first_problem(tables)
    if problem:
        raise ModelError(f"{where}: {problem}")
    return tables


def value_of(entry: int) -> int:
    """Return the sequence or the shift in an entry."""
    value = entry >> VALUE_SHIFT
    return value - (1 << VALUE_BITS) if value >> (VALUE_BITS - 1) else value


def _sequences(offsets: array[int], items: array[int], where: str) -> tuple[str, ...]:
    if offsets[0] != 0 or offsets[-1] != len(items):
        raise ModelError(f"{where}: the form's sequences and their characters do not agree")
    if any(not 0 <= stop - start <= LONGEST_SEQUENCE for start, stop in pairwise(offsets)):
        raise ModelError(f"{where}: the form's sequences do not ascend, or one is too long")
    if not all(map(_is_character, items)):
        raise ModelError(f"{where}: a sequence of the form holds no character")
    return tuple("".join(map(chr, items[start:stop])) for start, stop in pairwise(offsets))


def _is_character(code: int) -> bool:
    return code < _CODE_POINTS and code not in _SURROGATES


def _first_problem(tables: CanonicalTables) -> str | None:
    bounds = [*tables.starts, _CODE_POINTS]
    if bounds[0] != 0 or any(first >= following for first, following in pairwise(bounds)):
        return "the form's segments do not ascend from 0"
    for (first, following), entry in zip(pairwise(bounds), tables.entries, strict=True):
        problem = _problem_of_segment(first, following, entry, len(tables.sequences))
        if problem:
            return problem
    return _problem_of_pairs(tables.pairs)


def _problem_of_segment(first: int, following: int, entry: int, sequences: int) -> str | None:
    value = value_of(entry)
    if entry & SEQUENCE and not 0 <= value < sequences:
        return "a sequence of the form is missing"
    if not entry & SEQUENCE and not _shift_is_legal(first, following - 1, value):
        return "the form turns a character into an invalid one"
    if first < 0x80 and not _ascii_stays(first, min(following, 0x80), entry):
        return "the form changes ASCII"
    return None


def _problem_of_pairs(pairs: tuple[tuple[int, int, int], ...]) -> str | None:
    if not all(_is_character(code) for pair in pairs for code in pair):
        return "a pair of the form holds no character"
    ascend = all(first[:2] < second[:2] for first, second in pairwise(pairs))
    return None if ascend else "the form's pairs do not ascend"


def _shift_is_legal(first: int, last: int, shift: int) -> bool:
    low, high = first + shift, last + shift
    return shift == 0 or (low >= 0 and high < _CODE_POINTS and (high < 0xD800 or low > 0xDFFF))


def _ascii_stays(first: int, following: int, entry: int) -> bool:
    # All but FIRST: ASCII is passed over sixteen bytes at a time, and only then may an accent follow.
    expected = {Role.SPACE if chr(code).isspace() else 0 for code in range(first, following)}
    return expected == {entry & ~Role.FIRST}
