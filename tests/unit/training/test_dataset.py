from __future__ import annotations

import numpy as np
import pytest

from classifier.spec import FeatureSpec
from training import dataset
from training.corpus import LabelledDocument
from training.dataset import collect
from training.errors import TrainingError

SPEC = FeatureSpec(n_features=2**10)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def _document(label: str, *pages: str) -> LabelledDocument:
    return LabelledDocument("d", label, pages)


def test_pages_keep_their_owners_and_blank_ones_are_left_out() -> None:
    """Labels are sorted, each page knows its document, and pages without words are only counted."""
    told: list[tuple[str, int, int]] = []
    data = collect(
        [_document("y", "one two", "", "three"), _document("x", " "), _document("x", "four")],
        SPEC,
        lambda *step: told.append(step),
    )
    assert data.labels == ("x", "y")
    assert data.owners.tolist() == [0, 0, 2]
    assert data.targets.tolist() == [1, 0, 0]
    assert data.blank_pages == 2
    assert data.documents_per_label() == {"x": 2, "y": 1}
    assert told == [("read", 1, 0), ("read", 2, 0), ("read", 3, 0)]


def test_chunks_do_not_show(documents: list[LabelledDocument], monkeypatch: pytest.MonkeyPatch) -> None:
    """How many pages are hashed at a time changes nothing."""
    whole = collect(documents, SPEC, _silent)
    monkeypatch.setattr(dataset, "_CHUNK_PAGES", 5)
    chunked = collect(documents, SPEC, _silent)
    assert (whole.counts != chunked.counts).nnz == 0
    assert np.array_equal(whole.owners, chunked.owners)


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], "there is no document"),
        ([_document("x", "one"), _document("x", "two")], "every document has the label 'x'"),
        ([_document("x", "one"), _document("y", "", "!")], "no document with the label 'y' holds any word"),
    ],
)
def test_nothing_to_learn_from(documents: list[LabelledDocument], expected: str) -> None:
    """No document, one label, or a label without words: one clear error each."""
    with pytest.raises(TrainingError, match=expected):
        collect(documents, SPEC, _silent)


def test_a_model_beyond_the_format_is_refused_before_fitting() -> None:
    """What could not be stored is not computed."""
    documents = [_document(f"label-{number}", "word") for number in range(40)]
    with pytest.raises(TrainingError, match="more than a model may hold"):
        collect(documents, FeatureSpec(n_features=2**24), _silent)
