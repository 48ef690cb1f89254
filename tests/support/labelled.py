"""Labelled documents that are easy to learn from."""

from __future__ import annotations

import random

from smartcat.training.corpus.labelled_documents import LabelledDocument

VOCABULARY = {
    "contract": "agreement party clause signature termination whereas the and of",
    "invoice": "amount total due payment tax the and of",
    "letter": "dear sincerely regards meeting wishes the and of",
}
COVER = "enclosed please find our ref attached kind attention of the and"


def labelled_documents(*labels: str, per_label: int = 12) -> list[LabelledDocument]:
    """Give documents of one or two pages, the same at every call; without labels, of all three."""
    draw = random.Random(7)  # noqa: S311 - generates test data
    return [
        LabelledDocument(
            f"{label}-{number}",
            label,
            tuple(_page(draw, VOCABULARY[label]) for _ in range(1 + number % 2)),
        )
        for label in labels or VOCABULARY
        for number in range(per_label)
    ]


def documents_with_covers(per_label: int = 12) -> list[LabelledDocument]:
    """Give documents of three pages, the first of which says nothing of what they are."""
    draw = random.Random(8)  # noqa: S311 - generates test data
    return [
        LabelledDocument(
            f"{label}-{number}", label, (_page(draw, COVER), _page(draw, words), _page(draw, words))
        )
        for number in range(per_label)
        for label, words in VOCABULARY.items()
    ]


def labelled_pages(documents: int = 24) -> list[LabelledDocument]:
    """Give scans of two or three pages, each of which has a label of its own."""
    draw = random.Random(9)  # noqa: S311 - generates test data
    scans = []
    for number in range(documents):
        labels = tuple(draw.choices(list(VOCABULARY), k=2 + number % 2))
        pages = tuple(_page(draw, VOCABULARY[label]) for label in labels)
        scans.append(LabelledDocument(f"scan-{number}", labels[0], pages, page_labels=labels))
    return scans


def _page(draw: random.Random, words: str) -> str:
    return " ".join(draw.choices(words.split(), k=20))
