"""Generated documents to learn from."""

from __future__ import annotations

import random

import pytest

from training.corpus import LabelledDocument

VOCABULARY = {
    "contract": "agreement party clause signature termination whereas the and of",
    "invoice": "amount total due payment tax the and of",
    "letter": "dear sincerely regards meeting wishes the and of",
}


@pytest.fixture(scope="session")
def documents() -> list[LabelledDocument]:
    """Three labels, twelve documents each, of one or two pages."""
    draw = random.Random(7)  # noqa: S311 - generates test data
    return [
        LabelledDocument(
            f"{label}-{number}",
            label,
            tuple(" ".join(draw.choices(words.split(), k=20)) for _ in range(1 + number % 2)),
        )
        for label, words in VOCABULARY.items()
        for number in range(12)
    ]
