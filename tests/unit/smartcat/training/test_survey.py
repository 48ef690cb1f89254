from __future__ import annotations

import pytest

from smartcat.classifier.spec import FeatureSpec
from smartcat.training.corpus import LabelledDocument
from smartcat.training.dataset import collect
from smartcat.training.errors import TrainingError
from smartcat.training.folds import block_folds, possible_folds
from smartcat.training.options import WORDS
from smartcat.training.survey import leading_label, survey
from support.labelled import labelled_documents, labelled_pages


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.mark.parametrize(
    "documents", [labelled_documents(), labelled_pages(), [*labelled_documents("letter"), *labelled_pages()]]
)
def test_a_survey_finds_what_collecting_finds(documents: list[LabelledDocument]) -> None:
    """Labels, units, pages and the fingerprint are those of the story in memory, and so are the folds."""
    found = survey(documents, _silent, most_documents=5, most_characters=10**6, seed=0)
    data = collect(documents, FeatureSpec(n_features=2**8), (WORDS,), _silent)
    assert found.labels == data.labels
    assert dict(zip(found.labels, found.units, strict=True)) == data.units_per_label()
    assert found.pages == len(data.owners) + data.blank_pages
    assert found.sha256 == data.sha256
    for wanted in (2, 5, 50):
        folds = block_folds(data.targets, data.groups, wanted)
        assert possible_folds(found.reach, wanted) == folds.max() + 1


def test_a_survey_counts_and_samples() -> None:
    """Documents, characters and corrections are counted, and progress is told."""
    told: list[tuple[str, int, int]] = []
    documents = [
        LabelledDocument("a", "x", ("one", "two")),
        LabelledDocument("b", "y", ("three",), corrected=True),
    ]
    found = survey(
        iter(documents), lambda *step: told.append(step), most_documents=9, most_characters=99, seed=0
    )
    assert (found.documents, found.pages, found.characters, found.corrected) == (2, 3, 11, 1)
    assert found.sample == tuple(documents)
    assert told == [("survey", 1, 0), ("survey", 2, 0)]


def test_a_document_of_several_labels_leads_with_none() -> None:
    """Pages that all have one label make it the document's."""
    alike = LabelledDocument("a", "x", ("one", "two"), page_labels=("x", "x"))
    apart = LabelledDocument("a", "x", ("one", "two"), page_labels=("x", "y"))
    assert leading_label(alike) == "x"
    assert leading_label(apart) is None


@pytest.mark.parametrize(("labels", "expected"), [("", "there is no document"), ("xx", "has the label 'x'")])
def test_nothing_to_learn_from_is_said_at_once(labels: str, expected: str) -> None:
    """An empty corpus or a single label is an error of the survey, before any hashing."""
    documents = [LabelledDocument("a", label, ("word",)) for label in labels]
    with pytest.raises(TrainingError, match=expected):
        survey(documents, _silent, most_documents=9, most_characters=99, seed=0)
