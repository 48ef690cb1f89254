"""Labelled documents as counted features: the texts are let go as soon as they are hashed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from scipy.sparse import vstack

from classifier.features import count_features
from classifier.limits import MAX_ARRAY_BYTES, MAX_LABELS
from training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from classifier.features import Csr
    from classifier.spec import FeatureSpec
    from training.corpus import LabelledDocument

    Progress: TypeAlias = Callable[[str, int, int], None]

_CHUNK_PAGES: Final = 512
_CHUNK_CHARS: Final = 4 * 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Pages to learn from. Every page has a feature; pages without any were left out.

    Attributes:
        labels: The labels in alphabetical order; at least two.
        counts: CSR matrix of counts, ``pages x n_features``.
        owners: Index of each page's document, ``(pages,)``, ascending.
        targets: Index of each document's label, ``(documents,)``.
        blank_pages: How many pages were left out.
    """

    labels: tuple[str, ...]
    counts: Csr
    owners: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    blank_pages: int

    def documents_per_label(self) -> dict[str, int]:
        """Return how many documents carry each label."""
        sizes = np.bincount(self.targets, minlength=len(self.labels)).tolist()
        return dict(zip(self.labels, sizes, strict=True))


def collect(documents: Iterable[LabelledDocument], spec: FeatureSpec, progress: Progress) -> Dataset:
    """Count the features of every page.

    Args:
        documents: What to learn from; read once.
        spec: What a feature is.
        progress: Told ``("read", documents so far, 0)``.

    Returns:
        The data set.

    Raises:
        TrainingError: There is no document, fewer than two labels, more labels than a model may have, or a
            label without any text.
    """
    hashed = _Hashed(spec)
    names: list[str] = []
    for index, document in enumerate(documents):
        names.append(document.label)
        hashed.add(index, document.pages)
        progress("read", index + 1, 0)
    counts, owners = hashed.finish()
    labels = _labels(names, {names[owner] for owner in owners.tolist()}, spec)
    index_of = {label: index for index, label in enumerate(labels)}
    return Dataset(
        labels=labels,
        counts=counts,
        owners=owners,
        targets=np.array([index_of[name] for name in names], dtype=np.int64),
        blank_pages=hashed.blank_pages,
    )


def _labels(names: list[str], with_text: set[str], spec: FeatureSpec) -> tuple[str, ...]:
    labels = tuple(sorted(Counter(names)))
    if not labels:
        raise TrainingError("there is no document to learn from")
    if len(labels) == 1:
        raise TrainingError(f"every document has the label {labels[0]!r}; expected two labels or more")
    textless = [label for label in labels if label not in with_text]
    if textless:
        raise TrainingError(f"no document with the label {textless[0]!r} holds any word to learn from")
    if len(labels) > MAX_LABELS or spec.n_features * len(labels) * 4 > MAX_ARRAY_BYTES:
        size = f"{len(labels)} labels with {spec.n_features} features"
        raise TrainingError(f"{size} are more than a model may hold; expected fewer labels or features")
    return labels


class _Hashed:
    """Collects pages and hashes them chunk by chunk, so that only one chunk's text is in memory."""

    def __init__(self, spec: FeatureSpec) -> None:
        self._spec = spec
        self._texts: list[str] = []
        self._text_owners: list[int] = []
        self._chars = 0
        self._parts: list[Csr] = []
        self._owners: list[npt.NDArray[np.int64]] = []
        self.blank_pages = 0

    def add(self, owner: int, pages: tuple[str, ...]) -> None:
        self._texts.extend(pages)
        self._text_owners.extend(repeat(owner, len(pages)))
        self._chars += sum(map(len, pages))
        if len(self._texts) >= _CHUNK_PAGES or self._chars >= _CHUNK_CHARS:
            self._hash()

    def finish(self) -> tuple[Csr, npt.NDArray[np.int64]]:
        self._hash()
        return vstack(self._parts, format="csr"), np.concatenate(self._owners)

    def _hash(self) -> None:
        counts = count_features(self._spec, self._texts)
        kept = np.flatnonzero(np.diff(counts.indptr))
        self._parts.append(counts[kept])
        self._owners.append(np.array(self._text_owners, dtype=np.int64)[kept])
        self.blank_pages += len(self._texts) - len(kept)
        self._texts, self._text_owners, self._chars = [], [], 0
