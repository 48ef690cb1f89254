"""Feature hashing, a chunk of documents at a time, so that only one chunk's text is in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.corpus.chunks import chunks
from smartcat.training.corpus.examples import examples_of
from smartcat.training.ngram_counting import count_ngrams

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart, FeatureSpec
    from smartcat.training.corpus.labelled_documents import LabelledDocument


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Whole documents, counted.

    Attributes:
        counts: CSR matrix of counts of each kind of n-gram, ``pages x n_features``; pages without any
            feature are left out.
        examples: Index of each page's example in the chunk, ``(pages,)``, ascending.
        texts: Text of each page.
        labels: Label of each example.
        groups: Index of each example's document in the chunk, ascending.
        blank_pages: Pages left out.
        blank_first: Documents of several pages of which the first was left out.
        blank_last: Documents of several pages of which the last was left out.
    """

    counts: dict[FeaturePart, Csr]
    examples: npt.NDArray[np.int64]
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    groups: npt.NDArray[np.int64]
    blank_pages: int
    blank_first: int
    blank_last: int


def hash_documents(
    documents: Iterable[LabelledDocument], spec: FeatureSpec, parts: Sequence[FeaturePart]
) -> Iterator[Chunk]:
    """Count the features of every page.

    Args:
        documents: What to count; read once.
        spec: What features of all parts have in common; its own parts are ignored.
        parts: The kinds of n-grams to count.

    Yields:
        The documents, chunk by chunk, in their order.
    """
    for chunk in chunks(documents):
        pending = _PendingDocuments()
        for document in chunk:
            pending.add(document)
        yield pending.count(spec, parts)


@dataclass(slots=True)
class _PendingDocuments:
    """Documents that are not counted yet."""

    texts: list[str] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)
    first_or_last: list[tuple[bool, bool]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    documents: int = 0

    def add(self, document: LabelledDocument) -> None:
        last = len(document.pages) - 1
        for label, pages in examples_of(document):
            self.examples.extend(repeat(len(self.labels), len(pages)))
            self.texts.extend(pages)
            self.labels.append(label)
            self.groups.append(self.documents)
        self.first_or_last.extend(
            (last > 0 and page == 0, last > 0 and page == last) for page in range(last + 1)
        )
        self.documents += 1

    def count(self, spec: FeatureSpec, parts: Sequence[FeaturePart]) -> Chunk:
        counts_of_part = {part: count_ngrams(spec, part, self.texts) for part in parts}
        features_on_page = np.zeros(len(self.texts), dtype=np.int64)
        for counts in counts_of_part.values():
            features_on_page += np.diff(counts.indptr)
        kept = np.flatnonzero(features_on_page)
        blank = [self.first_or_last[page] for page in np.flatnonzero(features_on_page == 0)]
        return Chunk(
            counts={part: counts[kept] for part, counts in counts_of_part.items()},
            examples=np.array(self.examples, dtype=np.int64)[kept],
            texts=tuple(self.texts[page] for page in kept),
            labels=tuple(self.labels),
            groups=np.array(self.groups, dtype=np.int64),
            blank_pages=len(blank),
            blank_first=sum(first for first, _ in blank),
            blank_last=sum(last for _, last in blank),
        )
