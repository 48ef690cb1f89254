"""Model selection: the hyperparameters whose held-out probabilities have the lowest log loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.calibration.calibration import learn_calibration
from smartcat.training.calibration.page_pooling import pool_pages
from smartcat.training.errors import TrainingError
from smartcat.training.fitting.linear_model import fit_labels, learn_vocabulary
from smartcat.training.folds import copy_folds
from smartcat.training.hyperparameters import REFINEMENTS, refined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.manifest import Trial
    from smartcat.classifier.spec import FeatureSpec
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.hyperparameters import Hyperparameters, TrainingOptions
    from smartcat.training.progress import Progress

_TOLERANCE: Final = 0.3
"""Six times that of the final fit: close enough to rank candidates, in half the time."""
_MIN_IMPROVEMENT: Final = 0.99
"""What a later candidate must lower the log loss to: less is within chance, and later ones cost more."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The hyperparameters selected, and what they were compared with.

    Attributes:
        hyperparameters: The best.
        compared: All that were compared, in order; empty where there was nothing to compare.
    """

    hyperparameters: Hyperparameters
    compared: tuple[Trial, ...]


def select_hyperparameters(data: Dataset, options: TrainingOptions, progress: Progress) -> Selection:
    """Compare hyperparameters on held-out blocks of the training data.

    The sets of features are compared first; each step then refines the best candidate so far. Better means a
    lower log loss of the calibrated probabilities, which rewards right labels and honest confidence alike,
    and is far steadier than accuracy on a few hundred documents.

    Args:
        data: What to learn from.
        options: The candidates, and how many documents to compare them on.
        progress: Called with ``("select", candidates done, candidates)``.

    Returns:
        The best candidate; the first where there is nothing to compare, or nothing to compare on.
    """
    first = options.candidates[0]
    if len(options.candidates) == 1 and not options.refine:
        return Selection(first, ())
    try:
        folds = _SelectionFolds(data, options)
    except TrainingError:
        # Thousands of labels of two documents each: hardly two of one label are in the sample.
        return Selection(first, ())
    total = len(options.candidates) + (sum(map(len, REFINEMENTS)) if options.refine else 0)
    results: dict[Hyperparameters, Trial] = {}

    def best_of(candidates: Sequence[Hyperparameters], best: Hyperparameters) -> Hyperparameters:
        for candidate in candidates:
            results[candidate] = folds.evaluate(candidate)
            progress("select", len(results), total)
            if results[candidate].log_loss < results[best].log_loss * _MIN_IMPROVEMENT:
                best = candidate
        return best

    best = best_of(options.candidates, first)
    for step in range(len(REFINEMENTS)) if options.refine else ():
        best = best_of(refined(best, step), best)
    return Selection(best, tuple(results.values()))


def sample_examples(groups: npt.NDArray[np.int64], max_documents: int) -> npt.NDArray[np.bool_]:
    """Return a mask that thins out documents evenly in the order of the corpus.

    Args:
        groups: Document of each example, ascending.
        max_documents: Documents wanted, at most.

    Returns:
        Which examples to keep, ``(examples,)``.
    """
    documents, document_of_example = np.unique(groups, return_inverse=True)
    kept = np.zeros(len(documents), dtype=np.bool_)
    spaced = np.linspace(0, len(documents) - 1, num=min(max_documents, len(documents)))
    kept[spaced.astype(np.int64)] = True
    return kept[document_of_example]


@dataclass(frozen=True, slots=True, eq=False)
class _Fold:
    """Pages of one fold as features.

    Attributes:
        train: Features of the pages to learn from.
        targets: Their labels.
        held_out: Features of the pages held out.
        held_out_pages: Indices of those among the sampled pages.
    """

    train: Csr
    targets: npt.NDArray[np.int64]
    held_out: Csr
    held_out_pages: npt.NDArray[np.int64]


class _SelectionFolds:
    """The folds that all candidates are compared on. Candidates with the same features share the matrices."""

    def __init__(self, data: Dataset, options: TrainingOptions) -> None:
        sampled = sample_examples(data.groups, options.max_selection_documents)
        fold = np.full(len(sampled), -2)
        fold[sampled] = copy_folds(
            data.targets[sampled], data.groups[sampled], data.copies, options.selection_folds
        )
        self._data, self._options = data, options
        self._pages = np.flatnonzero(fold[data.examples] > -2)
        self._fold_of_page = fold[data.examples[self._pages]]
        self._spec: FeatureSpec | None = None
        self._folds: list[_Fold] = []

    def evaluate(self, candidate: Hyperparameters) -> Trial:
        """Fit on each fold; return how good the held-out decisions are."""
        if candidate.spec != self._spec:
            self._spec, self._folds = candidate.spec, list(self._features(candidate.spec))
        data, labels = self._data, len(self._data.labels)
        scores = np.zeros((len(self._pages), labels))
        for fold in self._folds:
            weights = fit_labels(
                fold.train, fold.targets, labels, candidate, seed=self._options.seed, tolerance=_TOLERANCE
            )
            scores[fold.held_out_pages] = weights.scores(fold.held_out)
        held_out = self._fold_of_page >= 0
        examples = data.examples[self._pages[held_out]]
        pooled = pool_pages(scores[held_out], np.zeros(len(examples)), examples)
        truth = data.targets[pooled.examples]
        if not len(truth):
            raise TrainingError("no document shares a word with the others, so no confidence can be learned")
        calibration = learn_calibration(pooled.scores, truth, pooled.pages)
        right = (pooled.scores + calibration.offsets).argmax(axis=1) == truth
        log_loss = calibration.log_loss(pooled.scores, truth, pooled.pages)
        return candidate.to_facts(accuracy=float(right.mean()), log_loss=log_loss)

    def _features(self, spec: FeatureSpec) -> Iterator[_Fold]:
        counts = self._data.matrix(spec).counts[self._pages]
        targets = self._data.page_targets[self._pages]
        for number in range(int(self._fold_of_page.max()) + 1):
            inside = np.flatnonzero(self._fold_of_page != number)
            outside = np.flatnonzero(self._fold_of_page == number)
            train = counts[inside]
            vocabulary = learn_vocabulary(
                train,
                spec,
                min_pages=self._options.min_pages,
                distinct=self._data.distinct_pages(self._pages[inside]),
            )
            yield _Fold(
                train=vocabulary.matrix(train),
                targets=targets[inside],
                held_out=vocabulary.matrix(counts[outside]),
                held_out_pages=outside,
            )
