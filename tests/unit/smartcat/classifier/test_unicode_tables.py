"""Reading unicode.bin: what is recorded is read back, and nothing in a hostile file gets through."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier import native_binding
from smartcat.classifier.errors import ModelError
from smartcat.classifier.unicode_tables import HEADER, MAX_TABLE_BYTES, parse_tables
from smartcat.training.unicode_recording import build_tables
from support.native import chars, words


@pytest.fixture(scope="module")
def content() -> bytes:
    """The record of the running Python."""
    return build_tables()


def change_word(content: bytes, position: int, value: int) -> bytes:
    """Exchange one 32-bit word, counted from the beginning of the file."""
    return content[: 4 * position] + struct.pack("<I", value) + content[4 * position + 4 :]


def native_refusal(content: bytes) -> str | None:
    """Why the compiled engine refuses a record; ``None`` where it takes it."""
    folding = content[8] if len(content) > 8 else 0
    accents = (None, "ascii", "unicode", None)[folding >> 1 & 3]
    try:
        native_binding.feature_space(
            content,
            [words(1, 1)],
            16,
            lowercase=folding & 1 == 1,
            strip_accents=accents,
        )
    except ModelError as error:
        return str(error)
    return None


def test_flags_are_read_back() -> None:
    """A record says itself how text is folded."""
    tables = parse_tables(build_tables(lowercase=False, strip_accents="ascii"), "here")
    assert (tables.lowercase, tables.strip_accents) == (False, "ascii")


def test_what_letters_fold_to(content: bytes) -> None:
    """Lower case one to one, one to two, and the two small sigmas."""
    tables = parse_tables(content, "here")
    assert [tables.fold(c) for c in "aZÄ\N{KELVIN SIGN}\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"] == [
        "a",
        "z",
        "ä",
        "k",
        "i\N{COMBINING DOT ABOVE}",
    ]
    sigma = "\N{GREEK CAPITAL LETTER SIGMA}"
    assert tables.fold(sigma) == "\N{GREEK SMALL LETTER SIGMA}"
    assert tables.fold(sigma, final=True) == "\N{GREEK SMALL LETTER FINAL SIGMA}"


@pytest.mark.parametrize(
    ("position", "value", "message"),
    [
        (0, 0, "not a table of characters"),
        (1, 2, "version"),
        (2, 16, "flags"),
        (2, 9, "has no canonical form"),
        (2, 6, "flags"),
        (3, 0, "too many segments"),
        (3, 2**17, "too many segments"),
        (3, 5, "not as long"),
        (6, 1, "segments do not"),
        (8, 0, "segments do not"),
        (7, 0x40, "unknown flags"),
        (7, 0x30, "unknown"),
        (7, 3, "both word and space|contradictory"),
        (7, 12, "both cased and ignorable|contradictory"),
        (7, 2**31, "folds to an invalid one"),
        (7, 0x10 | 99 << 8, "sequence is missing"),
        (7, 0x28, "sigma is ignorable"),
        (7, 1, "ASCII"),
    ],
)
def test_a_changed_word_is_noticed(content: bytes, position: int, value: int, message: str) -> None:
    """Both readers refuse numbers out of bounds, order or sense, and say so alike."""
    changed = change_word(content, position, value)
    with pytest.raises(ModelError, match=f"here: .*({message})"):
        parse_tables(changed, "here")
    if native_binding.AVAILABLE:
        assert native_refusal(changed)


@pytest.mark.parametrize("value", [0xD800, 0x110000, 3 << 21 | 97, 1 << 23])
def test_a_sequence_that_holds_no_character_is_noticed(content: bytes, value: int) -> None:
    """What folding writes is always text that can be encoded."""
    changed = change_word(content, len(content) // 4 - 1, value)
    with pytest.raises(ModelError, match="holds no character"):
        parse_tables(changed, "here")
    if native_binding.AVAILABLE:
        assert native_refusal(changed)


@pytest.mark.parametrize("size", [0, 3, 4, 23, 24, 25])
def test_a_short_file_is_noticed(content: bytes, size: int) -> None:
    """A file that breaks off is refused, not read beyond its end."""
    with pytest.raises(ModelError):
        parse_tables(content[:size], "here")
    if native_binding.AVAILABLE:
        assert native_refusal(content[:size])


def test_a_large_file_is_not_even_read(content: bytes) -> None:
    """The size is checked first."""
    with pytest.raises(ModelError, match="larger than"):
        parse_tables(content + bytes(MAX_TABLE_BYTES), "here")


@pytest.mark.skipif(
    not native_binding.AVAILABLE, reason=f"no compiled engine: {native_binding.IMPORT_PROBLEM}"
)
@given(
    damages=st.lists(
        st.tuples(st.integers(0, 6000), st.integers(0, 2**32 - 1) | st.integers(0, 5000)),
        min_size=1,
        max_size=3,
    ),
    text=st.text(max_size=20),
)
def test_both_readers_agree_on_damaged_files(damages: list[tuple[int, int]], text: str) -> None:
    """What one accepts the other accepts, and counting with damaged tables stays within memory."""
    changed = build_tables()
    for position, value in damages:
        changed = change_word(changed, position, value)
    changed = changed[: len(build_tables())]
    try:
        tables = parse_tables(changed, "here")
    except ModelError:
        assert native_refusal(changed)
    else:
        assert native_refusal(changed) is None
        folding: Any = {"lowercase": tables.lowercase, "strip_accents": tables.strip_accents}
        space = native_binding.feature_space(changed, [words(1, 2), chars(1, 3)], 2**10, **folding)
        assert len(space.count([text, "\N{GREEK CAPITAL LETTER SIGMA}" + text])) == 2


def test_the_header_is_what_the_documentation_says(content: bytes) -> None:
    """Anyone may read the file: six words, then segments, offsets and characters."""
    magic, version, flags, segments, sequences, items = HEADER.unpack_from(content)
    assert (magic, version, flags) == (b"SCUT", 1, 1)
    assert len(content) == 24 + 8 * segments + 4 * (sequences + 1) + 4 * items
