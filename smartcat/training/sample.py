"""Drawing documents from a stream of unknown length, within bounds of number and size."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartcat.training.corpus import LabelledDocument


class Sample:
    """Documents drawn with equal chance: those that drew the smallest numbers, as far as there is room.

    Drawn, not every n-th: where labels take turns, every n-th document may be of one label.
    """

    def __init__(self, most_documents: int, most_characters: int, seed: int, *, few: int = 0) -> None:
        """Start with no document.

        Args:
            most_documents: Documents wanted, at most, >= 1.
            most_characters: Length of their texts, at most; one document is held however long it is.
            seed: The same seed and documents give the same sample.
            few: Documents of each label that are held beyond ``most_documents``, and up to twice
                ``most_characters``, so that no label is missing for being rare.
        """
        self._draw = random.Random(seed)  # noqa: S311 - draws documents, keeps no secret
        self._most = most_documents
        self._most_characters = most_characters
        self._few = few
        self._held: list[tuple[float, int, LabelledDocument]] = []
        self._offered = 0
        self._characters = 0
        self._room = most_documents
        self._character_room = most_characters

    def offer(self, document: LabelledDocument) -> None:
        """Let a document draw."""
        self._held.append((self._draw.random(), self._offered, document))
        self._offered += 1
        self._characters += length(document)
        if len(self._held) > self._room or self._characters > self._character_room:
            self._thin()
            # Room for as many again, so that thinning is rare.
            self._room = max(2 * len(self._held), self._most)
            self._character_room = max(2 * self._characters, self._most_characters)

    def drawn(self) -> tuple[LabelledDocument, ...]:
        """Return what is held, in the order offered."""
        self._thin()
        return tuple(document for _, _, document in sorted(self._held, key=lambda held: held[1]))

    def _thin(self) -> None:
        kept: list[tuple[float, int, LabelledDocument]] = []
        of_label: Counter[str] = Counter()
        characters = 0
        for held in sorted(self._held, key=lambda held: held[:2]):
            document = held[2]
            with_it = characters + length(document)
            room = len(kept) < self._most and with_it <= self._most_characters
            rare = of_label[document.label] < self._few and with_it <= 2 * self._most_characters
            if room or rare or not kept:
                kept.append(held)
                of_label[document.label] += 1
                characters = with_it
        self._held, self._characters = kept, characters


def length(document: LabelledDocument) -> int:
    """Return how many characters the pages of a document have together."""
    return sum(map(len, document.pages))
