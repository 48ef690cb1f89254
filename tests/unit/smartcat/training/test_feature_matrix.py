from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.classifier.features import count_features
from smartcat.training.corpus import chunks
from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.errors import TrainingError
from smartcat.training.feature_matrix import build_dataset
from support.learning import QUICK, RICH, dataset_of

if TYPE_CHECKING:
    from smartcat.training.feature_matrix import Dataset


def _document(label: str, *pages: str) -> LabelledDocument:
    return LabelledDocument("d", label, pages)


def _scan(*labelled: tuple[str, str]) -> LabelledDocument:
    labels, pages = zip(*labelled, strict=True)
    return LabelledDocument("s", labels[0], pages, page_labels=labels)


def test_pages_keep_their_owners_and_blank_ones_are_left_out() -> None:
    """Labels are sorted, each page knows its document, and pages without words are only counted."""
    told: list[tuple[str, int, int]] = []
    data = build_dataset(
        [_document("y", "one two", "", "three"), _document("x", " "), _document("x", "four")],
        QUICK.candidates[0].spec,
        QUICK.parts,
        lambda *step: told.append(step),
    )
    assert data.labels == ("x", "y")
    assert data.examples.tolist() == [0, 0, 2]
    assert data.targets.tolist() == [1, 0, 0]
    assert data.page_targets.tolist() == [1, 1, 0]
    assert data.groups.tolist() == [0, 1, 2]
    assert data.first_pages.tolist() == [True, False, True]
    assert data.blank_pages == 2
    assert data.examples_per_label() == {"x": 2, "y": 1}
    assert told == [("read", 1, 0), ("read", 2, 0), ("read", 3, 0)]


def test_the_first_page_with_text_is_the_first() -> None:
    """A blank sheet in front is left out, and the page after it opens the document."""
    data = dataset_of([_document("x", "", "one"), _document("y", "two")])
    assert data.first_pages.tolist() == [True, True]


def test_pages_with_labels_are_units_of_one_document() -> None:
    """Each has its own label, all are of one group, and the first of them opens it."""
    data = dataset_of([_scan(("y", "one"), ("x", "two"), ("y", "three")), _document("x", "four", "five")])
    assert data.targets.tolist() == [1, 0, 1, 0]
    assert data.groups.tolist() == [0, 0, 0, 1]
    assert data.examples.tolist() == [0, 1, 2, 3, 3]
    assert data.first_pages.tolist() == [True, False, False, True, False]
    assert data.examples_per_label() == {"x": 2, "y": 2}


def test_counts_of_a_way_are_those_of_its_vectorizer() -> None:
    """Several kinds of n-grams are counted once, and put together as a spec asks for them."""
    texts = ["one two", "three", "four four"]
    data = dataset_of([_document("xy"[n % 2], text) for n, text in enumerate(texts)], RICH)
    spec = RICH.candidates[0].spec
    assert (data.matrix(spec).counts.to_csr() != count_features(spec, texts)).nnz == 0
    words = spec.model_copy(update={"parts": spec.parts[:1]})
    assert (data.matrix(words).counts.to_csr() != count_features(words, texts)).nnz == 0


def test_a_page_that_only_one_kind_of_n_gram_sees_is_kept() -> None:
    """A single letter is no word, and a page all the same for who reads characters."""
    data = dataset_of([_document("x", "a"), _document("y", "bb")], RICH)
    assert (data.examples.tolist(), data.blank_pages) == ([0, 1], 0)


@pytest.mark.parametrize("limit", ["_PAGES", "_CHARACTERS"])
def test_chunks_do_not_show(
    documents: list[LabelledDocument], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """How many pages are hashed at a time changes nothing."""
    whole = dataset_of(documents, RICH)
    monkeypatch.setattr(chunks, limit, 5)
    chunked = dataset_of(documents, RICH)
    for part, counts in whole.counts.items():
        assert (counts != chunked.counts[part]).nnz == 0
    assert np.array_equal(whole.examples, chunked.examples)
    assert np.array_equal(whole.first_pages, chunked.first_pages)
    assert whole.sha256 == chunked.sha256


def test_the_fingerprint_is_one_of_everything_that_was_read(data: Dataset) -> None:
    """Ids, labels, pages and where one ends; labels of pages; the order of documents."""
    scan = _scan(("y", "one"), ("x", "two"))
    variants = [
        [_document("x", "one", "two"), scan],
        [_document("x", "one two"), scan],
        [_document("x", "onetwo", ""), scan],
        [replace(_document("x", "one", "two"), document_id="e"), scan],
        [_document("y", "one", "two"), scan],
        [scan, _document("x", "one", "two")],
        [_document("x", "one", "two"), _scan(("y", "one"), ("y", "two"))],
    ]
    found = [dataset_of(documents).sha256 for documents in variants]
    assert len(set(found)) == len(variants)
    assert found[0] == dataset_of(variants[0]).sha256


def test_corrections_are_counted() -> None:
    """How many documents a person had another opinion of."""
    documents = [_document("x", "one"), replace(_document("y", "two"), corrected=True)]
    assert dataset_of(documents).corrected == 1


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], "there is no document"),
        ([_document("x", "one"), _document("x", "two")], "every document has the label 'x'"),
        ([_document("x", "one"), _document("y", "", "!")], "no document with the label 'y' holds any word"),
        ([_scan(("x", "one"), ("y", "!"))], "no document with the label 'y' holds any word"),
        ([_document(f"label-{n}", "word") for n in range(5001)], "more than a model may hold, which is 5000"),
    ],
)
def test_nothing_to_learn_from(documents: list[LabelledDocument], expected: str) -> None:
    """No document, one label, a label without words, too many labels: one clear error each."""
    with pytest.raises(TrainingError, match=expected):
        dataset_of(documents)
