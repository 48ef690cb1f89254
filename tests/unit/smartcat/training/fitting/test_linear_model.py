from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from smartcat.classifier.features import count_features
from smartcat.classifier.spec import FeaturePart, FeatureSpec
from smartcat.training.errors import TrainingError
from smartcat.training.fitting.linear_model import (
    Vocabulary,
    Weights,
    fit_labels,
    learn_vocabulary,
)
from smartcat.training.fitting.page_columns import fit_page_relevance
from smartcat.training.hyperparameters import Hyperparameters

SPEC = FeatureSpec(n_features=64, parts=(FeaturePart(ngram_range=(1, 1)),))
TEXTS = ["alpha north", "alpha south", "beta north", "beta south", "gamma north", "gamma south"]
TARGETS = np.array([0, 0, 1, 1, 2, 2])


def matrix(texts: list[str] = TEXTS) -> Any:
    """Give the features of some texts."""
    counts = count_features(SPEC, texts)
    return learn_vocabulary(count_features(SPEC, TEXTS), SPEC, min_pages=1).matrix(counts)


def counted(rows: Any) -> Any:
    """Make a matrix of counts."""
    return csr_matrix(np.array(rows, dtype=np.float32))


def test_idf_matches_a_logarithm_done_by_hand() -> None:
    """Features of 3, 2, 1 and 0 pages out of 3; those below min_pages are not known at all."""
    spec = FeatureSpec(n_features=16)
    counts = counted([[1, 2, 1, 0, *[0] * 12], [4, 1, *[0] * 14], [1, *[0] * 15]])
    every = learn_vocabulary(counts, spec, min_pages=1)
    assert every.features.tolist() == [0, 1, 2]
    assert every.idf == pytest.approx([1.0, math.log(4 / 3) + 1, math.log(4 / 2) + 1])
    assert learn_vocabulary(counts, spec, min_pages=2).features.tolist() == [0, 1]
    assert learn_vocabulary(counts, FeatureSpec(n_features=16, idf=False), min_pages=1).idf is None


def test_pages_that_share_no_word_teach_nothing() -> None:
    """With every feature left out there is one clear error."""
    spec = FeatureSpec(n_features=2**20)
    with pytest.raises(TrainingError, match="no word occurs on 2 pages"):
        learn_vocabulary(count_features(spec, ["alpha", "beta"]), spec, min_pages=2)


def test_a_part_of_a_vocabulary_keeps_its_weights() -> None:
    """Features and idf of the places asked for, and where the second kind of n-grams begins among them."""
    spec = FeatureSpec(n_features=16, parts=(FeaturePart(), FeaturePart(head=9)))
    vocabulary = Vocabulary(spec, np.array([2, 5, 16, 31]), np.array([1, 2, 3, 4], dtype=np.float32))
    assert vocabulary.part_starts.tolist() == [0, 2]
    part = vocabulary.select(np.array([1, 3]))
    assert (part.features.tolist(), part.idf.tolist()) == ([5, 31], [2, 4])  # type: ignore[union-attr]
    assert part.part_starts.tolist() == [0, 1]
    assert replace(vocabulary, idf=None).select(np.array([0])).idf is None


@pytest.mark.parametrize(
    "way",
    [
        Hyperparameters(),
        Hyperparameters(loss="log", regularisation=10.0),
        Hyperparameters(class_weight="balanced"),
        Hyperparameters(naive_bayes=0.5),
        Hyperparameters(loss="log", class_weight="balanced", naive_bayes=1.0),
    ],
)
@pytest.mark.parametrize("labels", [2, 3])
def test_every_way_learns_what_it_is_shown(way: Hyperparameters, labels: int) -> None:
    """Three labels or two: a column each, in float32, the right one highest; the same at every call."""
    features, targets = matrix(TEXTS[: 2 * labels]), TARGETS[: 2 * labels]
    found, again = (fit_labels(features, targets, labels, way, seed=0)[0] for _ in range(2))
    assert found.weights.shape == (features.shape[1], labels)
    assert (found.weights.dtype, found.intercept.dtype) == (np.float32, np.float32)
    assert found.scores(features).argmax(axis=1).tolist() == targets.tolist()
    assert found.converged
    assert found.weights.tobytes() == again.weights.tobytes()


def test_two_labels_become_two_columns() -> None:
    """What speaks for one of two labels speaks as much against the other."""
    found = fit_labels(matrix(TEXTS[:4]), TARGETS[:4], 2, Hyperparameters(), seed=0)[0]
    assert np.array_equal(found.weights[:, 0], -found.weights[:, 1])
    assert found.intercept[0] == -found.intercept[1]


@pytest.mark.parametrize("loss", ["squared_hinge", "log"])
def test_a_label_that_does_not_occur_is_never_right(loss: Any) -> None:
    """A fold may lack a label: its score is -1 whatever the page, and the others are as without it."""
    found = fit_labels(matrix(TEXTS[:4]), np.array([0, 0, 3, 3]), 4, Hyperparameters(loss=loss), seed=0)[0]
    plain = fit_labels(matrix(TEXTS[:4]), np.array([0, 0, 1, 1]), 2, Hyperparameters(loss=loss), seed=0)[0]
    assert not found.weights[:, 1:3].any()
    assert found.intercept[1:3].tolist() == [-1.0, -1.0]
    assert np.array_equal(found.weights[:, [0, 3]], plain.weights)


def test_naive_bayes_adds_scores_of_a_known_deviation() -> None:
    """Half of it adds scores whose deviation over all pages and labels is one half."""
    features = matrix()
    with_bayes, without = (
        fit_labels(features, TARGETS, 3, Hyperparameters(naive_bayes=share), seed=0)[0]
        for share in (0.5, 0.0)
    )
    added = features @ (with_bayes.weights - without.weights)
    assert added.std() == pytest.approx(0.5, rel=1e-4)
    assert added.argmax(axis=1).tolist() == TARGETS.tolist()
    assert np.array_equal(with_bayes.intercept, without.intercept)


def test_a_solver_cut_short_says_so_without_a_raw_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Running out of passes is a fact about the fit, not noise on the terminal."""
    monkeypatch.setattr("smartcat.training.fitting.solver.MAX_EPOCHS", 1)
    for way in (Hyperparameters(), Hyperparameters(loss="log")):
        assert not fit_labels(matrix(), TARGETS, 3, way, seed=0)[0].converged


def test_a_yes_or_no_question_is_answered_in_log_odds() -> None:
    """CountedPages of alpha say yes; where all say the same the odds are even and nothing weighs."""
    features, truth = matrix(), TARGETS == 0
    found = fit_page_relevance(features, truth, seed=0)
    assert found.weights.shape == (features.shape[1], 1)
    assert ((found.scores(features)[:, 0] > found.scores(features)[:, 0].mean()) == truth).all()
    for same in (np.zeros(6, dtype=np.bool_), np.ones(6, dtype=np.bool_)):
        nothing = fit_page_relevance(features, same, seed=0)
        assert not nothing.weights.any()
        assert not nothing.intercept.any()


def test_weights_are_moved_scaled_and_put_side_by_side() -> None:
    """Scores are shifted by an offset a column, multiplied, and joined; stopping early is remembered."""
    one = Weights(np.array([[1.0, 2.0]], np.float32), np.array([0.5, 0.0], np.float32))
    other = Weights(np.array([[4.0]], np.float32), np.array([1.0], np.float32), converged=False)
    page = counted([[1]])
    assert one.shifted(np.array([1.0, -1.0])).scores(page).tolist() == [[2.5, 1.0]]
    assert other.times(3.0).scores(page).tolist() == [[15.0]]
    both = one.beside(other)
    assert both.scores(page).tolist() == [[1.5, 2.0, 5.0]]
    assert (one.converged, both.converged, other.times(2.0).converged) == (True, False, False)
    assert both.weights.dtype == np.float32


def test_pages_that_count_as_one_make_no_feature_frequent() -> None:
    """Of a page and its copy every feature is counted once, whichever of the two has it."""
    texts = ["one two", "one two three", "one four", "one four"]
    spec = FeatureSpec(n_features=2**12, parts=(FeaturePart(ngram_range=(1, 1)),))
    counts = count_features(spec, texts)
    copied = learn_vocabulary(counts, spec, min_pages=1, distinct=np.array([7, 7, 2, 3]))
    without = learn_vocabulary(counts[[1, 2, 3]], spec, min_pages=1)
    assert copied.features.tolist() == without.features.tolist()
    assert copied.idf is not None
    assert without.idf is not None
    assert copied.idf.tolist() == without.idf.tolist()
    assert len(learn_vocabulary(counts, spec, min_pages=2, distinct=np.array([7, 7, 2, 3])).features) == 2
    every = learn_vocabulary(counts, spec, min_pages=2, distinct=np.arange(4))
    assert every.features.tolist() == learn_vocabulary(counts, spec, min_pages=2).features.tolist()
