"""One comparison: candidates fitted on the same folds of the same documents, and how well each does held out.

Which candidate is the best, and which is good enough, :mod:`smartcat.training.model_selection` decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.calibration.calibration import learn_calibration
from smartcat.training.calibration.page_pooling import pool_pages
from smartcat.training.errors import TrainingError
from smartcat.training.fitting.linear_model import learn_vocabulary, solve_labels
from smartcat.training.fitting.naive_bayes import naive_bayes_weights
from smartcat.training.fitting.solver import ROUGH_TOLERANCE
from smartcat.training.folds import copy_folds

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.manifest import Trial
    from smartcat.classifier.spec import FeatureSpec
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.hyperparameters import Hyperparameters, TrainingOptions


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How well a candidate does.

    Attributes:
        candidate: The candidate.
        trial: The figures that the manifest keeps.
        losses: Log loss of each document held out, ``(held out,)``; the same documents for all candidates.
        entries: Features of a page, on average: what it costs to learn, and to classify.
    """

    candidate: Hyperparameters
    trial: Trial
    losses: npt.NDArray[np.float64]
    entries: float


@dataclass(slots=True, eq=False)
class _Fold:
    """Pages of one fold as features, and what was learned from them so far.

    Attributes:
        train: Features of the pages to learn from.
        targets: Their labels.
        held_out: Features of the pages held out.
        pages: Indices of those among the pages compared on.
        alpha: What the next fit may start from, by loss.
        bayes: Scores of the naive Bayes for the pages held out, once they were needed.
    """

    train: Csr
    targets: npt.NDArray[np.int64]
    held_out: Csr
    pages: npt.NDArray[np.int64]
    alpha: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    bayes: npt.NDArray[np.float32] | None = None


class Comparison:
    """Candidates compared on some documents of a data set.

    Candidates with the same features, one after another, share matrices, start from each other's solutions,
    and those that differ in naive Bayes alone share the fit.

    Args:
        data: The data set.
        options: Seed and so on.
        examples: Which examples to compare on, a mask.
        folds: Folds wanted.

    Raises:
        TrainingError: No two labels have two documents each.
    """

    def __init__(
        self, data: Dataset, options: TrainingOptions, examples: npt.NDArray[np.bool_], folds: int
    ) -> None:
        fold = np.full(len(examples), -2)
        fold[examples] = copy_folds(data.targets[examples], data.groups[examples], data.copies, folds)
        self._data, self._options = data, options
        self._pages = np.flatnonzero(fold[data.examples] > -2)
        self._fold_of_page = fold[data.examples[self._pages]]
        self._spec: FeatureSpec | None = None
        self._folds: list[_Fold] = []
        self._scores: dict[Hyperparameters, npt.NDArray[np.float32]] = {}

    @property
    def documents(self) -> int:
        """Documents compared on."""
        return len(np.unique(self._data.groups[self._data.examples[self._pages]]))

    def evaluate(self, candidate: Hyperparameters) -> Outcome:
        """Fit on each fold; return how good the held-out decisions are.

        Raises:
            TrainingError: No document shares a word with the others.
        """
        if candidate.spec != self._spec:
            self._spec, self._folds, self._scores = candidate.spec, self._count_folds(candidate.spec), {}
        data = self._data
        scores = self._solver_scores(replace(candidate, naive_bayes=0.0)).astype(np.float64)
        if candidate.naive_bayes:
            scores += candidate.naive_bayes * self._bayes_scores()
        held_out = self._fold_of_page >= 0
        examples = data.examples[self._pages[held_out]]
        pooled = pool_pages(scores[held_out], np.zeros(len(examples)), examples)
        truth = data.targets[pooled.examples]
        if not len(truth):
            raise TrainingError("no document shares a word with the others, so no confidence can be learned")
        calibration = learn_calibration(pooled.scores, truth, pooled.pages)
        chances = calibration.probabilities(pooled.scores, pooled.pages)
        losses = -np.log(np.clip(chances[np.arange(len(truth)), truth], 1e-12, 1.0))
        right = (pooled.scores + calibration.offsets).argmax(axis=1) == truth
        return Outcome(
            candidate,
            candidate.to_facts(accuracy=float(right.mean()), log_loss=float(losses.mean())),
            losses,
            entries=sum(fold.held_out.nnz for fold in self._folds) / max(1, len(scores)),
        )

    def _solver_scores(self, candidate: Hyperparameters) -> npt.NDArray[np.float32]:
        if candidate not in self._scores:
            scores = np.zeros((len(self._pages), len(self._data.labels)), dtype=np.float32)
            for fold in self._folds:
                weights, fold.alpha[candidate.loss] = solve_labels(
                    fold.train,
                    fold.targets,
                    len(self._data.labels),
                    candidate,
                    seed=self._options.seed,
                    tolerance=ROUGH_TOLERANCE,
                    start=fold.alpha.get(candidate.loss),
                )
                scores[fold.pages] = weights.scores(fold.held_out)
            self._scores[candidate] = scores
        return self._scores[candidate]

    def _bayes_scores(self) -> npt.NDArray[np.float32]:
        labels = len(self._data.labels)
        scores = np.zeros((len(self._pages), labels), dtype=np.float32)
        for fold in self._folds:
            if fold.bayes is None:
                fold.bayes = fold.held_out @ naive_bayes_weights(fold.train, fold.targets, labels)
            scores[fold.pages] = fold.bayes
        return scores

    def _count_folds(self, spec: FeatureSpec) -> list[_Fold]:
        counts = self._data.matrix(spec).counts[self._pages]
        targets = self._data.page_targets[self._pages]
        folds = []
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
            folds.append(
                _Fold(vocabulary.matrix(train), targets[inside], vocabulary.matrix(counts[outside]), outside)
            )
        return folds
