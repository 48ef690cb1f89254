from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from classifier.features import count_features
from training.errors import TrainingError
from training.linear import fit_linear, learn_idf
from training.options import TrainOptions


def test_idf_matches_a_logarithm_done_by_hand() -> None:
    """Features of 3, 2, 1 and 0 pages out of 3; those below min_pages weigh nothing."""
    counts = csr_matrix(np.array([[1, 2, 1, 0], [4, 1, 0, 0], [1, 0, 0, 0]], dtype=np.float32))
    expected = [1.0, math.log(4 / 3) + 1, math.log(4 / 2) + 1, 0.0]
    assert learn_idf(counts, min_pages=1) == pytest.approx(expected)
    assert learn_idf(counts, min_pages=2) == pytest.approx([*expected[:2], 0.0, 0.0])


def test_two_labels_become_two_columns() -> None:
    """What speaks for one of two labels speaks as much against the other."""
    options = TrainOptions(n_features=64, ngram_range=(1, 1), min_pages=1)
    counts = count_features(options.spec, ["alpha", "alpha beta", "gamma", "gamma delta"])
    model = fit_linear(counts, np.array([0, 0, 1, 1]), ("a", "b"), options).model
    assert model.weights.shape == (64, 2)
    assert np.array_equal(model.weights[:, 0], -model.weights[:, 1])
    assert model.weights.flags.c_contiguous
    assert model.weights.dtype == np.float32
    assert model.intercept.tolist() == [-model.intercept[1], model.intercept[1]]


def test_a_solver_cut_short_says_so_without_a_raw_warning() -> None:
    """Running out of passes is a fact about the fit, not noise on the terminal."""
    options = TrainOptions(n_features=64, min_pages=1, max_iterations=1)
    counts = count_features(options.spec, ["alpha beta", "beta gamma", "gamma alpha"])
    assert not fit_linear(counts, np.array([0, 1, 1]), ("a", "b"), options).converged


def test_pages_that_share_no_word_teach_nothing() -> None:
    """With every feature left out there is one clear error."""
    options = TrainOptions(n_features=2**20)
    counts = count_features(options.spec, ["alpha", "beta"])
    with pytest.raises(TrainingError, match="no word occurs on 2 pages"):
        fit_linear(counts, np.array([0, 1]), ("a", "b"), options)


def test_a_model_without_idf() -> None:
    """Without idf there is no idf array, and every feature has its weight."""
    options = TrainOptions(n_features=64, idf=False)
    counts = count_features(options.spec, ["alpha", "beta"])
    assert fit_linear(counts, np.array([0, 1]), ("a", "b"), options).model.idf is None
