from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.errors import TrainingError
from smartcat.training.folds import block_folds, enough_folds

Documents = list[list[int]]
DOCUMENTS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3), min_size=2, max_size=40)


def folded(documents: Documents, folds: int) -> list[list[int]]:
    """Cut documents, given as the labels of their units, and give the folds of the same units."""
    targets = np.array([label for document in documents for label in document])
    groups = np.repeat(np.arange(len(documents)), [len(document) for document in documents])
    found = block_folds(targets, groups, folds)
    ends = np.cumsum([len(document) for document in documents])
    return [part.tolist() for part in np.split(found, ends[:-1])]


def alike(documents: Documents) -> dict[int, list[int]]:
    """Give the places of the documents of each label, and of those of several labels together."""
    places: dict[int, list[int]] = {}
    for place, labels in enumerate(documents):
        places.setdefault(labels[0] if len(set(labels)) == 1 else -1, []).append(place)
    return places


def test_folds_are_blocks_in_the_order_of_the_corpus() -> None:
    """Of ten and five documents the first two and the first one are held out together."""
    found = folded([[0]] * 10 + [[1]] * 5, 5)
    assert [fold for (fold,) in found] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 1, 2, 3, 4]


def test_labels_that_take_turns_are_blocks_all_the_same() -> None:
    """Blocks are cut within each label, however labels are mixed in the corpus."""
    assert [fold for (fold,) in folded([[0], [1]] * 4, 2)] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_a_rare_label_is_always_learned_from() -> None:
    """Two documents cannot be held out in three folds; the others still are."""
    found = folded([[0]] * 3 + [[1]] * 3 + [[2]] * 2, 3)
    assert [fold for (fold,) in found] == [0, 1, 2, 0, 1, 2, -1, -1]


def test_fewer_folds_where_labels_are_small() -> None:
    """The second largest label decides how many folds there can be."""
    found = folded([[0]] * 9 + [[1]] * 2, 5)
    assert {fold for (fold,) in found} == {0, 1}


def test_labels_spread_over_mixed_documents_are_held_out_as_far_as_they_go() -> None:
    """Three documents of each label and two of both allow three folds, not five."""
    found = folded([[0]] * 3 + [[1]] * 3 + [[0, 1]] * 2, 5)
    assert found == [[0], [1], [2], [0], [1], [2], [-1, -1], [-1, -1]]


def test_documents_of_several_labels_alone_are_enough() -> None:
    """Scans of mixed pages are blocks of their own."""
    assert folded([[0, 1]] * 4, 2) == [[0, 0], [0, 0], [1, 1], [1, 1]]


@pytest.mark.parametrize("documents", [[[0], [1]], [[0]] * 5, [[0]] * 5 + [[1]], [[0], [1], [0, 1]]])
def test_too_few_documents_are_refused(documents: Documents) -> None:
    """Confidence cannot be learned from single documents, or from one label."""
    with pytest.raises(TrainingError, match="at least two labels with two documents each"):
        folded(documents, 5)


@given(DOCUMENTS, st.integers(2, 6))
def test_whatever_the_corpus_folds_are_what_they_promise(documents: Documents, folds: int) -> None:
    """Documents stay whole, folds follow the order of the corpus, and two labels or more are held out."""
    try:
        found = folded(documents, folds)
    except TrainingError:
        return
    assert all(len(set(fold)) == 1 for fold in found)
    of_document = [fold[0] for fold in found]
    number = max(of_document) + 1
    assert 2 <= number <= folds
    for places in alike(documents).values():
        mine = [of_document[place] for place in places]
        if len(places) < number:
            assert set(mine) == {-1}
        else:
            assert mine == sorted(mine)
            sizes = np.bincount(mine, minlength=number)
            assert sizes.max() - sizes.min() <= 1
    held = {
        label for labels, fold in zip(documents, of_document, strict=True) if fold >= 0 for label in labels
    }
    assert len(held) >= 2
    for fold in range(number):
        inside = zip(documents, of_document, strict=True)
        assert len({label for labels, mine in inside if mine != fold for label in labels}) >= 2


def test_no_more_folds_are_held_out_than_confidence_needs() -> None:
    """Evenly spaced, the first and the last among them, at least two; what is never held out stays so."""
    fold = np.repeat([-1, 0, 1, 2, 3, 4], [3, 10, 10, 10, 10, 10])
    assert np.unique(enough_folds(fold, 100)).tolist() == [-1, 0, 1, 2, 3, 4]
    few = enough_folds(fold, 25)
    assert [few[fold == number][0] for number in range(-1, 5)] == [-1, 0, -1, 1, -1, 2]
    two = enough_folds(fold, 1)
    assert [two[fold == number][0] for number in range(-1, 5)] == [-1, 0, -1, -1, -1, 1]
