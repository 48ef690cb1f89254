"""A random sample of documents from a stream of unknown length, bounded in number and size."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartcat.training.corpus.labelled_documents import LabelledDocument


class DocumentSample:
    """Documents sampled with equal probability: each gets a random key, and the smallest keys stay.

    Random, not every n-th: where labels alternate, every n-th document may be of one label.
    """

    def __init__(self, max_documents: int, max_characters: int, seed: int, *, min_per_label: int = 0) -> None:
        """Start with no document.

        Args:
            max_documents: Documents wanted, at most, >= 1.
            max_characters: Length of their texts, at most; one document is kept however long it is.
            seed: The same seed and documents give the same sample.
            min_per_label: Documents of each label that are kept beyond ``max_documents``, and up to twice
                ``max_characters``, so that no label is missing for being rare.
        """
        self._random = random.Random(seed)  # noqa: S311 - samples documents, keeps no secret
        self._max_documents = max_documents
        self._max_characters = max_characters
        self._min_per_label = min_per_label
        self._kept: list[tuple[float, int, LabelledDocument]] = []
        self._added = 0
        self._characters = 0
        self._document_capacity = max_documents
        self._character_capacity = max_characters

    def add(self, document: LabelledDocument) -> None:
        """Consider a document for the sample."""
        self._kept.append((self._random.random(), self._added, document))
        self._added += 1
        self._characters += text_length(document)
        if len(self._kept) > self._document_capacity or self._characters > self._character_capacity:
            self._prune()
            # Capacity for as many again, so that pruning is rare.
            self._document_capacity = max(2 * len(self._kept), self._max_documents)
            self._character_capacity = max(2 * self._characters, self._max_characters)

    def documents(self) -> tuple[LabelledDocument, ...]:
        """Return the sample, in the order added."""
        self._prune()
        return tuple(document for _, _, document in sorted(self._kept, key=lambda kept: kept[1]))

    def _prune(self) -> None:
        kept: list[tuple[float, int, LabelledDocument]] = []
        of_label: Counter[str] = Counter()
        characters = 0
        for entry in sorted(self._kept, key=lambda entry: entry[:2]):
            document = entry[2]
            total = characters + text_length(document)
            fits = len(kept) < self._max_documents and total <= self._max_characters
            rare = of_label[document.label] < self._min_per_label and total <= 2 * self._max_characters
            if fits or rare or not kept:
                kept.append(entry)
                of_label[document.label] += 1
                characters = total
        self._kept, self._characters = kept, characters


def text_length(document: LabelledDocument) -> int:
    """Return how many characters the pages of a document have together."""
    return sum(map(len, document.pages))
