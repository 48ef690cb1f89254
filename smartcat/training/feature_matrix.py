"""The training set as counted features: built once, and every later step of training works on it.

A :class:`Dataset` holds the counts of every kind of n-gram that is compared; a :class:`FeatureMatrix` is what
one feature specification makes of them. Texts are dropped as soon as they are hashed.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import hstack, vstack

from smartcat.classifier.canonical_text import in_form
from smartcat.classifier.features import entries_per_part
from smartcat.classifier.page_similarity import distinctive_words
from smartcat.training.corpus.examples import check_labels, check_texts
from smartcat.training.corpus.fingerprint import Fingerprint
from smartcat.training.hashing import hash_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart, FeatureSpec
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.hashing import Chunk
    from smartcat.training.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Pages to learn from. Every page has a feature; pages without any were left out.

    An example is what gets one label: a document, or a page where pages have labels of their own.

    Attributes:
        labels: The labels in alphabetical order; at least two.
        counts: CSR matrix of counts of each kind of n-gram, ``pages x n_features``.
        examples: Index of each page's example, ``(pages,)``, ascending.
        targets: Index of each example's label, ``(examples,)``.
        groups: Index of each example's document, ``(examples,)``, ascending.
        distinctive_words: Hashes of each page's distinctive words (see
            :mod:`smartcat.classifier.page_similarity`), ascending.
        blank_pages: How many pages were left out.
        blank_first: Documents of several pages of which the first was left out.
        blank_last: Documents of several pages of which the last was left out.
        corrected: How many documents have a corrected label.
        sha256: Fingerprint of ids, labels and texts, in the order read.
    """

    labels: tuple[str, ...]
    counts: dict[FeaturePart, Csr]
    examples: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    distinctive_words: tuple[npt.NDArray[np.uint32], ...]
    blank_pages: int
    blank_first: int
    blank_last: int
    corrected: int
    sha256: str

    @property
    def page_targets(self) -> npt.NDArray[np.int64]:
        """Index of each page's label, ``(pages,)``."""
        return self.targets[self.examples]

    @property
    def first_pages(self) -> npt.NDArray[np.bool_]:
        """Whether each page is the first of its document that has a feature, ``(pages,)``."""
        documents = self.groups[self.examples]
        return np.append(True, documents[1:] != documents[:-1])

    def examples_per_label(self) -> dict[str, int]:
        """Return how many examples carry each label."""
        sizes = np.bincount(self.targets, minlength=len(self.labels)).tolist()
        return dict(zip(self.labels, sizes, strict=True))

    def matrix(self, spec: FeatureSpec) -> FeatureMatrix:
        """Return the counts as the vectorizer of a specification would give them."""
        return FeatureMatrix(self, spec, stack_parts(self.counts, spec))


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMatrix:
    """The pages of a data set as one feature specification counts them.

    Attributes:
        data: Labels, examples and documents of the pages.
        spec: How text became features.
        counts: CSR matrix of counts, ``pages x width``.
    """

    data: Dataset
    spec: FeatureSpec
    counts: Csr

    def distinct_features(self, pages: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.int64]:
        """Return how many distinct features of each part pages have, ``pages x parts``.

        Args:
            pages: Indices of the pages; ``None`` for all.
        """
        part_starts = np.arange(len(self.spec.parts), dtype=np.int64) * self.spec.n_features
        return entries_per_part(self.counts if pages is None else self.counts[pages], part_starts)


def stack_parts(counts: Mapping[FeaturePart, Csr], spec: FeatureSpec) -> Csr:
    """Return the counts of a specification's parts side by side, ``pages x width``."""
    parts = [counts[part] for part in spec.parts]
    return parts[0] if len(parts) == 1 else hstack(parts, format="csr")


def build_dataset(
    documents: Iterable[LabelledDocument],
    spec: FeatureSpec,
    parts: Sequence[FeaturePart],
    progress: Progress,
    *,
    labels: tuple[str, ...] | None = None,
) -> Dataset:
    """Count the features of every page.

    Args:
        documents: What to learn from; read once.
        spec: What features of all parts have in common; its own parts are ignored.
        parts: The kinds of n-grams to count.
        progress: Called with ``("read", documents so far, 0)``.
        labels: All labels in alphabetical order, for documents that are a sample of more; it may lack any.

    Returns:
        The data set.

    Raises:
        TrainingError: There is no document, fewer than two labels, more labels than a model may have, or a
            label without any text.
    """
    fingerprint = Fingerprint()
    corrected = 0

    def counted() -> Iterator[LabelledDocument]:
        nonlocal corrected
        for number, document in enumerate(documents, start=1):
            fingerprint.add(document)
            corrected += document.corrected
            yield document
            progress("read", number, 0)

    chunks: list[Chunk] = []
    words: list[npt.NDArray[np.uint32]] = []
    for chunk in hash_documents(counted(), spec, parts):
        texts = (in_form(spec.canonical, text) for text in chunk.texts)
        words.extend(_hashes(distinctive_words(text)) for text in texts)
        chunks.append(replace(chunk, texts=()))
    label_of_example = [label for chunk in chunks for label in chunk.labels]
    examples = _concatenate_indices([(chunk.examples, len(chunk.labels)) for chunk in chunks])
    if labels is None:
        labels = check_labels(set(label_of_example))
        check_texts(labels, {label_of_example[example] for example in examples.tolist()})
    index_of = {label: index for index, label in enumerate(labels)}
    return Dataset(
        labels=labels,
        counts={part: vstack([chunk.counts[part] for chunk in chunks], format="csr") for part in parts},
        examples=examples,
        targets=np.array([index_of[label] for label in label_of_example], dtype=np.int64),
        groups=_concatenate_indices([(chunk.groups, int(chunk.groups[-1]) + 1) for chunk in chunks]),
        distinctive_words=tuple(words),
        blank_pages=sum(chunk.blank_pages for chunk in chunks),
        blank_first=sum(chunk.blank_first for chunk in chunks),
        blank_last=sum(chunk.blank_last for chunk in chunks),
        corrected=corrected,
        sha256=fingerprint.hexdigest(),
    )


def _concatenate_indices(chunks: list[tuple[npt.NDArray[np.int64], int]]) -> npt.NDArray[np.int64]:
    """Return indices within chunks, each given with the chunk's size, as indices into all of them."""
    shifted, offset = [np.zeros(0, dtype=np.int64)], 0
    for indices, size in chunks:
        shifted.append(indices + offset)
        offset += size
    return np.concatenate(shifted)


def _hashes(words: frozenset[str]) -> npt.NDArray[np.uint32]:
    # Words that share a hash count as one: that is the case on one of ten million pairs of pages.
    return np.unique(
        np.fromiter((zlib.crc32(word.encode(errors="replace")) for word in words), dtype=np.uint32)
    )
