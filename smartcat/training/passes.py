"""Learning from the spool in passes: stochastic descent over shuffled pieces. Knows nothing of confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.linear_model import SGDClassifier

from smartcat.training.linear import Weights
from smartcat.training.naive_bayes import NaiveBayes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.training.linear import Vocabulary
    from smartcat.training.options import Way
    from smartcat.training.spool import Spool

# More gained nothing on three corpora: docs/training-large.md.
_MOST_PASSES: Final = 10
_FEWEST_PASSES: Final = 5
_PAGES_LEARNED: Final = 200_000

# A squared hinge that bends into a line where a page is far on the wrong side: the bare square, whose steps
# have no bound, lost up to 14 points in as many passes.
_LOSSES: Final = {"squared_hinge": "modified_huber", "log": "log_loss"}
_BYTES_PER_ENTRY: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """Pages of a spool to learn from.

    Attributes:
        spool: Where they are.
        pages: How many there are of each label, ``(labels,)``.
        with_held: Whether pages that are held out are among them.
        most_entries: Distinct features of pages that may be in memory at a time, all together.
        told: Called with the number of pieces after each batch.
    """

    spool: Spool
    pages: npt.NDArray[np.int64]
    with_held: bool
    most_entries: int
    told: Callable[[int], None]

    @property
    def passes(self) -> int:
        """How often each page is learned from: 5 to 10 times, less often where there are many."""
        return min(_MOST_PASSES, max(_FEWEST_PASSES, _PAGES_LEARNED // max(1, int(self.pages.sum()))))

    def batches(
        self, vocabulary: Vocabulary, draw: np.random.Generator
    ) -> Iterator[tuple[Csr, npt.NDArray[np.int64]]]:
        """Give all pages once, features and labels, each batch from pieces of many places.

        A corpus is often sorted by label or by day; a batch of neighbours would make the weights forget all
        others.
        """
        order = draw.permutation(len(self.spool))
        filled = np.cumsum(self.spool.sizes()[order]) // (self.most_entries * _BYTES_PER_ENTRY)
        for numbers in np.split(order, np.flatnonzero(np.diff(filled)) + 1):
            pages = self.spool.read(numbers.tolist())
            if not self.with_held:
                pages = pages.only(~pages.held)
            if len(pages.targets):
                yield vocabulary.matrix(pages.counts), pages.targets
            self.told(len(numbers))


def fit_in_passes(portion: Portion, vocabulary: Vocabulary, way: Way, *, seed: int) -> Weights:
    """Fit a linear classifier a label, one-vs-rest; see :func:`smartcat.training.linear.fit_labels`.

    Args:
        portion: What to learn from.
        vocabulary: The features.
        way: How to learn. Its C becomes the strength that means the same to this solver.
        seed: Seed of the order and of the solver.

    Returns:
        The weights; the same arguments give the same numbers.
    """
    draw = np.random.default_rng(seed)
    labels, kept = len(portion.pages), len(vocabulary.features)
    solver = SGDClassifier(
        loss=_LOSSES[way.loss],
        alpha=1.0 / (way.regularisation * max(1, int(portion.pages.sum()))),
        class_weight=None if way.class_weight is None else _balanced(portion.pages),
        random_state=np.random.RandomState(seed),
    )
    bayes = NaiveBayes(labels, kept) if way.naive_bayes else None
    for number in range(portion.passes):
        for matrix, targets in portion.batches(vocabulary, draw):
            solver.partial_fit(matrix, targets, classes=np.arange(labels))
            if bayes is not None:
                bayes.look(matrix, targets, number)
    found = _one_column_a_label(solver)
    if bayes is not None:
        found = Weights(found.weights + way.naive_bayes * bayes.weights(), found.intercept)
    return found


def _balanced(pages: npt.NDArray[np.int64]) -> dict[int, float]:
    """Weigh labels as scikit-learn's ``balanced`` does, which it refuses where not all pages are at hand."""
    there = int(np.count_nonzero(pages))
    return {
        label: float(pages.sum() / (there * count)) if count else 1.0
        for label, count in enumerate(pages.tolist())
    }


def _one_column_a_label(solver: SGDClassifier) -> Weights:
    coefficients, intercepts = solver.coef_, solver.intercept_
    if len(coefficients) == 1:
        # Two labels share one row, with opposite signs.
        coefficients = np.vstack((-coefficients, coefficients))
        intercepts = np.concatenate((-intercepts, intercepts))
    return Weights(
        np.ascontiguousarray(coefficients.T, dtype=np.float32), intercepts.astype(np.float32), converged=True
    )
