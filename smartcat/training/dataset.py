"""Labelled documents as counted features: the texts are let go as soon as they are hashed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import hstack, vstack

from smartcat.classifier.format_limits import MAX_LABELS
from smartcat.classifier.page_similarity import distinctive_words
from smartcat.training.errors import TrainingError
from smartcat.training.hashing import Fingerprint, hash_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart, FeatureSpec
    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.hashing import Chunk

    Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Pages to learn from. Every page has a feature; pages without any were left out.

    A unit is what gets one label: a document, or a page where pages have labels of their own.

    Attributes:
        labels: The labels in alphabetical order; at least two.
        counts: CSR matrix of counts of each kind of n-gram, ``pages x n_features``.
        owners: Index of each page's unit, ``(pages,)``, ascending.
        targets: Index of each unit's label, ``(units,)``.
        groups: Index of each unit's document, ``(units,)``, ascending.
        telling: Hashes of each page's telling words (see :mod:`smartcat.classifier.page_similarity`),
            ascending.
        blank_pages: How many pages were left out.
        blank_first: Documents of several pages of which the first was.
        blank_last: Documents of several pages of which the last was.
        corrected: How many units have a corrected label.
        sha256: Fingerprint of ids, labels and features, in the order read.
    """

    labels: tuple[str, ...]
    counts: dict[FeaturePart, Csr]
    owners: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    telling: tuple[npt.NDArray[np.uint32], ...]
    blank_pages: int
    blank_first: int
    blank_last: int
    corrected: int
    sha256: str

    @property
    def page_targets(self) -> npt.NDArray[np.int64]:
        """Index of each page's label, ``(pages,)``."""
        return self.targets[self.owners]

    @property
    def first_pages(self) -> npt.NDArray[np.bool_]:
        """Whether each page is the first of its document that has a feature, ``(pages,)``."""
        documents = self.groups[self.owners]
        return np.append(True, documents[1:] != documents[:-1])

    def counts_of(self, spec: FeatureSpec) -> Csr:
        """Return the counts as the vectorizer of a spec would give them, ``pages x width``."""
        parts = [self.counts[part] for part in spec.parts]
        return parts[0] if len(parts) == 1 else hstack(parts, format="csr")

    def units_per_label(self) -> dict[str, int]:
        """Return how many units carry each label."""
        sizes = np.bincount(self.targets, minlength=len(self.labels)).tolist()
        return dict(zip(self.labels, sizes, strict=True))


def collect(
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
        spec: What features of all parts have in common; its own parts are not looked at.
        parts: The kinds of n-grams to count.
        progress: Told ``("read", documents so far, 0)``.
        labels: All labels in alphabetical order, for documents that are a sample of more; it may lack any.

    Returns:
        The data set.

    Raises:
        TrainingError: There is no document, fewer than two labels, more labels than a model may have, or a
            label without any text.
    """
    digest = Fingerprint()
    corrected = 0

    def noted() -> Iterator[LabelledDocument]:
        nonlocal corrected
        for number, document in enumerate(documents, start=1):
            digest.note(document)
            corrected += document.corrected
            yield document
            progress("read", number, 0)

    chunks: list[Chunk] = []
    telling: list[npt.NDArray[np.uint32]] = []
    for chunk in hash_documents(noted(), spec, parts):
        telling.extend(_hashes(distinctive_words(text)) for text in chunk.texts)
        chunks.append(replace(chunk, texts=()))
    names = [name for chunk in chunks for name in chunk.names]
    owners = _numbered([(chunk.owners, len(chunk.names)) for chunk in chunks])
    if labels is None:
        labels = check_labels(set(names))
        check_texts(labels, {names[owner] for owner in owners.tolist()})
    index_of = {label: index for index, label in enumerate(labels)}
    return Dataset(
        labels=labels,
        counts={part: vstack([chunk.counts[part] for chunk in chunks], format="csr") for part in parts},
        owners=owners,
        targets=np.array([index_of[name] for name in names], dtype=np.int64),
        groups=_numbered([(chunk.groups, int(chunk.groups[-1]) + 1) for chunk in chunks]),
        telling=tuple(telling),
        blank_pages=sum(chunk.blank_pages for chunk in chunks),
        blank_first=sum(chunk.blank_first for chunk in chunks),
        blank_last=sum(chunk.blank_last for chunk in chunks),
        corrected=corrected,
        sha256=digest.hexdigest(),
    )


def _numbered(places: list[tuple[npt.NDArray[np.int64], int]]) -> npt.NDArray[np.int64]:
    """Join places within chunks of so many to places in all of them."""
    found, before = [np.zeros(0, dtype=np.int64)], 0
    for each, size in places:
        found.append(each + before)
        before += size
    return np.concatenate(found)


def check_labels(names: Collection[str]) -> tuple[str, ...]:
    """Put the labels that occur in alphabetical order.

    Raises:
        TrainingError: There is none, only one, or more than a model may have.
    """
    labels = tuple(sorted(names))
    if not labels:
        raise TrainingError("there is no document to learn from")
    if len(labels) == 1:
        raise TrainingError(f"every document has the label {labels[0]!r}; expected two labels or more")
    if len(labels) > MAX_LABELS:
        raise TrainingError(f"{len(labels)} labels are more than a model may hold, which is {MAX_LABELS}")
    return labels


def check_texts(labels: tuple[str, ...], with_text: Collection[str]) -> None:
    """Refuse labels of which no page has a feature.

    Raises:
        TrainingError: Names the first of them.
    """
    textless = [label for label in labels if label not in with_text]
    if textless:
        raise TrainingError(f"no document with the label {textless[0]!r} holds any word to learn from")


def _hashes(words: frozenset[str]) -> npt.NDArray[np.uint32]:
    # Words that share a hash are taken for one: one in ten million pairs of pages has such.
    return np.unique(
        np.fromiter((zlib.crc32(word.encode(errors="replace")) for word in words), dtype=np.uint32)
    )
