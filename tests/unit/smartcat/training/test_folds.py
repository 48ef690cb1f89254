from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.training.errors import TrainingError
from smartcat.training.folds import block_folds, copy_folds, enough_folds

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


CLUSTERED = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=2, max_size=40)


@given(CLUSTERED, st.integers(2, 5))
def test_copies_are_in_the_fold_of_the_first_of_them(drawn: list[tuple[int, int]], folds: int) -> None:
    """However few or many there are, and whatever their labels; without copies they are the block folds."""
    targets = np.array([label for label, _ in drawn])
    clusters = [cluster for _, cluster in drawn]
    copies = np.array([clusters.index(cluster) for cluster in clusters])
    groups = np.arange(len(drawn))
    first = np.flatnonzero(copies == groups)
    try:
        expected = block_folds(targets[first], first, folds)
    except TrainingError:
        with pytest.raises(TrainingError):
            copy_folds(targets, groups, copies, folds)
        return
    found = copy_folds(targets, groups, copies, folds)
    assert found[first].tolist() == expected.tolist()
    assert found.tolist() == found[copies].tolist()


def test_of_a_sample_the_first_copy_that_is_in_it_decides() -> None:
    """Examples may be some of the documents: the first document of a cluster need not be among them."""
    targets, copies = np.array([0] * 6 + [1] * 6), np.array([0, 1, 2, 0, 0, 5, 6, 7, 8, 9, 10, 11])
    sample = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9])
    found = copy_folds(targets[sample], sample, copies, 2)
    assert found[2] == found[3]
    assert found.tolist() == [0, 0, 1, 1, 1, 0, 0, 1, 1]


def test_no_more_folds_are_held_out_than_confidence_needs() -> None:
    """Evenly spaced, the first and the last among them, at least two; what is never held out stays so."""
    fold = np.repeat([-1, 0, 1, 2, 3, 4], [3, 10, 10, 10, 10, 10])
    assert np.unique(enough_folds(fold, 100)).tolist() == [-1, 0, 1, 2, 3, 4]
    few = enough_folds(fold, 25)
    assert [few[fold == number][0] for number in range(-1, 5)] == [-1, 0, -1, 1, -1, 2]
    two = enough_folds(fold, 1)
    assert [two[fold == number][0] for number in range(-1, 5)] == [-1, 0, -1, -1, -1, 1]
