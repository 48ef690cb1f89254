from __future__ import annotations

import pytest

from smartcat.classifier.spec import FeatureSpec
from smartcat.training.corpus.examples import sole_label
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.corpus.profile import profile_corpus
from smartcat.training.errors import TrainingError
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.folds import block_folds, possible_folds
from smartcat.training.hyperparameters import WORDS
from smartcat.training.progress import no_progress
from support.labelled import labelled_documents, labelled_pages


@pytest.mark.parametrize(
    "documents", [labelled_documents(), labelled_pages(), [*labelled_documents("letter"), *labelled_pages()]]
)
def test_a_survey_finds_what_collecting_finds(documents: list[LabelledDocument]) -> None:
    """Labels, units, pages and the fingerprint are those of training in memory, and so are the folds."""
    found = profile_corpus(documents, no_progress, max_documents=5, max_characters=10**6, seed=0)
    data = build_dataset(documents, FeatureSpec(n_features=2**8), (WORDS,), no_progress)
    assert found.labels == data.labels
    assert dict(zip(found.labels, found.examples, strict=True)) == data.examples_per_label()
    assert found.pages == len(data.examples) + data.blank_pages
    assert found.sha256 == data.sha256
    for wanted in (2, 5, 50):
        folds = block_folds(data.targets, data.groups, wanted)
        assert possible_folds(found.groups_by_label, wanted) == folds.max() + 1


def test_a_survey_counts_and_samples() -> None:
    """Documents, characters and corrections are counted, and progress is told."""
    told: list[tuple[str, int, int]] = []
    documents = [
        LabelledDocument("a", "x", ("one", "two")),
        LabelledDocument("b", "y", ("three",), corrected=True),
    ]
    found = profile_corpus(
        iter(documents), lambda *step: told.append(step), max_documents=9, max_characters=99, seed=0
    )
    assert (found.documents, found.pages, found.characters, found.corrected) == (2, 3, 11, 1)
    assert found.sample == tuple(documents)
    assert told == [("profile", 1, 0), ("profile", 2, 0)]


def test_a_document_of_several_labels_leads_with_none() -> None:
    """CountedPages that all have one label make it the document's."""
    alike = LabelledDocument("a", "x", ("one", "two"), page_labels=("x", "x"))
    apart = LabelledDocument("a", "x", ("one", "two"), page_labels=("x", "y"))
    assert sole_label(alike) == "x"
    assert sole_label(apart) is None


@pytest.mark.parametrize(("labels", "expected"), [("", "there is no document"), ("xx", "has the label 'x'")])
def test_nothing_to_learn_from_is_said_at_once(labels: str, expected: str) -> None:
    """An empty corpus or a single label is an error of the survey, before any hashing."""
    documents = [LabelledDocument("a", label, ("word",)) for label in labels]
    with pytest.raises(TrainingError, match=expected):
        profile_corpus(documents, no_progress, max_documents=9, max_characters=99, seed=0)
