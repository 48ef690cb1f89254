from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.corpus import chunks
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.corpus.profile import profile_corpus
from smartcat.training.corpus.sampling import DocumentSample
from smartcat.training.errors import CorpusError, TrainingError
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.folds import block_folds
from smartcat.training.out_of_core.counting import HoldoutSelector, count_to_spill_file
from smartcat.training.out_of_core.spill_file import CountedPages, SpillFile
from smartcat.training.progress import no_progress
from support.corpora import noisy_documents
from support.labelled import labelled_documents, labelled_pages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smartcat.training.corpus.profile import CorpusProfile
    from smartcat.training.out_of_core.counting import Totals

SPEC = FeatureSpec(
    n_features=2**8, parts=(FeaturePart(), FeaturePart(analyzer="char_wb", ngram_range=(2, 3), head=40))
)
FOLDS = 3
MIXED = [
    *labelled_documents(),
    *labelled_pages(),
    LabelledDocument("blank", "letter", ("", "!")),
    LabelledDocument("rare", "postcard", ("the wishes and the regards",)),
]


def _survey(documents: Iterable[LabelledDocument]) -> CorpusProfile:
    return profile_corpus(documents, no_progress, max_documents=5, max_characters=10**5, seed=0)


def _counted(
    folder: Path, documents: list[LabelledDocument], found: CorpusProfile | None = None, room: int = 1000
) -> tuple[CountedPages, Totals]:
    found = _survey(documents) if found is None else found
    held = HoldoutSelector(found, FOLDS, DocumentSample(room, 10**6, seed=0))
    with SpillFile(folder, SPEC.width) as spool:
        totals = count_to_spill_file(spool, iter(documents), found, SPEC, held, no_progress)
        return spool.read(range(len(spool))), totals


def test_counting_gives_what_collecting_gives(tmp_path: Path) -> None:
    """Counts, labels, frequencies and held-out documents are exactly those of training in memory."""
    data = build_dataset(MIXED, SPEC, SPEC.parts, no_progress)
    pages, totals = _counted(tmp_path, MIXED)
    held = (block_folds(data.targets, data.groups, FOLDS) == FOLDS - 1)[data.examples]
    counts = data.matrix(SPEC).counts.to_csr()
    assert (pages.counts != counts).nnz == 0
    assert np.array_equal(pages.targets, data.page_targets)
    assert np.array_equal(pages.held_out, held)
    for row, mine in enumerate((~held, held)):
        frequency = np.bincount(counts[np.flatnonzero(mine)].indices, minlength=SPEC.width)
        assert np.array_equal(totals.frequency[row], frequency)
        assert np.array_equal(totals.pages[row], np.bincount(data.page_targets[mine], minlength=4))
    assert totals.blank_pages == data.blank_pages
    assert len(totals.holdout) == len(np.unique(data.groups[data.examples][held]))


def test_chunks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many pages are hashed at a time changes nothing."""
    pages, totals = _counted(tmp_path, MIXED)
    monkeypatch.setattr(chunks, "_PAGES", 5)
    others, again = _counted(tmp_path, MIXED)
    assert (pages.counts != others.counts).nnz == 0
    assert np.array_equal(pages.held_out, others.held_out)
    assert np.array_equal(totals.frequency, again.frequency)
    assert np.array_equal(totals.pages, again.pages)
    assert totals.holdout == again.holdout


def test_held_out_documents_are_as_many_as_there_is_room_for(tmp_path: Path) -> None:
    """All of the last fold stay apart from what is learned, though only some of them are looked at."""
    documents = noisy_documents("xy", 30)
    pages, totals = _counted(tmp_path, documents, room=4)
    assert pages.held_out.sum() == 20
    assert len(totals.holdout) == 4
    last = {f"{label}-{number}" for label in "xy" for number in range(20, 30)}
    assert {document.document_id for document in totals.holdout} <= last


def test_progress_counts_towards_what_the_survey_found(tmp_path: Path) -> None:
    """A person who waits sees how far hashing is."""
    told: list[tuple[str, int, int]] = []
    documents = labelled_documents()
    found = _survey(documents)
    with SpillFile(tmp_path, SPEC.width) as spool:
        held = HoldoutSelector(found, FOLDS, DocumentSample(9, 999, seed=0))
        count_to_spill_file(spool, documents, found, SPEC, held, lambda *step: told.append(step))
    assert told == [("read", number, 36) for number in range(1, 37)]


@pytest.mark.parametrize("change", ["a page more", "another word", "another label", "a document less"])
def test_a_corpus_that_changed_is_refused(tmp_path: Path, change: str) -> None:
    """What was counted must be what was surveyed, else labels and held-out documents would be wrong."""
    documents = labelled_documents()
    found = _survey(documents)
    first, *rest = documents
    changed = {
        "a page more": [replace(first, pages=(*first.pages, "more")), *rest],
        "another word": [replace(first, pages=("other", *first.pages[1:])), *rest],
        "another label": [replace(first, label="new"), *rest],
        "a document less": rest,
    }[change]
    with pytest.raises(CorpusError, match="changed while it was learned from"):
        _counted(tmp_path, changed, found)


def test_a_label_without_words_is_refused(tmp_path: Path) -> None:
    """The error is that of training in memory."""
    documents = [*labelled_documents(), LabelledDocument("a", "void", ("", " "))]
    with pytest.raises(TrainingError, match="no document with the label 'void' holds any word"):
        _counted(tmp_path, documents)
