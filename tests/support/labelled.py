"""Labelled documents that are easy to learn from."""

from __future__ import annotations

import random

from training.corpus import LabelledDocument

VOCABULARY = {
    "contract": "agreement party clause signature termination whereas the and of",
    "invoice": "amount total due payment tax the and of",
    "letter": "dear sincerely regards meeting wishes the and of",
}


def labelled_documents(*labels: str, per_label: int = 12) -> list[LabelledDocument]:
    """Give documents of one or two pages, the same at every call; without labels, of all three."""
    draw = random.Random(7)  # noqa: S311 - generates test data
    return [
        LabelledDocument(
            f"{label}-{number}",
            label,
            tuple(" ".join(draw.choices(VOCABULARY[label].split(), k=20)) for _ in range(1 + number % 2)),
        )
        for label in labels or VOCABULARY
        for number in range(per_label)
    ]
