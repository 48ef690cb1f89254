"""The pass that hashes a corpus larger than memory: its counts go to the spool, its totals stay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import hstack

from smartcat.training.dataset import check_texts
from smartcat.training.errors import CorpusError
from smartcat.training.folds import in_last_fold
from smartcat.training.hashing import Fingerprint, hash_documents
from smartcat.training.spool import Pages
from smartcat.training.survey import leading_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from smartcat.classifier.spec import FeatureSpec
    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.dataset import Progress
    from smartcat.training.hashing import Chunk
    from smartcat.training.sample import Sample
    from smartcat.training.spool import Spool
    from smartcat.training.survey import Survey


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """What is known of the pages in a spool. Of two rows the first is of pages that are not held out.

    Attributes:
        frequency: How many pages have each feature, uint32, ``2 x width``.
        pages: How many pages have any feature, by label, ``2 x labels``.
        blank_pages: How many pages have none, and are not in the spool.
        held: Held-out documents, in their order: all, or as many as there is room for, drawn.
    """

    frequency: npt.NDArray[np.uint32]
    pages: npt.NDArray[np.int64]
    blank_pages: int
    held: tuple[LabelledDocument, ...]


class HeldDocuments:
    """The documents that :func:`smartcat.training.folds.block_folds` would put into the last fold."""

    def __init__(self, found: Survey, folds: int, sample: Sample) -> None:
        """Start before the first document.

        Args:
            found: What the survey of the corpus found.
            folds: Folds there are.
            sample: Draws those of them that are to be in memory.
        """
        self._sizes = found.leading
        self._folds = folds
        self._sample = sample
        self._seen: Counter[str | None] = Counter()

    def offer(self, document: LabelledDocument) -> bool:
        """Say whether the next document of the corpus is one of them."""
        label = leading_label(document)
        rank = self._seen[label]
        self._seen[label] += 1
        held = in_last_fold(rank, self._sizes.get(label, 0), self._folds)
        if held:
            self._sample.offer(document)
        return held

    def drawn(self) -> tuple[LabelledDocument, ...]:
        """Return those that were drawn, in the order of the corpus."""
        return self._sample.drawn()


def count_into(
    spool: Spool,
    documents: Iterable[LabelledDocument],
    found: Survey,
    spec: FeatureSpec,
    held: HeldDocuments,
    progress: Progress,
) -> Totals:
    """Count the features of every page and spool them.

    Args:
        spool: Where the pages go.
        documents: The corpus; read once.
        found: What the survey of the same corpus found.
        spec: How text becomes features.
        held: Which documents are held out.
        progress: Told ``("read", documents so far, documents)``.

    Returns:
        The totals.

    Raises:
        CorpusError: The corpus is not what it was at the survey.
        TrainingError: A label has no text.
        SpoolError: The spool cannot be written.
    """
    digest = Fingerprint()
    of_chunk: list[bool] = []

    def noted() -> Iterator[LabelledDocument]:
        for number, document in enumerate(documents, start=1):
            digest.note(document)
            of_chunk.append(held.offer(document))
            yield document
            progress("read", number, found.documents)

    index_of = {label: index for index, label in enumerate(found.labels)}
    frequency = np.zeros((2, spec.width), dtype=np.uint32)
    totals = np.zeros((2, len(found.labels)), dtype=np.int64)
    blank = 0
    for chunk in hash_documents(noted(), spec, spec.parts):
        if not index_of.keys() >= set(chunk.names):
            raise _changed()
        pages = _pages(chunk, spec, index_of, np.array(of_chunk, dtype=np.bool_))
        spool.append(pages)
        of_entry = np.repeat(pages.held, np.diff(pages.counts.indptr))
        for row, mine in enumerate((~of_entry, of_entry)):
            np.add.at(frequency[row], pages.counts.indices[mine], np.uint32(1))
        np.add.at(totals, (pages.held.astype(np.int64), pages.targets), 1)
        blank += chunk.blank_pages
        of_chunk.clear()
    if digest.hexdigest() != found.sha256:
        raise _changed()
    check_texts(found.labels, {found.labels[index] for index in np.flatnonzero(totals.sum(axis=0))})
    return Totals(frequency, totals, blank, held.drawn())


def _changed() -> CorpusError:
    return CorpusError("the corpus changed while it was learned from; it is read twice, and must not change")


def _pages(
    chunk: Chunk,
    spec: FeatureSpec,
    index_of: dict[str, int],
    held: npt.NDArray[np.bool_],
) -> Pages:
    counted = [chunk.counts[part] for part in spec.parts]
    targets = np.array([index_of[name] for name in chunk.names], dtype=np.int64)
    return Pages(
        counts=counted[0] if len(counted) == 1 else hstack(counted, format="csr"),
        targets=targets[chunk.owners],
        held=held[chunk.groups[chunk.owners]],
    )
