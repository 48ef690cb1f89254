"""A corpus in memory without its copies, and what is unusual about it. Learns nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.canonical_text import in_form
from smartcat.training.corpus.boilerplate import BoilerplateSample
from smartcat.training.corpus.chunks import chunks
from smartcat.training.corpus.examples import examples_of, sole_label
from smartcat.training.corpus.near_copies import HASHES, copy_clusters, shingles, signatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from smartcat.classifier.spec import Form
    from smartcat.training.corpus.copies import CorpusSurvey
    from smartcat.training.corpus.corpus_report import CorpusReport
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class DistinctDocuments:
    """Documents without copies.

    Attributes:
        documents: The documents.
        copies: Index of the first document that each is nearly a copy of, or a copy with another label,
            ``(documents,)``; its own for most.
        report: What is unusual about them.
    """

    documents: Sequence[LabelledDocument]
    copies: npt.NDArray[np.int64]
    report: CorpusReport


class NearCopySearch:
    """What a pass over texts tells of near copies and of boilerplate; keeps signatures, not texts."""

    def __init__(self) -> None:
        """Start before the first text."""
        self._signatures = [np.zeros((0, HASHES), dtype=np.uint32)]
        self._boilerplate = BoilerplateSample()

    def add(
        self, texts: Sequence[str], labels: Sequence[str], documents: npt.NDArray[np.int64], size: int
    ) -> None:
        """Add the pages of some documents.

        Args:
            texts: The texts of pages.
            labels: The label of each.
            documents: Index of each page's document among these, ascending, ``(pages,)``.
            size: How many documents these are, those without a page included.
        """
        runs = shingles(texts)
        self._signatures.append(signatures(runs, documents, size))
        self._boilerplate.add(runs, labels)

    def finish(
        self, survey: CorpusSurvey, labels: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], CorpusReport]:
        """Return what each document is a copy of, and the report, once all documents were added.

        Args:
            survey: What the pass that left equal texts out tells.
            labels: Index of each document's label; those of several have one of their own together.
        """
        hashes = np.array(survey.texts, dtype=np.uint64)
        clusters = copy_clusters(np.concatenate(self._signatures), hashes, labels)
        report = replace(
            survey.report(),
            near_copies=clusters.near_copies,
            from_templates=clusters.from_templates,
            boilerplate=self._boilerplate.share(),
        )
        return clusters.first, report


def read_distinct(
    documents: Iterable[LabelledDocument], survey: CorpusSurvey, form: Form | None, progress: Progress
) -> DistinctDocuments:
    """Read a corpus.

    Args:
        documents: What to read, once.
        survey: Leaves equal texts out, and knows then what was read.
        form: The form that texts are compared in.
        progress: Called with ``("read", documents so far, 0)``.
    """
    search = NearCopySearch()
    kept: list[LabelledDocument] = []
    labels: list[int] = []
    index_of: dict[str, int] = {}

    def read() -> Iterator[LabelledDocument]:
        for document in survey.distinct(documents):
            kept.append(document)
            label = sole_label(document)
            labels.append(-1 if label is None else index_of.setdefault(label, len(index_of)))
            yield document
            progress("read", len(kept), 0)

    for chunk in chunks(read()):
        pages = [(page, label) for each in chunk for label, pages in examples_of(each) for page in pages]
        texts, names = [in_form(form, page) for page, _ in pages], [label for _, label in pages]
        of_page = np.repeat(np.arange(len(chunk)), [len(each.pages) for each in chunk])
        search.add(texts, names, of_page, len(chunk))
    targets = np.array(labels, dtype=np.int64)
    copies, report = search.finish(survey, np.where(targets < 0, len(index_of), targets))
    return DistinctDocuments(kept, copies, report)
