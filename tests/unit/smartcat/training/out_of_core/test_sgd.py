from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from smartcat.classifier.spec import FeatureSpec
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.fitting.linear_model import fit_labels, learn_vocabulary
from smartcat.training.hyperparameters import WORDS, Hyperparameters
from smartcat.training.out_of_core import sgd, spill_file
from smartcat.training.out_of_core.sgd import PageBatches, fit_sgd
from smartcat.training.out_of_core.spill_file import CountedPages, SpillFile
from smartcat.training.progress import no_progress
from support.corpora import noisy_documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.training.fitting.linear_model import Vocabulary

SPEC = FeatureSpec(n_features=2**10)
LABELS = ("a", "b", "c", "d")


def _counts(per_label: int, seed: int) -> tuple[Csr, npt.NDArray[np.int64]]:
    """Give counts sorted by label, the worst order to learn from."""
    documents = sorted(noisy_documents(LABELS, per_label, seed=seed), key=lambda document: document.label)
    data = build_dataset(documents, SPEC, (WORDS,), no_progress)
    return data.counts[WORDS], data.page_targets


@pytest.fixture(scope="module")
def portion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageBatches]:
    """Give 600 pages sorted by label, of which each tenth is held out, in small pieces."""
    counts, targets = _counts(150, seed=1)
    with (
        pytest.MonkeyPatch.context() as patch,
        SpillFile(tmp_path_factory.mktemp("spool"), SPEC.width) as spool,
    ):
        patch.setattr(spill_file, "BLOCK_ENTRIES", 300)
        spool.append(CountedPages(counts, targets, np.arange(len(targets)) % 10 == 0))
        yield PageBatches(spool, np.bincount(targets), True, 3000, lambda _: None)


@pytest.fixture(scope="module")
def vocabulary(portion: PageBatches) -> Vocabulary:
    """Give what the pages know."""
    counts = portion.spill_file.read(range(len(portion.spill_file))).counts
    return learn_vocabulary(counts, SPEC, min_pages=2)


def test_each_pass_gives_all_pages_once(portion: PageBatches, vocabulary: Vocabulary) -> None:
    """Batches are of a bounded size, hold all pages or all that are not held out, and tell their pieces."""
    told: list[int] = []
    portion = replace(portion, on_blocks=told.append)
    for with_held, expected in ((True, 600), (False, 540)):
        told.clear()
        batches = list(
            replace(portion, with_holdout=with_held).shuffled(vocabulary, np.random.default_rng(0))
        )
        assert sum(len(targets) for _, targets in batches) == expected
        assert sum(told) == len(portion.spill_file)
        assert len(batches) > 3
        assert max(matrix.nnz for matrix, _ in batches) < 4000


def test_a_batch_holds_many_labels_of_a_sorted_corpus(portion: PageBatches, vocabulary: Vocabulary) -> None:
    """Pieces of many places are mixed: a batch of one label would teach to forget the others."""
    batches = list(portion.shuffled(vocabulary, np.random.default_rng(0)))
    assert np.mean([len(np.unique(targets)) for _, targets in batches]) > 3


def test_what_a_batch_holds_is_drawn_anew_at_each_pass(portion: PageBatches, vocabulary: Vocabulary) -> None:
    """The same generator gives another order every time, the same seed the same."""
    draw = np.random.default_rng(0)
    orders = [np.concatenate([targets for _, targets in portion.shuffled(vocabulary, draw)]) for _ in "12"]
    again = portion.shuffled(vocabulary, np.random.default_rng(0))
    assert not np.array_equal(orders[0], orders[1])
    assert np.array_equal(orders[0], np.concatenate([targets for _, targets in again]))


@pytest.mark.parametrize(
    "hyperparameters",
    [
        Hyperparameters(),
        Hyperparameters(regularisation=3.0),
        Hyperparameters(loss="log", regularisation=10.0),
        Hyperparameters(naive_bayes=0.6),
        Hyperparameters(class_weight="balanced"),
    ],
)
def test_passes_learn_about_what_the_exact_solver_learns(
    portion: PageBatches, vocabulary: Vocabulary, hyperparameters: Hyperparameters
) -> None:
    """On pages that neither has seen, a corpus sorted by label costs no more than two points."""
    counts, targets = _counts(100, seed=2)
    unseen = vocabulary.matrix(counts)
    pages = portion.spill_file.read(range(len(portion.spill_file)))
    exact = fit_labels(vocabulary.matrix(pages.counts), pages.targets, 4, hyperparameters, seed=0)[0]
    found = fit_sgd(portion, vocabulary, hyperparameters, seed=0)
    right = [float((each.scores(unseen).argmax(axis=1) == targets).mean()) for each in (exact, found)]
    assert right[0] > 0.8
    assert right[1] > right[0] - 0.02


def test_the_same_seed_gives_the_same_weights(portion: PageBatches, vocabulary: Vocabulary) -> None:
    """Learning is repeatable to the bit, and the seed counts."""
    found = [
        fit_sgd(portion, vocabulary, Hyperparameters(), seed=seed).weights.tobytes() for seed in (0, 0, 1)
    ]
    assert found[0] == found[1] != found[2]


def test_two_labels_get_a_column_each(tmp_path: Path) -> None:
    """What the solver tells with one row are two scores of opposite signs."""
    data = build_dataset(noisy_documents("xy", 30), SPEC, (WORDS,), no_progress)
    vocabulary = learn_vocabulary(data.counts[WORDS], SPEC, min_pages=1)
    with SpillFile(tmp_path, SPEC.width) as spool:
        spool.append(CountedPages(data.counts[WORDS], data.page_targets, np.zeros(60, dtype=np.bool_)))
        portion = PageBatches(spool, np.array([30, 30]), True, 10**6, lambda _: None)
        found = fit_sgd(portion, vocabulary, Hyperparameters(), seed=0)
    assert np.array_equal(found.weights[:, 0], -found.weights[:, 1])
    answers = found.scores(vocabulary.matrix(data.counts[WORDS])).argmax(axis=1)
    assert (answers == data.page_targets).mean() > 0.9


@pytest.mark.parametrize(("pages", "expected"), [(10, 10), (25_000, 8), (10**7, 5)])
def test_a_large_corpus_needs_fewer_passes(portion: PageBatches, pages: int, expected: int) -> None:
    """Few pages are learned from ten times, many five times."""
    assert replace(portion, pages=np.array([pages])).epochs == expected


def test_balanced_weights_are_those_of_the_library() -> None:
    """Rare labels weigh more, by scikit-learn's rule; a label without a page has no say."""
    assert sgd._balanced(np.array([10, 30, 0])) == {0: 2.0, 1: pytest.approx(2 / 3), 2: 1.0}
