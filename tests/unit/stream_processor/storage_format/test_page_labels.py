from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.storage_format.page_labels import decode_page_labels, encode_page_labels


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("a",), "a"),
        (("a", "a", "a", None, "b"), "a*3,-,b"),
        ((None, None), "-*2"),
        (("-", None), "%2D,-"),
        (("a,b", "a*2", "50%"), "a%2Cb,a%2A2,50%25"),
    ],
)
def test_page_labels_by_hand(labels: tuple[str | None, ...], text: str) -> None:
    """Runs are counted, blank pages are dashes, and separators inside labels are encoded."""
    assert encode_page_labels(labels) == text
    assert decode_page_labels(text) == labels


@given(st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=5), st.text("-,*%2D5A", min_size=1))))
def test_page_labels_round_trip(labels: list[str | None]) -> None:
    """Any labels come back as they were."""
    assert decode_page_labels(encode_page_labels(labels)) == tuple(labels)
