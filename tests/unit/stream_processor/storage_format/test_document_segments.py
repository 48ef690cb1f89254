from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.classifier.decision import Decision, round_probability
from smartcat.classifier.page_stream_segmentation import Segment
from stream_processor.storage_format.document_segments import StoredSegment, decode_segments, encode_segments

LABELS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6) | st.text(
    "%,;2C*:?-", min_size=1
)
DOCUMENTS = st.lists(
    st.tuples(st.integers(1, 40), LABELS, st.floats(0, 1), st.sampled_from(["accepted", "review"])),
    min_size=1,
    max_size=20,
)


def pieces_of(documents: list[tuple[int, str, float, Literal["accepted", "review"]]]) -> tuple[Segment, ...]:
    """A stack of documents of so many pages, each with its label, confidence and decision."""
    bounds = pairwise(accumulate((pages for pages, *_ in documents), initial=0))
    return tuple(
        Segment(first + 1, last, 1.0, confidence, decision, Decision(label, confidence, decision, (), ()))
        for (first, last), (_, label, confidence, decision) in zip(bounds, documents, strict=True)
    )


def test_a_stack_by_hand() -> None:
    """Labels once, in the order they occur; then a document each."""
    pieces = pieces_of(
        [
            (3, "payslip", 0.98219, "accepted"),
            (1, "a,b;50%", 0.431, "review"),
            (1, "payslip", 1.0, "accepted"),
        ]
    )
    assert encode_segments(pieces) == "payslip,a%2Cb%3B50%25;0*3:0.9821,1:0.4310?,0:1.0000"


@given(DOCUMENTS)
def test_documents_come_back_as_they_were(
    documents: list[tuple[int, str, float, Literal["accepted", "review"]]],
) -> None:
    """Whatever the labels; confidences with their four decimals."""
    pieces = pieces_of(documents)
    assert decode_segments(encode_segments(pieces)) == tuple(
        StoredSegment(
            piece.first, piece.last, piece.label, round_probability(piece.confidence), piece.decision
        )
        for piece in pieces
    )


@pytest.mark.parametrize("text", ["", "a", "a;x", "a;1:0.5", "a;0", "a;0*x:0.5", "a;0:high", "a;-1:0.5"])
def test_another_text_is_refused(text: str) -> None:
    """What is not of the form is said to be, instead of being half understood."""
    with pytest.raises(ValueError, match=r"expected|invalid|convert"):
        decode_segments(text)
