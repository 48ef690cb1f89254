"""The canonical form: what reads alike is the same string, and what reads differently is not."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.canonical_text import IGNORABLE, canonical_text, in_form, is_mark, word_characters
from support.unicode import MIXED_TEXT

ASSIGNED = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) not in {"Cn", "Co", "Cs"}
]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("u\u0308ber", "\u00fcber"),
        ("q\u0307\u0323", "q\u0323\u0307"),
        ("a\u00adgree\u200bment\u2060", "agreement"),
        ("e\u034f\u0301", "\u00e9"),
        ("\ufeffDear\u200e Anna\u200f", "Dear Anna"),
        ("Pro\ufb01t, Profe\u017f\u017for", "Profit, Professor"),
        ("\uff26\uff35\uff2c\uff2c \uff84\uff9e", "FULL \u30c9"),
        ("\ufedf\ufe8e", "\u0644\u0627"),
        ("10\u00a0000\u202f000", "10 000 000"),
        ("   Dear \t\r\n Anna,\f", "Dear Anna,"),
        ("\u1e9b\u017f\u0307", "\u1e61\u1e61"),
        ("\u1100\u1161\u11a8", "\uac01"),
        ("\u0928\u093c \u0929", "\u0929 \u0929"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
    ],
)
def test_what_reads_alike_is_alike(written: str, read: str) -> None:
    """Composed or not, with hidden characters, other shapes of letters, other spaces."""
    assert canonical_text(written) == read


@pytest.mark.parametrize(
    "text", ["m\u00b2", "\u00bd", "Acme\u2122", "don\u00b4t", "\u2460", "\u00e9", "\u00df"]
)
def test_what_reads_differently_stays(text: str) -> None:
    """A square is no 2, and an accent that stands alone does not cut its word in two."""
    assert canonical_text(text) == text


@pytest.mark.parametrize("normal_form", ["NFC", "NFD"])
def test_every_character_and_its_equivalents_have_one_form(normal_form: str) -> None:
    """Whatever a character is written as, after a letter and before one."""
    for character in ASSIGNED:
        text = f"a{character}b"
        form = canonical_text(text)
        assert canonical_text(unicodedata.normalize(normal_form, text)) == form
        assert canonical_text(form) == form
        assert IGNORABLE.isdisjoint(map(ord, form))


@given(MIXED_TEXT, st.integers(0, 20))
def test_the_form_of_a_form_is_itself(text: str, head: int) -> None:
    """And so is the beginning of one, so that a head can be cut from it."""
    form = canonical_text(text)
    assert canonical_text(form) == form
    assert canonical_text(form[:head]) == form[:head].rstrip()
    assert canonical_text(unicodedata.normalize("NFD", text)) == form


def test_a_crowd_of_marks_takes_no_time() -> None:
    """Marks are sorted as Unicode says, but not in quadratic time."""
    marks = "\u0301\u0323\u0344\u0345" * 75
    assert canonical_text("a" + marks) == unicodedata.normalize("NFC", "a" + marks)
    assert len(canonical_text("\u00e9" + marks * 1000)) == 1 + 5 * 75 * 1000


def test_old_specifications_read_text_as_it_comes() -> None:
    """Without a form nothing changes."""
    assert in_form(None, "  u\u0308\u00ad ") == "  u\u0308\u00ad "
    assert in_form("nfc-plain", "  u\u0308\u00ad ") == "\u00fc"


def test_marks_belong_to_words() -> None:
    """A vowel sign does not end a word of Hindi."""
    text = "\u0939\u093f\u0928\u094d\u0926\u0940 x caf\u00e9_1 \u09ac\u09be\u0982\u09b2\u09be"
    assert re.findall(word_characters("nfc-plain") + "{2,}", text) == [
        "\u0939\u093f\u0928\u094d\u0926\u0940",
        "caf\u00e9_1",
        "\u09ac\u09be\u0982\u09b2\u09be",
    ]
    assert is_mark("\u093f")
    assert not is_mark("\u20dd")
