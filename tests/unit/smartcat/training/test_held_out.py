from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.training.corpus import LabelledDocument
from smartcat.training.folds import block_folds
from smartcat.training.held_out import (
    FEWEST_DOCUMENTS,
    folds_of_pages,
    hold_out,
    learn,
    questions_asked,
    rounded,
)
from smartcat.training.prune import to_int8
from support.labelled import VOCABULARY, labelled_documents
from support.learning import QUICK, RICH, collected, held

if TYPE_CHECKING:
    from smartcat.training.dataset import Dataset
    from smartcat.training.held_out import HeldOut

WAY = QUICK.ways[0]


def test_every_page_is_inside_or_outside_of_each_fold(data: Dataset) -> None:
    """Pages of a document stay together, and each is outside once."""
    fold = block_folds(data.targets, data.groups, 3)
    times = np.zeros(len(data.owners), dtype=np.int64)
    for inside, outside in folds_of_pages(data, fold):
        assert sorted([*inside, *outside]) == list(range(len(data.owners)))
        assert not set(data.owners[inside]) & set(data.owners[outside])
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
    data = collected(documents)
    found = held(data)
    zebras = [page for page in found.pages if not data.counts_of(QUICK.spec_of(WAY))[page].nnz > 2]
    assert len(zebras) == 3
    for page in zebras:
        assert found.known[found.pages == page].tolist() == [[0]]
        assert found.distinct[found.pages == page].tolist() == [[2]]


def test_scores_are_those_of_a_fit_on_the_other_folds(data: Dataset, plain: HeldOut) -> None:
    """Learning on all but the first block gives the scores of that block."""
    fold = block_folds(data.targets, data.groups, QUICK.folds)
    inside, outside = next(folds_of_pages(data, fold))
    counts = data.counts_of(QUICK.spec_of(WAY))
    fit = learn(counts[inside], data.page_targets[inside], 3, WAY, QUICK)
    expected = rounded(fit.weights, QUICK).scores(fit.vocabulary.matrix(counts[outside]))
    assert np.array_equal(plain.scores[np.isin(plain.pages, outside)], expected.astype(np.float64))
    assert (plain.scores.argmax(axis=1) == data.page_targets[plain.pages]).mean() > 0.95
    assert plain.converged


def test_documents_without_a_fold_are_not_held_out() -> None:
    """A rare label is learned from, and not judged."""
    odd = LabelledDocument("odd", "postcard", ("the wishes and the regards",))
    data = collected([*labelled_documents(), odd])
    found = held(data)
    assert "postcard" in data.labels
    assert len(found.pages) == len(data.owners) - 1
    assert not np.isin(found.pages, np.flatnonzero(data.owners == len(data.targets) - 1)).any()


def test_each_fold_is_told_of(data: Dataset) -> None:
    """A person who waits sees them pass."""
    told: list[int] = []
    fold = block_folds(data.targets, data.groups, 3)
    hold_out(data, fold, WAY, QUICK, lambda: told.append(1))
    assert len(told) == 3


def test_a_model_that_is_too_large_keeps_the_features_that_matter(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is fitted again; what it was before is kept for comparison."""
    counts = data.counts_of(QUICK.spec_of(WAY))
    roomy = learn(counts, data.page_targets, 3, WAY, QUICK)
    assert roomy.vocabulary is roomy.full_vocabulary
    monkeypatch.setattr("smartcat.training.held_out.affordable", lambda *_: 20)
    few = learn(counts, data.page_targets, 3, WAY, QUICK)
    assert few.full_weights.weights.tobytes() == roomy.weights.weights.tobytes()
    strength = np.abs(few.full_weights.weights).max(axis=1)
    kept = np.isin(few.full_vocabulary.features, few.vocabulary.features)
    assert strength[kept].min() >= strength[~kept].max()
    assert few.weights.weights.shape == (20, 3)
    assert few.weights.weights.tobytes() != few.full_weights.weights[kept].tobytes()


def test_weights_are_judged_as_they_are_stored(data: Dataset) -> None:
    """int8 weights times their scale; float32 weights as they are."""
    fit = learn(data.counts_of(QUICK.spec_of(WAY)), data.page_targets, 3, WAY, QUICK)
    small, scale = to_int8(fit.weights.weights)
    assert np.array_equal(rounded(fit.weights, QUICK).weights, small * scale)
    assert rounded(fit.weights, replace(QUICK, precision="float32")) is fit.weights


def test_pages_that_say_nothing_of_their_document_are_less_pertinent(
    covered: tuple[Dataset, HeldOut],
) -> None:
    """Cover pages are told from the others by pages of other documents."""
    data, found = covered
    covers = data.first_pages[found.pages]
    assert found.pertinence[covers].max() < found.pertinence[~covers].min()


def test_first_pages_are_told_from_later_ones(covered: tuple[Dataset, HeldOut]) -> None:
    """Cover pages open their documents."""
    data, found = covered
    opens = data.first_pages[found.pages]
    assert found.opening[opens].min() > found.opening[~opens].max()


@pytest.mark.parametrize("several", [FEWEST_DOCUMENTS - 1, FEWEST_DOCUMENTS])
def test_too_few_documents_of_several_pages_teach_nothing_of_pages(several: int) -> None:
    """Neither pertinence nor opening is asked below twenty documents."""
    words = list(VOCABULARY.items())
    documents = [
        LabelledDocument(
            str(number), words[number % 3][0], (words[number % 3][1],) * (2 if number < several else 1)
        )
        for number in range(several + 6)
    ]
    data = collected(documents)
    pertinent, opening = questions_asked(data)
    assert pertinent.any() == opening.any() == (several >= FEWEST_DOCUMENTS)
    assert pertinent.sum() in {0, 2 * several}
    assert opening.sum() in {0, len(data.owners)}
    if several < FEWEST_DOCUMENTS:
        found = held(data)
        assert not found.pertinence.any()
        assert not found.opening.any()


def test_pages_with_labels_of_their_own_ask_for_opening_alone(scans: tuple[Dataset, HeldOut]) -> None:
    """Each page is the whole of what has its label; scans of several pages still open somewhere."""
    pertinent, opening = questions_asked(scans[0])
    assert (pertinent.any(), opening.all()) == (False, True)


def test_each_part_is_counted_by_itself(covered: tuple[Dataset, HeldOut]) -> None:
    """Distinct and known features of words and of the head's characters."""
    data, found = covered
    spec = RICH.spec_of(RICH.ways[0])
    for column, part in enumerate(spec.parts):
        assert found.distinct[:, column].tolist() == np.diff(data.counts[part].indptr)[found.pages].tolist()
    assert np.all(found.known <= found.distinct)
