"""Labelled corpora of some size, generated: words that tell the label, words that do not, and slips."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from smartcat.training.corpus.labelled_documents import LabelledDocument

if TYPE_CHECKING:
    from collections.abc import Sequence


def noisy_documents(
    labels: Sequence[str], per_label: int, *, seed: int = 3, pages: int = 1
) -> list[LabelledDocument]:
    """Give documents in turns of their labels that nothing tells apart with certainty.

    A page has 12 words: some of its label's 40, some of another label's, and some that all labels share.
    """
    draw = random.Random(seed)  # noqa: S311 - generates test data
    documents = []
    for number in range(per_label):
        for place, label in enumerate(labels):
            texts = []
            for _ in range(pages):
                other = draw.randrange(len(labels))
                words = [f"w{place}x{draw.randrange(40)}" for _ in range(5)]
                words += [f"w{other}x{draw.randrange(40)}" for _ in range(2)]
                words += [f"common{draw.randrange(60)}" for _ in range(5)]
                texts.append(" ".join(words))
            documents.append(LabelledDocument(f"{label}-{number}", label, tuple(texts)))
    return documents
