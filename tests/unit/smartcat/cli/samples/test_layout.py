from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.samples.layout import linearise_table, lines_of, wrap
from smartcat.cli.samples.seeded_random import seeded

words = st.lists(st.text(alphabet="abcdeß", min_size=1, max_size=30), min_size=1).map(" ".join)


@given(words, st.integers(5, 80))
def test_wrapping_keeps_every_word(text: str, width: int) -> None:
    """Only spaces become line ends; nothing is lost, added or moved."""
    assert wrap(text, width).replace("\n", " ") == text


@given(words, st.integers(5, 80))
def test_lines_are_no_wider_than_asked_unless_one_word_is(text: str, width: int) -> None:
    """A line is too wide only when it is a single word that does not fit."""
    assert all(len(line) <= width or " " not in line for line in wrap(text, width).split("\n"))


def test_tables_are_read_by_rows_and_by_columns() -> None:
    """Recognition takes some tables for columns; both orders hold every cell."""
    readings = {linearise_table("Nr | Betrag", ["1 | 5,00", "2 | 6,00"], seeded(seed)) for seed in range(60)}
    assert "Nr\n1\n2\nBetrag\n5,00\n6,00" in readings
    assert "Nr Betrag\n1 5,00\n2 6,00" in readings


def test_ragged_rows_are_no_error() -> None:
    """Rows with fewer cells than the heading are read in either order."""
    for seed in range(40):
        assert "a" in linearise_table("a | b | c", ["1", "1 | | 3"], seeded(seed))


def test_letterhead_parts_stand_under_each_other() -> None:
    """The parts of a letterhead become lines."""
    assert lines_of("Bank | Filiale | Tel.") == "Bank\nFiliale\nTel."
