"""How much of a corpus is boilerplate: runs of words that most pages of every label have. Arrays only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix, vstack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.classifier.features import Csr

_MAX_ENTRIES: Final = 200_000
"""Runs of words that a sample holds: hundreds of pages tell what all of them share."""
_MIN_PER_LABEL: Final = 5
"""Pages of each label below which nothing is said: what all of two pages share may be chance."""


class BoilerplateSample:
    """Pages of a corpus, thinned out evenly for each label as they become too many."""

    def __init__(self) -> None:
        """Start with no page."""
        self._pages: list[Csr] = []
        self._labels: list[list[str]] = []
        self._seen: Counter[str] = Counter()
        self._stride = 1
        self._entries = 0

    def add(self, counts: Csr, labels: Sequence[str]) -> None:
        """Consider pages.

        Args:
            counts: Their shingles, ``pages x width``; see :mod:`smartcat.training.corpus.near_copies`.
            labels: The label of each.
        """
        kept = []
        for page, label in enumerate(labels):
            if self._seen[label] % self._stride == 0:
                kept.append(page)
            self._seen[label] += 1
        self._append(counts[kept], [labels[page] for page in kept])
        while self._entries > _MAX_ENTRIES and self._stride < max(self._seen.values()):
            self._thin_out()

    def share(self) -> float | None:
        """Return the share of the text that most pages of every label have, 0..1; ``None`` if unknown."""
        labels = [label for chunk in self._labels for label in chunk]
        sizes = Counter(labels)
        if len(sizes) < 2 or min(sizes.values()) < _MIN_PER_LABEL:
            return None
        counts = vstack(self._pages, format="csr")
        row_of = {label: row for row, label in enumerate(sizes)}
        rows = [row_of[label] for label in labels]
        present = csr_matrix((np.ones(counts.nnz), counts.indices, counts.indptr), counts.shape)
        members = csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))), (len(sizes), len(rows)))
        pages_with = (members @ present).tocsr()
        most = pages_with.data > np.repeat(np.array(list(sizes.values())) / 2, np.diff(pages_with.indptr))
        everywhere = np.bincount(pages_with.indices[most], minlength=counts.shape[1]) == len(sizes)
        total = float(counts.data.sum())
        return float(counts.data[everywhere[counts.indices]].sum()) / total if total else None

    def _append(self, counts: Csr, labels: list[str]) -> None:
        self._pages.append(counts)
        self._labels.append(labels)
        self._entries += counts.nnz

    def _thin_out(self) -> None:
        """Keep every other page of each label."""
        pages, labels = self._pages, self._labels
        self._pages, self._labels, self._entries = [], [], 0
        self._stride *= 2
        number: Counter[str] = Counter()
        for counts, names in zip(pages, labels, strict=True):
            kept = []
            for page, label in enumerate(names):
                if number[label] % 2 == 0:
                    kept.append(page)
                number[label] += 1
            self._append(counts[kept], [names[page] for page in kept])
