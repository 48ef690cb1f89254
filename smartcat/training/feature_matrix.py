"""The training set as counted features: built once, and every later step of training works on it.

A :class:`Dataset` holds the counts of every kind of n-gram that is compared; a :class:`FeatureMatrix` is what
one feature specification makes of them. Texts are dropped as soon as they are hashed.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import vstack

from smartcat.classifier.canonical_text import in_form
from smartcat.classifier.page_similarity import distinctive_words
from smartcat.training.corpus.copies import CorpusSurvey
from smartcat.training.corpus.distinct_documents import NearCopySearch
from smartcat.training.corpus.examples import check_labels, check_texts
from smartcat.training.corpus.fingerprint import Fingerprint
from smartcat.training.hashing import hash_documents
from smartcat.training.page_counts import PageCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart, FeatureSpec
    from smartcat.training.corpus.corpus_report import CorpusReport
    from smartcat.training.corpus.distinct_documents import DistinctDocuments
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
        sha256: Fingerprint of ids, labels and texts, in the order read, without copies.
        copies: Index of the first document that each is a copy of, nearly or with another label,
            ``(documents,)``; its own for most. Copies with the same label are left out.
        report: What is unusual about the documents.
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
    copies: npt.NDArray[np.int64]
    report: CorpusReport

    @property
    def page_targets(self) -> npt.NDArray[np.int64]:
        """Index of each page's label, ``(pages,)``."""
        return self.targets[self.examples]

    @property
    def first_pages(self) -> npt.NDArray[np.bool_]:
        """Whether each page is the first of its document that has a feature, ``(pages,)``."""
        documents = self.groups[self.examples]
        return np.append(True, documents[1:] != documents[:-1])

    @property
    def counted_pages(self) -> npt.NDArray[np.bool_]:
        """Whether each page is of a document that is no copy, and counts when held out, ``(pages,)``."""
        documents = self.groups[self.examples]
        counted: npt.NDArray[np.bool_] = self.copies[documents] == documents
        return counted

    def distinct_pages(self, pages: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | None:
        """Return equal numbers for pages that copies have in common, ``(pages,)``; ``None`` if none have.

        Args:
            pages: Indices of the pages.
        """
        documents = self.groups[self.examples]
        first = self.copies[documents]
        if (first == documents).all():
            return None
        starts = np.flatnonzero(self.first_pages)
        number = np.arange(len(documents)) - np.repeat(starts, np.diff(np.append(starts, len(documents))))
        return (first * (int(number.max()) + 1) + number)[pages]

    def examples_per_label(self) -> dict[str, int]:
        """Return how many examples carry each label."""
        sizes = np.bincount(self.targets, minlength=len(self.labels)).tolist()
        return dict(zip(self.labels, sizes, strict=True))

    def matrix(self, spec: FeatureSpec) -> FeatureMatrix:
        """Return the counts as the vectorizer of a specification would give them."""
        return FeatureMatrix(self, spec, PageCounts(tuple(self.counts[part] for part in spec.parts)))


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMatrix:
    """The pages of a data set as one feature specification counts them.

    Attributes:
        data: Labels, examples and documents of the pages.
        spec: How text became features.
        counts: Counts, ``pages x width``.
    """

    data: Dataset
    spec: FeatureSpec
    counts: PageCounts

    def distinct_features(self, pages: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.int64]:
        """Return how many distinct features of each part pages have, ``pages x parts``.

        Args:
            pages: Indices of the pages; ``None`` for all.
        """
        return (self.counts if pages is None else self.counts[pages]).entries_per_part()


def build_dataset(
    documents: Iterable[LabelledDocument],
    spec: FeatureSpec,
    parts: Sequence[FeaturePart],
    progress: Progress,
    *,
    labels: tuple[str, ...] | None = None,
    survey: CorpusSurvey | None = None,
    distinct: DistinctDocuments | None = None,
) -> Dataset:
    """Count the features of every page of every distinct document.

    Args:
        documents: What to learn from; read once.
        spec: What features of all parts have in common; its own parts are ignored.
        parts: The kinds of n-grams to count.
        progress: Called with ``("read", documents so far, 0)``.
        labels: All labels in alphabetical order, for documents that are a sample of more; it may lack any.
        survey: Leaves the copies out, and knows then what was read; by default one of its own.
        distinct: What was found out about the documents, where copies were left out of them before.

    Returns:
        The data set.

    Raises:
        TrainingError: There is no document, fewer than two labels, more labels than a model may have, or a
            label without any text.
    """
    fingerprint = Fingerprint()
    survey = survey or CorpusSurvey()
    search = NearCopySearch()
    corrected = 0

    def counted() -> Iterator[LabelledDocument]:
        nonlocal corrected
        for number, document in enumerate(documents if distinct else survey.distinct(documents), start=1):
            fingerprint.add(document)
            corrected += document.corrected
            yield document
            progress("read", number, 0)

    chunks: list[Chunk] = []
    words: list[npt.NDArray[np.uint32]] = []
    for chunk in hash_documents(counted(), spec, parts):
        texts = [in_form(spec.canonical, text) for text in chunk.texts]
        words.extend(_hashes(distinctive_words(text)) for text in texts)
        if distinct is None:
            of_page = [chunk.labels[example] for example in chunk.examples.tolist()]
            search.add(texts, of_page, chunk.groups[chunk.examples], int(chunk.groups[-1]) + 1)
        chunks.append(replace(chunk, texts=()))
    label_of_example = [label for chunk in chunks for label in chunk.labels]
    examples = _concatenate_indices([(chunk.examples, len(chunk.labels)) for chunk in chunks])
    if labels is None:
        labels = check_labels(set(label_of_example))
        check_texts(labels, {label_of_example[example] for example in examples.tolist()})
    index_of = {label: index for index, label in enumerate(labels)}
    targets = np.array([index_of[label] for label in label_of_example], dtype=np.int64)
    groups = _concatenate_indices([(chunk.groups, int(chunk.groups[-1]) + 1) for chunk in chunks])
    if distinct is None:
        copies, report = search.finish(survey, _label_of_group(targets, groups))
    else:
        copies, report = distinct.copies, distinct.report
    return Dataset(
        labels=labels,
        counts={part: vstack([chunk.counts[part] for chunk in chunks], format="csr") for part in parts},
        examples=examples,
        targets=targets,
        groups=groups,
        distinctive_words=tuple(words),
        blank_pages=sum(chunk.blank_pages for chunk in chunks),
        blank_first=sum(chunk.blank_first for chunk in chunks),
        blank_last=sum(chunk.blank_last for chunk in chunks),
        corrected=corrected,
        sha256=fingerprint.hexdigest(),
        copies=copies,
        report=report,
    )


def _label_of_group(targets: npt.NDArray[np.int64], groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the label of each document; those of several have one of their own together."""
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    label = targets[first]
    label[np.unique(group[label[group] != targets])] = targets.max() + 1
    return label


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
