"""A corpus with people's corrections applied to its labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final

from smartcat.training.corpus.corrections import read_corrections
from smartcat.training.corpus.labelled_documents import (
    LabelledDocument,
    UnlabelledDocument,
    read_labelled,
    read_partly_labelled,
)
from smartcat.training.corpus.pages import join_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from smartcat.training.corpus.corrections import Correction

MAX_LISTED: Final = 5
"""Corrections without a document that are listed one by one."""


@dataclass(slots=True)
class FeedbackCounts:
    """How many corrections were applied; complete once all documents were read.

    Attributes:
        corrected: Documents whose label is that of a correction.
        changed: How many of those had another label in the corpus, or none.
        added: Documents that came with a correction and are not in the corpus.
        unlabelled: Documents without a label and without a correction, which were skipped.
        unmatched: Corrections without text whose document is not in the corpus.
    """

    corrected: int = 0
    changed: int = 0
    added: int = 0
    unlabelled: int = 0
    unmatched: list[str] = field(default_factory=list)

    def notes(self) -> Iterator[str]:
        """Yield the counts for people, one sentence each."""
        if self.corrected or self.added:
            yield (
                f"{self.corrected} documents have the label of a correction, {self.changed} of them another"
                f" than in the corpus; {self.added} documents came with a correction."
            )
        if self.unlabelled:
            yield f"{self.unlabelled} documents have neither a label nor a correction, and were passed over."
        if self.unmatched:
            more = f" and {len(self.unmatched) - MAX_LISTED} more" if len(self.unmatched) > MAX_LISTED else ""
            named = ", ".join(self.unmatched[:MAX_LISTED])
            yield f"No document in the corpus for the corrections of: {named}{more}."


def read_with_feedback(
    corpora: Sequence[Path],
    feedback: Path | None,
    counts: FeedbackCounts,
    *,
    split: str | None = None,
    join: bool = False,
) -> Iterator[LabelledDocument]:
    """Return the documents of corpora with their corrections applied.

    Args:
        corpora: The files.
        feedback: The file of corrections, see
            :func:`smartcat.training.corpus.corrections.read_corrections`; ``None`` for none, and then
            every document must have a label.
        counts: Counts the corrections that were applied.
        split: As in :func:`smartcat.training.corpus.labelled_documents.read_labelled`.
        join: Whether rows may be pages of documents, which corrections then name; all must have labels.

    Returns:
        The documents to learn from.

    Raises:
        CorpusError: At once for the corrections, while iterating for the corpora.
    """
    corrections = () if feedback is None else list(read_corrections(feedback))
    if feedback is None or join:
        labelled = chain.from_iterable(read_labelled(path, split=split) for path in corpora)
        whole = join_pages(labelled) if join else labelled
        return apply_feedback(whole, corrections, counts, split=split) if corrections else whole
    documents = chain.from_iterable(read_partly_labelled(path, split=split) for path in corpora)
    return apply_feedback(documents, corrections, counts, split=split)


def apply_feedback(
    documents: Iterable[LabelledDocument | UnlabelledDocument],
    corrections: Iterable[Correction],
    counts: FeedbackCounts,
    *,
    split: str | None = None,
) -> Iterator[LabelledDocument]:
    """Yield the documents, each with the label that people gave it last.

    A correction with text replaces the document of its id, or is a document of its own, after all
    others. Nothing else is added to the corpus and the order stays.

    Args:
        documents: The corpus, with the documents of all splits: one of another split is not learned from
            because of a correction, and not missing either.
        corrections: The corrections; of several with one id the last is in force.
        counts: Counts those that were applied.
        split: Yield only documents of this split, and those that are not in the corpus; ``None`` for all.

    Yields:
        The documents to learn from.
    """
    by_id = {correction.document_id: correction for correction in corrections}
    seen: set[str] = set()
    replaced: set[str] = set()
    for document in documents:
        name = document.document_id
        correction = by_id.get(name)
        if correction is not None:
            seen.add(name)
        if split is not None and document.split != split:
            continue
        if correction is not None:
            if correction.pages is None or name not in replaced:
                replaced.add(name)
                yield _corrected(document, correction, counts)
        elif isinstance(document, LabelledDocument):
            yield document
        else:
            counts.unlabelled += 1
    yield from _unmatched((by_id[name] for name in by_id if name not in seen), counts)


def _corrected(
    document: LabelledDocument | UnlabelledDocument, correction: Correction, counts: FeedbackCounts
) -> LabelledDocument:
    label = document.label if isinstance(document, LabelledDocument) else None
    counts.corrected += 1
    counts.changed += label != correction.label
    pages = document.pages if correction.pages is None else correction.pages
    return LabelledDocument(document.document_id, correction.label, pages, document.split, corrected=True)


def _unmatched(corrections: Iterable[Correction], counts: FeedbackCounts) -> Iterator[LabelledDocument]:
    for correction in corrections:
        if correction.pages is None:
            counts.unmatched.append(correction.document_id)
        else:
            counts.added += 1
            yield LabelledDocument(correction.document_id, correction.label, correction.pages, corrected=True)
