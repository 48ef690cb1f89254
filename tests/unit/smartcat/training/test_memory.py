from __future__ import annotations

import pytest

from smartcat.training.dataset import collect
from smartcat.training.errors import TrainingError
from smartcat.training.memory import LEAST_MEMORY, Budget, estimate
from smartcat.training.options import CHARACTERS, WORDS, TrainOptions, Way
from smartcat.training.survey import survey
from support.corpora import noisy_documents


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def test_too_little_memory_is_refused() -> None:
    """Below what the libraries and a batch take, nothing could be kept within the bound."""
    with pytest.raises(TrainingError, match="memory should be 500 MB or more"):
        Budget(LEAST_MEMORY - 1)


def test_parts_of_a_budget_stay_within_it() -> None:
    """Weights and scores shrink as labels grow in number; a naive Bayes takes room for weights."""
    budget = Budget(LEAST_MEMORY)
    assert budget.held_documents(2) == 20_000
    assert budget.held_documents(5000) == 781
    assert budget.features(100, Way()) * 100 * 48 <= budget.memory
    assert budget.features(100, Way(naive_bayes=0.3)) < budget.features(100, Way())
    assert budget.batch_entries < Budget().batch_entries == Budget(10**12).batch_entries


def test_an_estimate_is_drawn_from_the_sample() -> None:
    """The estimate of a corpus from a few of its documents is near what counting all of them gives."""
    documents = noisy_documents("xy", 500)
    found = survey(documents, _silent, most_documents=60, most_characters=10**6, seed=0)
    options = TrainOptions(ways=(Way((WORDS,)), Way((WORDS, CHARACTERS))), n_features=2**12)
    needs = estimate(found, options)
    spec = options.spec_of(options.ways[1])
    entries = collect(documents, spec, spec.parts, _silent).counts_of(spec).nnz
    assert sum(needs.entries.values()) == pytest.approx(entries, rel=0.05)
    assert needs.spool((WORDS,)) == 5 * needs.entries[WORDS] + 16 * 1000
    words = TrainOptions(ways=(Way((WORDS,)),), n_features=2**12)
    assert estimate(found, words).memory < needs.memory
