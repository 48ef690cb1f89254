from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.training.dataset import Dataset, collect
from smartcat.training.held_out import learn
from smartcat.training.last_fold import score_last_fold
from smartcat.training.options import TrainOptions
from support.labelled import documents_with_covers, labelled_documents

if TYPE_CHECKING:
    from smartcat.training.corpus import LabelledDocument

OPTIONS = replace(TrainOptions.quick(), n_features=2**10)
SPEC = OPTIONS.spec_of(OPTIONS.ways[0])


def _collected(documents: list[LabelledDocument]) -> Dataset:
    return collect(documents, SPEC, SPEC.parts, lambda *_: None)


def test_scores_are_those_of_the_model_as_it_is_stored() -> None:
    """Each page has a score from rounded weights, one from exact ones, and what of it is known."""
    learnt, unseen = _collected(labelled_documents()), _collected(labelled_documents(per_label=5))
    learned = learn(learnt.counts_of(SPEC), learnt.page_targets, 3, OPTIONS.ways[0], OPTIONS)
    held = score_last_fold(unseen, learned, OPTIONS)
    matrix = learned.vocabulary.matrix(unseen.counts_of(SPEC))
    assert held.full_scores == pytest.approx(learned.full_weights.scores(matrix))
    assert held.scores == pytest.approx(held.full_scores, abs=0.1)
    assert not np.array_equal(held.scores, held.full_scores)
    assert held.known[:, 0].tolist() == np.diff(matrix.indptr).tolist()
    assert np.all(held.known <= held.distinct)
    assert not held.pertinence.any()
    assert not held.opening.any()


def test_what_a_page_is_in_its_document_is_answered_by_other_documents() -> None:
    """Covers are first pages and tell no label; that is seen on held-out documents that did not teach it."""
    data = _collected(documents_with_covers())
    learned = learn(data.counts_of(SPEC), data.page_targets, 3, OPTIONS.ways[0], OPTIONS)
    held = score_last_fold(data, learned, OPTIONS)
    assert held.opening[data.first_pages].min() > held.opening[~data.first_pages].max()
    assert held.pertinence.any() == (held.scores.argmax(axis=1) != data.page_targets).any()


def test_questions_stay_open_where_nobody_could_answer_them() -> None:
    """Of a single label there are no folds to answer from; that is no error."""
    documents = documents_with_covers(per_label=24)
    data = _collected(documents)
    learned = learn(data.counts_of(SPEC), data.page_targets, 3, OPTIONS.ways[0], OPTIONS)
    letters = [document for document in documents if document.label == "letter"]
    one_label = collect(letters, SPEC, SPEC.parts, lambda *_: None, labels=data.labels)
    assert not score_last_fold(one_label, learned, OPTIONS).opening.any()
