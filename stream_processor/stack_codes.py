"""The documents of a stack as one short text, and back. Pure; knows neither tables nor models.

``payslip,loan_offer;0*3:0.9821,1:0.4310?`` is a payslip on pages 1 to 3 and, for review, a loan offer on
page 4: the labels once, then for each document its label's place, its pages if more than one, and its
confidence. Five thousand documents take some 60 KB, however long their labels are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import unquote

from smartcat.classifier.decision import round_probability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.page_stream_segmentation import Segment

_REVIEW: Final = "?"


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """One document of a stack, as its result says.

    Attributes:
        first: Number of its first page, from 1.
        last: Number of its last page.
        label: What it is.
        confidence: Probability that it is that and is cut right, 0..1.
        decision: ``accepted`` or ``review``.
    """

    first: int
    last: int
    label: str
    confidence: float
    decision: Literal["accepted", "review"]


def encode_pieces(pieces: Sequence[Segment]) -> str:
    """Write the documents of a stack; a percent sign, comma or semicolon in a label is percent-encoded."""
    labels = {label: place for place, label in enumerate(dict.fromkeys(piece.label for piece in pieces))}
    return (
        ",".join(map(_escape, labels))
        + ";"
        + ",".join(_encode(piece, labels[piece.label]) for piece in pieces)
    )


def decode_pieces(text: str) -> tuple[StoredPiece, ...]:
    """Read what ``encode_pieces`` wrote.

    Raises:
        ValueError: The text is not of that form.
    """
    named, semicolon, rest = text.partition(";")
    if not semicolon:
        raise ValueError("expected labels, a semicolon, and documents")
    labels = [unquote(name) for name in named.split(",")]
    pieces: list[StoredPiece] = []
    for code in rest.split(",") if rest else ():
        place, colon, confidence = code.partition(":")
        index, star, pages = place.partition("*")
        first = pieces[-1].last + 1 if pieces else 1
        if not colon or not 0 <= int(index) < len(labels):
            raise ValueError("expected the place of a label, a colon, and a confidence")
        pieces.append(
            StoredPiece(
                first,
                first + (int(pages) if star else 1) - 1,
                labels[int(index)],
                float(confidence.removesuffix(_REVIEW)),
                "review" if confidence.endswith(_REVIEW) else "accepted",
            )
        )
    return tuple(pieces)


def _encode(piece: Segment, place: int) -> str:
    pages = f"*{piece.pages}" if piece.pages > 1 else ""
    mark = _REVIEW if piece.decision == "review" else ""
    return f"{place}{pages}:{round_probability(piece.confidence):.4f}{mark}"


def _escape(label: str) -> str:
    return label.replace("%", "%25").replace(",", "%2C").replace(";", "%3B")
