"""Stochastic gradient descent over the shuffled blocks of a spill file. Knows nothing of confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.linear_model import SGDClassifier

from smartcat.training.fitting.linear_model import one_column_per_label
from smartcat.training.fitting.naive_bayes import BatchNaiveBayes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.training.fitting.linear_model import Vocabulary, Weights
    from smartcat.training.hyperparameters import Hyperparameters
    from smartcat.training.out_of_core.spill_file import SpillFile

# More gained nothing on three corpora: docs/training-large.md.
_MAX_EPOCHS: Final = 10
_MIN_EPOCHS: Final = 5
_PAGES_SEEN: Final = 200_000

# A squared hinge that is linear where a page is far on the wrong side: the plain square, whose steps have no
# bound, lost up to 14 points in as many epochs.
_LOSSES: Final = {"squared_hinge": "modified_huber", "log": "log_loss"}
_BYTES_PER_ENTRY: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class PageBatches:
    """Pages of a spill file in shuffled batches.

    Attributes:
        spill_file: Where they are.
        pages: How many there are of each label, ``(labels,)``.
        with_holdout: Whether pages that are held out are among them.
        max_entries: Distinct features of pages that may be in memory at a time, all together.
        on_blocks: Called with the number of blocks after each batch.
    """

    spill_file: SpillFile
    pages: npt.NDArray[np.int64]
    with_holdout: bool
    max_entries: int
    on_blocks: Callable[[int], None]

    @property
    def epochs(self) -> int:
        """Passes over the data: 5 to 10, fewer where there are many pages."""
        return min(_MAX_EPOCHS, max(_MIN_EPOCHS, _PAGES_SEEN // max(1, int(self.pages.sum()))))

    def shuffled(
        self, vocabulary: Vocabulary, generator: np.random.Generator
    ) -> Iterator[tuple[Csr, npt.NDArray[np.int64]]]:
        """Yield all pages once, features and labels, each batch from blocks of many parts of the corpus.

        A corpus is often sorted by label or by day; batches of neighbours would make the weights forget all
        others.
        """
        order = generator.permutation(len(self.spill_file))
        filled = np.cumsum(self.spill_file.sizes()[order]) // (self.max_entries * _BYTES_PER_ENTRY)
        for numbers in np.split(order, np.flatnonzero(np.diff(filled)) + 1):
            pages = self.spill_file.read(numbers.tolist())
            if not self.with_holdout:
                pages = pages.select(~pages.held_out)
            if len(pages.targets):
                yield vocabulary.matrix(pages.counts), pages.targets
            self.on_blocks(len(numbers))


def fit_sgd(
    batches: PageBatches, vocabulary: Vocabulary, hyperparameters: Hyperparameters, *, seed: int
) -> Weights:
    """Fit a linear classifier a label, one-vs-rest.

    It does on disk what :func:`smartcat.training.fitting.linear_model.fit_labels` does in memory.

    Args:
        batches: What to learn from.
        vocabulary: The features.
        hyperparameters: How to fit. C becomes the penalty that means the same to this solver.
        seed: Seed of the order and of the solver.

    Returns:
        The weights; the same arguments give the same numbers.
    """
    generator = np.random.default_rng(seed)
    labels, kept = len(batches.pages), len(vocabulary.features)
    solver = SGDClassifier(
        loss=_LOSSES[hyperparameters.loss],
        alpha=1.0 / (hyperparameters.regularisation * max(1, int(batches.pages.sum()))),
        class_weight=None if hyperparameters.class_weight is None else _balanced(batches.pages),
        random_state=np.random.RandomState(seed),
    )
    bayes = BatchNaiveBayes(labels, kept) if hyperparameters.naive_bayes else None
    for epoch in range(batches.epochs):
        for matrix, targets in batches.shuffled(vocabulary, generator):
            solver.partial_fit(matrix, targets, classes=np.arange(labels))
            if bayes is not None:
                bayes.partial_fit(matrix, targets, epoch)
    weights = one_column_per_label(solver.coef_, solver.intercept_, solver.classes_, labels, converged=True)
    if bayes is not None:
        weights = weights.plus(hyperparameters.naive_bayes * bayes.weights())
    return weights


def _balanced(pages: npt.NDArray[np.int64]) -> dict[int, float]:
    """Return the weights of ``balanced`` labels; scikit-learn needs all pages in memory for that."""
    occurring = int(np.count_nonzero(pages))
    return {
        label: float(pages.sum() / (occurring * count)) if count else 1.0
        for label, count in enumerate(pages.tolist())
    }
