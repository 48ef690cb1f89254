from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.likeness import likeness, likenesses, telling_words


def test_names_and_numbers_tell_a_page() -> None:
    """Capitals anywhere and digits tell; small words, single characters and punctuation do not."""
    text = "the Policy of ACME-Bank, no. 4711 and ab12, iPad x X Ünal straße"
    assert telling_words(text) == {"Policy", "ACME", "Bank", "4711", "ab12", "iPad", "Ünal"}


def test_likeness_by_hand() -> None:
    """The share of the shorter page's words, as if it had one more that is not on the other."""
    assert likeness(3, 4, 9) == likeness(3, 9, 4) == 0.6
    assert likeness(0, 1, 1) == 0.0


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (5, 0)])
def test_a_page_without_telling_words_is_like_nothing_and_unlike_nothing(first: int, second: int) -> None:
    """Text without capitals and digits says nothing."""
    assert likeness(0, first, second) is None


def test_each_page_is_compared_with_the_one_before() -> None:
    """The first has none before it."""
    assert list(likenesses(["Anna", "Anna Bert", "Carl", "small"])) == [None, 0.5, 0.0, None]
    assert list(likenesses([])) == []


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_has_a_likeness_between_none_and_one(texts: list[str]) -> None:
    """Whatever the characters: one answer a page, below 1."""
    found = list(likenesses(texts))
    assert len(found) == len(texts)
    assert all(alike is None or 0 <= alike < 1 for alike in found)
