from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.training.corpus.labelled_documents import LabelledDocument
from smartcat.training.cross_validation import cross_validate, pages_of_folds
from smartcat.training.fitting.page_columns import MIN_DOCUMENTS, teaching_pages
from smartcat.training.fitting.pruning import as_stored, fit_and_prune, strongest, to_int8
from smartcat.training.folds import block_folds
from support.labelled import VOCABULARY, labelled_documents
from support.learning import QUICK, RICH, dataset_of, features_of, held_out_scores

if TYPE_CHECKING:
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset

WAY = QUICK.candidates[0]


def test_every_page_is_inside_or_outside_of_each_fold(data: Dataset) -> None:
    """CountedPages of a document stay together, and each is outside once."""
    fold = block_folds(data.targets, data.groups, 3)
    times = np.zeros(len(data.examples), dtype=np.int64)
    for inside, outside in pages_of_folds(data, fold):
        assert sorted([*inside, *outside]) == list(range(len(data.examples)))
        assert not set(data.examples[inside]) & set(data.examples[outside])
        times[outside] += 1
    assert times.tolist() == [1] * len(times)


def test_held_out_pages_are_scored_by_models_that_have_not_seen_them() -> None:
    """A word that only one fold's documents hold is unknown to the model that scores them."""
    documents = [
        replace(document, pages=(*document.pages, "zebra zebra"))
        if document.document_id in {"contract-0", "contract-1", "invoice-0"}
        else document
        for document in labelled_documents("contract", "invoice")
    ]
    data = dataset_of(documents)
    found = held_out_scores(data)
    zebras = [page for page in found.pages if not data.matrix(WAY.spec).counts.to_csr()[page].nnz > 2]
    assert len(zebras) == 3
    for page in zebras:
        assert found.known[found.pages == page].tolist() == [[0]]
        assert found.distinct[found.pages == page].tolist() == [[2]]


def test_scores_are_those_of_a_fit_on_the_other_folds(data: Dataset, plain: HeldOutScores) -> None:
    """Learning on all but the first block gives the scores of that block."""
    fold = block_folds(data.targets, data.groups, QUICK.folds)
    inside, outside = next(pages_of_folds(data, fold))
    counts = data.matrix(WAY.spec).counts
    fit = fit_and_prune(counts[inside], data.page_targets[inside], 3, WAY, QUICK)
    expected = as_stored(fit.weights, QUICK).scores(fit.vocabulary.matrix(counts[outside]))
    assert np.array_equal(plain.scores[np.isin(plain.pages, outside)], expected.astype(np.float64))
    assert (plain.scores.argmax(axis=1) == data.page_targets[plain.pages]).mean() > 0.95
    assert plain.converged


def test_documents_without_a_fold_are_not_held_out() -> None:
    """A rare label is learned from, and not judged."""
    odd = LabelledDocument("odd", "postcard", ("the wishes and the regards",))
    data = dataset_of([*labelled_documents(), odd])
    found = held_out_scores(data)
    assert "postcard" in data.labels
    assert len(found.pages) == len(data.examples) - 1
    assert not np.isin(found.pages, np.flatnonzero(data.examples == len(data.targets) - 1)).any()


def test_each_fold_is_told_of(data: Dataset) -> None:
    """A person who waits sees them pass."""
    told: list[int] = []
    fold = block_folds(data.targets, data.groups, 3)
    cross_validate(features_of(data), fold, WAY, QUICK, lambda: told.append(1))
    assert len(told) == 3


def test_a_model_that_is_too_large_keeps_the_features_that_matter(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is fitted again; what it was before is kept for comparison."""
    counts = data.matrix(WAY.spec).counts
    roomy = fit_and_prune(counts, data.page_targets, 3, WAY, QUICK)
    assert roomy.vocabulary is roomy.full_vocabulary
    monkeypatch.setattr(
        "smartcat.training.fitting.pruning.within_size", lambda _v, w, _o: strongest(w.weights, 20)
    )
    few = fit_and_prune(counts, data.page_targets, 3, WAY, QUICK)
    assert np.allclose(few.full_weights.weights, roomy.weights.weights, atol=0.1)
    strength = np.abs(few.full_weights.weights).max(axis=1)
    kept = np.isin(few.full_vocabulary.features, few.vocabulary.features)
    assert strength[kept].min() >= strength[~kept].max()
    assert few.weights.weights.shape == (20, 3)
    assert few.weights.weights.tobytes() != few.full_weights.weights[kept].tobytes()


def test_weights_are_judged_as_they_are_stored(data: Dataset) -> None:
    """int8 weights times their scale; float32 weights as they are."""
    fit = fit_and_prune(data.matrix(WAY.spec).counts, data.page_targets, 3, WAY, QUICK)
    small, scale = to_int8(fit.weights.weights)
    assert np.array_equal(as_stored(fit.weights, QUICK).weights, small * scale)
    assert as_stored(fit.weights, replace(QUICK, precision="float32")) is fit.weights


def test_pages_that_say_nothing_of_their_document_are_less_pertinent(
    covered: tuple[Dataset, HeldOutScores],
) -> None:
    """Cover pages are told from the others by pages of other documents."""
    data, found = covered
    covers = data.first_pages[found.pages]
    assert found.relevance[covers].max() < found.relevance[~covers].min()


def test_first_pages_are_told_from_later_ones(covered: tuple[Dataset, HeldOutScores]) -> None:
    """Cover pages open their documents."""
    data, found = covered
    opens = data.first_pages[found.pages]
    assert found.first_page_margin[opens].min() > found.first_page_margin[~opens].max()


@pytest.mark.parametrize("several", [MIN_DOCUMENTS - 1, MIN_DOCUMENTS])
def test_too_few_documents_of_several_pages_teach_nothing_of_pages(several: int) -> None:
    """Neither pertinence nor opening is asked below twenty documents."""
    words = list(VOCABULARY.items())
    documents = [
        LabelledDocument(
            str(number),
            words[number % 3][0],
            (f"{words[number % 3][1]} number{number}",) * (2 if number < several else 1),
        )
        for number in range(several + 6)
    ]
    data = dataset_of(documents)
    teaching = teaching_pages(data)
    assert teaching.relevance.any() == teaching.first_page.any() == (several >= MIN_DOCUMENTS)
    assert teaching.relevance.sum() in {0, 2 * several}
    assert teaching.first_page.sum() in {0, len(data.examples)}
    if several < MIN_DOCUMENTS:
        found = held_out_scores(data)
        assert not found.relevance.any()
        assert not found.first_page_margin.any()


def test_pages_with_labels_of_their_own_ask_for_opening_alone(scans: tuple[Dataset, HeldOutScores]) -> None:
    """Each page is the whole of what has its label; scans of several pages still open somewhere."""
    teaching = teaching_pages(scans[0])
    assert (teaching.relevance.any(), teaching.first_page.all()) == (False, True)


def test_each_part_is_counted_by_itself(covered: tuple[Dataset, HeldOutScores]) -> None:
    """Distinct and known features of words and of the head's characters."""
    data, found = covered
    spec = RICH.candidates[0].spec
    for column, part in enumerate(spec.parts):
        assert found.distinct[:, column].tolist() == np.diff(data.counts[part].indptr)[found.pages].tolist()
    assert np.all(found.known <= found.distinct)
