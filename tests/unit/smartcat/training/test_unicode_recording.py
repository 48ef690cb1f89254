"""Recording Unicode: what is recorded is what this Python's re and str do."""

from __future__ import annotations

import re

import pytest

from smartcat.classifier.unicode_tables import Trait, parse_tables, traits_of
from smartcat.training.unicode_recording import build_tables

EVERY_CHARACTER = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]


def test_word_and_space_are_those_of_re() -> None:
    """The record asks str, which is quicker; re has the same opinion of every character."""
    text = "".join(EVERY_CHARACTER)
    assert set(re.findall(r"\w", text)) == {c for c in EVERY_CHARACTER if traits_of(c) & Trait.WORD}
    assert set(re.findall(r"\s", text)) == {c for c in EVERY_CHARACTER if traits_of(c) & Trait.SPACE}


def test_folding_is_that_of_str() -> None:
    """Every character folds to what ``str.lower`` makes of it alone."""
    tables = parse_tables(build_tables(), "here")
    assert [c for c in EVERY_CHARACTER if tables.fold(c) != c.lower()] == []


@pytest.mark.parametrize(
    "between", ["", "'", ".", "\N{COMBINING ACUTE ACCENT}", "b", "1", " ", "\N{SOFT HYPHEN}"]
)
def test_traits_predict_a_final_sigma(between: str) -> None:
    """A sigma is final after a letter, through what is case-ignorable; a few characters of each kind."""
    sigma = "\N{GREEK CAPITAL LETTER SIGMA}"
    tables = parse_tables(build_tables(), "here")
    traits = [Trait(tables.entry(ord(c)) & 15) for c in "a" + between]
    seen = [trait for trait in traits if Trait.IGNORABLE not in trait]
    final = Trait.CASED in seen[-1]
    assert ("a" + between + sigma).lower()[-1] == tables.fold(sigma, final=final)


def test_without_lowercase_nothing_folds() -> None:
    """A model of text as it stands records words and white space only."""
    tables = parse_tables(build_tables(lowercase=False), "here")
    assert len(tables.sequences) == 0
    assert all(entry >> 2 == 0 for entry in tables.entries)
