from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.training.feature_matrix import Dataset, build_dataset
from smartcat.training.fitting.pruning import fit_and_prune
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.out_of_core.holdout import score_holdout
from support.labelled import documents_with_covers, labelled_documents

if TYPE_CHECKING:
    from smartcat.training.corpus.labelled_documents import LabelledDocument

OPTIONS = TrainingOptions.quick(n_features=2**10)
SPEC = OPTIONS.candidates[0].spec


def _collected(documents: list[LabelledDocument]) -> Dataset:
    return build_dataset(documents, SPEC, SPEC.parts, lambda *_: None)


def test_scores_are_those_of_the_model_as_it_is_stored() -> None:
    """Each page has a score from rounded weights, one from exact ones, and what of it is known."""
    learnt, unseen = _collected(labelled_documents()), _collected(labelled_documents(per_label=5))
    learned = fit_and_prune(
        learnt.matrix(SPEC).counts, learnt.page_targets, 3, OPTIONS.candidates[0], OPTIONS
    )
    held = score_holdout(unseen.matrix(SPEC), learned, OPTIONS)
    matrix = learned.vocabulary.matrix(unseen.matrix(SPEC).counts)
    assert held.full_scores == pytest.approx(learned.full_weights.scores(matrix))
    assert held.scores == pytest.approx(held.full_scores, abs=0.1)
    assert not np.array_equal(held.scores, held.full_scores)
    assert held.known[:, 0].tolist() == np.diff(matrix.indptr).tolist()
    assert np.all(held.known <= held.distinct)
    assert not held.relevance.any()
    assert not held.first_page_margin.any()


def test_what_a_page_is_in_its_document_is_answered_by_other_documents() -> None:
    """Covers are first pages and tell no label; that is seen on held-out documents that did not teach it."""
    data = _collected(documents_with_covers())
    learned = fit_and_prune(data.matrix(SPEC).counts, data.page_targets, 3, OPTIONS.candidates[0], OPTIONS)
    held = score_holdout(data.matrix(SPEC), learned, OPTIONS)
    assert held.first_page_margin[data.first_pages].min() > held.first_page_margin[~data.first_pages].max()
    assert held.relevance.any() == (held.scores.argmax(axis=1) != data.page_targets).any()


def test_questions_stay_open_where_nobody_could_answer_them() -> None:
    """Of a single label there are no folds to answer from; that is no error."""
    documents = documents_with_covers(per_label=24)
    data = _collected(documents)
    learned = fit_and_prune(data.matrix(SPEC).counts, data.page_targets, 3, OPTIONS.candidates[0], OPTIONS)
    letters = [document for document in documents if document.label == "letter"]
    one_label = build_dataset(letters, SPEC, SPEC.parts, lambda *_: None, labels=data.labels)
    assert not score_holdout(one_label.matrix(SPEC), learned, OPTIONS).first_page_margin.any()
