"""Reading the recorded form: nothing hostile gets through, and both readers agree what is hostile."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.errors import ModelError
from smartcat.classifier.unicode_tables import UnicodeTables, parse_tables
from smartcat.training.unicode_recording import build_tables
from support.native import chars, words

CONTENT = build_tables(canonical="nfc-plain")


def form_at(content: bytes) -> int:
    """Return the number of the word at which the form begins."""
    segments, sequences, items = struct.unpack_from("<3I", content, 12)
    return 6 + 2 * int(segments) + int(sequences) + 1 + int(items)


def changed(*damages: tuple[int, int]) -> bytes:
    """Return the record with some words of its form exchanged."""
    content = bytearray(CONTENT)
    for position, value in damages:
        place = 4 * (form_at(CONTENT) + position)
        if place + 4 <= len(content):
            struct.pack_into("<I", content, place, value)
    return bytes(content)


def native(content: bytes) -> native_binding.Features | None:
    """Return a feature space with such tables; ``None`` where the compiled engine refuses them."""
    try:
        return native_binding.feature_space(content, [words(1, 2), chars(1, 3)], 2**10)
    except ModelError:
        return None


def parsed(content: bytes) -> UnicodeTables | None:
    """Return the tables; ``None`` where they are refused."""
    try:
        return parse_tables(content, "here")
    except ModelError:
        return None


LAYOUT = struct.unpack_from("<4I", CONTENT, 4 * form_at(CONTENT))
OFFSETS = 4 + 2 * LAYOUT[0]
ITEMS = OFFSETS + LAYOUT[1] + 1
PAIRS = ITEMS + LAYOUT[2]


@pytest.mark.parametrize(
    ("position", "value", "message"),
    [
        (0, 0, "too many segments"),
        (1, 2**17, "too many segments or sequences"),
        (2, 2**19, "too many characters"),
        (3, 2**15, "too many characters or pairs"),
        (3, 5, "not as long"),
        (4, 1, "segments do not ascend"),
        (6, 0, "segments do not ascend"),
        (5, 0x200, "changes ASCII"),
        (5, 7, "changes ASCII"),
        (4 + 2 * LAYOUT[0] - 1, 0x100 | 2**17 << 13, "sequence of the form is missing"),
        (4 + 2 * LAYOUT[0] - 1, 2**17 << 13, "invalid one"),
        (OFFSETS, 1, "sequences"),
        (OFFSETS + 1, 40, "sequences"),
        (ITEMS, 0xD800, "holds no character"),
        (PAIRS, 0x110000, "pair of the form holds no character"),
        (PAIRS, 0x10000, "pairs do not ascend"),
    ],
)
def test_a_changed_word_is_noticed(position: int, value: int, message: str) -> None:
    """Both readers refuse numbers out of bounds, order or sense."""
    with pytest.raises(ModelError, match=f"here: .*{message}"):
        parse_tables(changed((position, value)), "here")
    if native_binding.AVAILABLE:
        assert native(changed((position, value))) is None


@pytest.mark.parametrize("size", [0, 1, 3, 4, 100])
def test_a_short_form_is_noticed(size: int) -> None:
    """A file that breaks off in its second half is refused, not read beyond its end."""
    content = CONTENT[: 4 * (form_at(CONTENT) + size)]
    assert parsed(content) is None
    if native_binding.AVAILABLE:
        assert native(content) is None


def test_a_form_nobody_asked_for_is_refused() -> None:
    """Tables without the flag end where their header says."""
    with pytest.raises(ModelError, match="not as long"):
        parse_tables(CONTENT[:8] + struct.pack("<I", 1) + CONTENT[12:], "here")


@pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)
@given(
    damages=st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(0, 2**32 - 1) | st.integers(0, 2**14)),
        min_size=1,
        max_size=3,
    ),
    text=st.text(max_size=20),
)
def test_both_readers_agree_on_damaged_forms(damages: list[tuple[int, int]], text: str) -> None:
    """What one accepts the other accepts, and counting with damaged tables stays within memory."""
    content = changed(*damages)
    space = native(content)
    assert (parsed(content) is None) == (space is None)
    if space:
        assert len(space.count([text, "e\u0301\u0323" + text + "\u1100\u1161\ufb01"])) == 2
