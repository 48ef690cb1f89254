from __future__ import annotations

import pytest

from smartcat.training.corpus.profile import profile_corpus
from smartcat.training.errors import TrainingError
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.hyperparameters import (
    CHARACTERS,
    WORDS,
    Hyperparameters,
    TrainingOptions,
    feature_spec,
)
from smartcat.training.out_of_core.memory_budget import MIN_MEMORY, MemoryBudget, estimate_resources
from smartcat.training.progress import no_progress
from support.corpora import noisy_documents


def test_too_little_memory_is_refused() -> None:
    """Below what the libraries and a batch take, nothing could be kept within the bound."""
    with pytest.raises(TrainingError, match="memory should be 500 MB or more"):
        MemoryBudget(MIN_MEMORY - 1)


def test_parts_of_a_budget_stay_within_it() -> None:
    """Weights and scores shrink as labels grow in number; a naive Bayes takes room for weights."""
    budget = MemoryBudget(MIN_MEMORY)
    assert budget.holdout_documents(2) == 20_000
    assert budget.holdout_documents(5000) == 781
    assert budget.max_features(100, Hyperparameters()) * 100 * 48 <= budget.memory
    assert budget.max_features(100, Hyperparameters(naive_bayes=0.3)) < budget.max_features(
        100, Hyperparameters()
    )
    assert budget.batch_entries < MemoryBudget().batch_entries == MemoryBudget(10**12).batch_entries


def test_an_estimate_is_drawn_from_the_sample() -> None:
    """The estimate of a corpus from a few of its documents is near what counting all of them gives."""
    documents = noisy_documents("xy", 500)
    found = profile_corpus(documents, no_progress, max_documents=60, max_characters=10**6, seed=0)
    options = TrainingOptions(
        (
            Hyperparameters(feature_spec(WORDS, n_features=2**12)),
            Hyperparameters(feature_spec(WORDS, CHARACTERS, n_features=2**12)),
        )
    )
    needs = estimate_resources(found, options)
    spec = options.candidates[1].spec
    entries = build_dataset(documents, spec, spec.parts, no_progress).matrix(spec).counts.to_csr().nnz
    assert sum(needs.entries.values()) == pytest.approx(entries, rel=0.05)
    assert needs.spill_bytes((WORDS,)) == 5 * needs.entries[WORDS] + 16 * 1000
    words = TrainingOptions.quick(n_features=2**12)
    assert estimate_resources(found, words).memory < needs.memory
