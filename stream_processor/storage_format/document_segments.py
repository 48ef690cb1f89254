"""The documents that a stack of pages was split into, as one short text, and back. Pure; knows no tables.

``payslip,loan_offer;0*3:0.9821,1:0.4310?`` is a payslip on pages 1 to 3 and, for review, a loan offer on
page 4: the labels once, then for each document the index of its label, its number of pages if more than one,
and its confidence. Five thousand documents take some 60 KB, however long their labels are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from urllib.parse import unquote

from smartcat.classifier.decision import round_probability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.page_stream_segmentation import Segment

_REVIEW: Final = "?"


class StoredSegment(NamedTuple):
    """One document of a stack, as its result has it.

    Attributes:
        first: Number of its first page, from 1.
        last: Number of its last page.
        label: What it is.
        confidence: Probability that label and boundaries are right, 0..1.
        decision: ``accepted`` or ``review``.
    """

    first: int
    last: int
    label: str
    confidence: float
    decision: Literal["accepted", "review"]


def encode_segments(segments: Sequence[Segment]) -> str:
    """Return the documents of a stack as text; percent sign, comma and semicolon in a label are encoded."""
    indices = {label: index for index, label in enumerate(dict.fromkeys(each.label for each in segments))}
    return (
        ",".join(map(_escape, indices))
        + ";"
        + ",".join(_encode(each, indices[each.label]) for each in segments)
    )


def decode_segments(text: str) -> tuple[StoredSegment, ...]:
    """Return the documents that ``encode_segments`` was given.

    Raises:
        ValueError: The text is not of that form.
    """
    named, semicolon, rest = text.partition(";")
    if not semicolon:
        raise ValueError("expected labels, a semicolon, and documents")
    labels = [unquote(name) for name in named.split(",")]
    segments: list[StoredSegment] = []
    for code in rest.split(",") if rest else ():
        pages_of_label, colon, confidence = code.partition(":")
        index, star, pages = pages_of_label.partition("*")
        first = segments[-1].last + 1 if segments else 1
        if not colon or not 0 <= int(index) < len(labels):
            raise ValueError("expected the index of a label, a colon, and a confidence")
        segments.append(
            StoredSegment(
                first,
                first + (int(pages) if star else 1) - 1,
                labels[int(index)],
                float(confidence.removesuffix(_REVIEW)),
                "review" if confidence.endswith(_REVIEW) else "accepted",
            )
        )
    return tuple(segments)


def _encode(segment: Segment, index: int) -> str:
    pages = f"*{segment.pages}" if segment.pages > 1 else ""
    mark = _REVIEW if segment.decision == "review" else ""
    return f"{index}{pages}:{round_probability(segment.confidence):.4f}{mark}"


def _escape(label: str) -> str:
    return label.replace("%", "%25").replace(",", "%2C").replace(";", "%3B")
