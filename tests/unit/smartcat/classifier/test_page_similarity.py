from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.page_similarity import distinctive_words, page_similarities, page_similarity


def test_names_and_numbers_are_distinctive() -> None:
    """Capitals anywhere and digits are; lowercase words, single characters and punctuation are not."""
    text = "the Policy of ACME-Bank, no. 4711 and ab12, iPad x X Ünal straße"
    assert distinctive_words(text) == {"Policy", "ACME", "Bank", "4711", "ab12", "iPad", "Ünal"}


def test_similarity_by_hand() -> None:
    """The share of the shorter page's words, as if it had one more that is not on the other."""
    assert page_similarity(3, 4, 9) == page_similarity(3, 9, 4) == 0.6
    assert page_similarity(0, 1, 1) == 0.0


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (5, 0)])
def test_a_page_without_distinctive_words_has_no_similarity(first: int, second: int) -> None:
    """Text without capitals and digits is no evidence."""
    assert page_similarity(0, first, second) is None


def test_each_page_is_compared_with_the_one_before() -> None:
    """The first has none before it."""
    assert list(page_similarities(["Anna", "Anna Bert", "Carl", "small"])) == [None, 0.5, 0.0, None]
    assert list(page_similarities([])) == []


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_has_a_similarity_below_one_or_none(texts: list[str]) -> None:
    """Whatever the characters: one value a page, below 1."""
    similarities = list(page_similarities(texts))
    assert len(similarities) == len(texts)
    assert all(similarity is None or 0 <= similarity < 1 for similarity in similarities)
