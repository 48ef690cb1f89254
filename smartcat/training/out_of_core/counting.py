"""The pass that hashes a corpus larger than memory: counts go to the spill file, totals stay in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.corpus.examples import check_texts, sole_label
from smartcat.training.corpus.fingerprint import Fingerprint
from smartcat.training.errors import CorpusError
from smartcat.training.folds import in_last_fold
from smartcat.training.hashing import hash_documents
from smartcat.training.out_of_core.spill_file import CountedPages
from smartcat.training.page_counts import PageCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from smartcat.classifier.spec import FeatureSpec
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.corpus.profile import CorpusProfile
    from smartcat.training.corpus.sampling import DocumentSample
    from smartcat.training.hashing import Chunk
    from smartcat.training.out_of_core.spill_file import SpillFile
    from smartcat.training.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Totals over the pages of a spill file. Of two rows the first is of pages that are not held out.

    Attributes:
        frequency: How many pages have each feature, uint32, ``2 x width``.
        pages: How many pages have any feature, by label, ``2 x labels``.
        blank_pages: How many pages have none, and are not in the file.
        holdout: Held-out documents, in their order: all, or a sample of as many as fit.
    """

    frequency: npt.NDArray[np.uint32]
    pages: npt.NDArray[np.int64]
    blank_pages: int
    holdout: tuple[LabelledDocument, ...]


class HoldoutSelector:
    """Selects the documents that :func:`smartcat.training.folds.block_folds` would put into the last fold."""

    def __init__(self, profile: CorpusProfile, folds: int, sample: DocumentSample) -> None:
        """Start before the first document.

        Args:
            profile: The profile of the corpus.
            folds: Folds there are.
            sample: Keeps those of them that are to be in memory.
        """
        self._documents_by_label = profile.documents_by_label
        self._folds = folds
        self._sample = sample
        self._seen: Counter[str | None] = Counter()

    def select(self, document: LabelledDocument) -> bool:
        """Return whether the next document of the corpus is held out."""
        label = sole_label(document)
        rank = self._seen[label]
        self._seen[label] += 1
        held_out = in_last_fold(rank, self._documents_by_label.get(label, 0), self._folds)
        if held_out:
            self._sample.add(document)
        return held_out

    def documents(self) -> tuple[LabelledDocument, ...]:
        """Return those that the sample keeps, in the order of the corpus."""
        return self._sample.documents()


def count_to_spill_file(
    spill_file: SpillFile,
    documents: Iterable[LabelledDocument],
    profile: CorpusProfile,
    spec: FeatureSpec,
    holdout: HoldoutSelector,
    progress: Progress,
) -> Totals:
    """Count the features of every page and write them to the spill file.

    Args:
        spill_file: Where the pages go.
        documents: The corpus; read once.
        profile: The profile of the same corpus.
        spec: How text becomes features.
        holdout: Which documents are held out.
        progress: Called with ``("read", documents so far, documents)``.

    Returns:
        The totals.

    Raises:
        CorpusError: The corpus is not the one that was profiled.
        TrainingError: A label has no text.
        SpillFileError: The file cannot be written.
    """
    fingerprint = Fingerprint()
    held_out_in_chunk: list[bool] = []

    def selected() -> Iterator[LabelledDocument]:
        for number, document in enumerate(documents, start=1):
            fingerprint.add(document)
            held_out_in_chunk.append(holdout.select(document))
            yield document
            progress("read", number, profile.documents)

    index_of = {label: index for index, label in enumerate(profile.labels)}
    frequency = np.zeros((2, spec.width), dtype=np.uint32)
    totals = np.zeros((2, len(profile.labels)), dtype=np.int64)
    blank = 0
    for chunk in hash_documents(selected(), spec, spec.parts):
        if not index_of.keys() >= set(chunk.labels):
            raise _changed()
        pages = _counted_pages(chunk, spec, index_of, np.array(held_out_in_chunk, dtype=np.bool_))
        spill_file.append(pages)
        entry_held_out = np.repeat(pages.held_out, np.diff(pages.counts.indptr))
        for row, entries in enumerate((~entry_held_out, entry_held_out)):
            np.add.at(frequency[row], pages.counts.indices[entries], np.uint32(1))
        np.add.at(totals, (pages.held_out.astype(np.int64), pages.targets), 1)
        blank += chunk.blank_pages
        held_out_in_chunk.clear()
    if fingerprint.hexdigest() != profile.sha256:
        raise _changed()
    check_texts(profile.labels, {profile.labels[index] for index in np.flatnonzero(totals.sum(axis=0))})
    return Totals(frequency, totals, blank, holdout.documents())


def _changed() -> CorpusError:
    return CorpusError("the corpus changed while it was learned from; it is read twice, and must not change")


def _counted_pages(
    chunk: Chunk,
    spec: FeatureSpec,
    index_of: dict[str, int],
    document_held_out: npt.NDArray[np.bool_],
) -> CountedPages:
    targets = np.array([index_of[label] for label in chunk.labels], dtype=np.int64)
    return CountedPages(
        counts=PageCounts(tuple(chunk.counts[part] for part in spec.parts)).to_csr(),
        targets=targets[chunk.examples],
        held_out=document_held_out[chunk.groups[chunk.examples]],
    )
