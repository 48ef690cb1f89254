from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import random_array

from smartcat.training.fitting.naive_bayes import BatchNaiveBayes, naive_bayes_weights


def test_batches_give_what_all_rows_at_once_give() -> None:
    """Learned in passes or at once, the weights are the same but for rounding."""
    draw = np.random.default_rng(0)
    matrix = random_array((60, 30), density=0.2, format="csr", dtype=np.float32, rng=draw)
    targets = draw.integers(0, 3, 60)
    bayes = BatchNaiveBayes(3, 30)
    for number in range(3):
        for rows in (slice(0, 25), slice(25, 60)):
            bayes.partial_fit(matrix[rows], targets[rows], number)
    whole = naive_bayes_weights(matrix, targets, 3)
    assert bayes.weights() == pytest.approx(whole, rel=1e-4, abs=1e-6)


def test_scores_have_the_deviation_one() -> None:
    """However large the corpus is, a naive Bayes weighs as much beside the solver."""
    draw = np.random.default_rng(1)
    matrix = random_array((40, 20), density=0.3, format="csr", dtype=np.float32, rng=draw)
    weights = naive_bayes_weights(matrix, draw.integers(0, 4, 40), 4)
    assert float((matrix @ weights).std()) == pytest.approx(1.0, rel=1e-4)
