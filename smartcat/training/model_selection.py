"""Model selection: of the hyperparameters that do about as well as the best, the cheapest.

How well they do is the log loss of calibrated probabilities on held-out documents, which rewards right labels
and honest confidence alike, and is far steadier than accuracy on a few hundred documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.comparison import Comparison
from smartcat.training.errors import TrainingError
from smartcat.training.hyperparameters import REFINEMENTS, THOROUGH_REFINEMENTS, refined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from smartcat.classifier.manifest import Trial
    from smartcat.training.comparison import Outcome
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.hyperparameters import Hyperparameters, TrainingOptions
    from smartcat.training.progress import Progress

_MIN_IMPROVEMENT: Final = 0.99
"""Thorough: what a later candidate must lower the log loss to. Less is within chance, and later ones cost
more."""
_FIRST_ROUND: Final = 300
"""Documents of the first round, at most; and at most half of those that may be used."""
_FIRST_ROUND_AT_LEAST: Final = 100
_FIRST_ROUND_FOLDS: Final = 2


@dataclass(frozen=True, slots=True)
class Selection:
    """The hyperparameters selected, and what they were compared with.

    Attributes:
        hyperparameters: Those selected.
        compared: All that were compared, in order; empty where there was nothing to compare.
    """

    hyperparameters: Hyperparameters
    compared: tuple[Trial, ...]


def select_hyperparameters(data: Dataset, options: TrainingOptions, progress: Progress) -> Selection:
    """Compare hyperparameters on held-out blocks of the training data.

    Successive halving (Jamieson and Talwalkar 2016): all sets of features are compared on a few documents,
    the better half on all that may be used. Of those within one standard error of the best the cheapest is
    taken (Breiman et al. 1984), the error being that of the mean difference on the same documents. Steps then
    refine it, each by the same rule. With ``options.thorough`` every candidate and every refinement is
    compared on all documents, and the lowest loss wins.

    Args:
        data: What to learn from.
        options: The candidates, and how many documents to compare them on.
        progress: Called with ``("select", candidates done, candidates)``.

    Returns:
        What was selected; the first candidate where there is nothing to compare, or nothing to compare on.
    """
    first = options.candidates[0]
    if len(options.candidates) == 1 and not options.refine:
        return Selection(first, ())
    try:
        return _Selecting(data, options, progress).select()
    except TrainingError:
        # Thousands of labels of two documents each: hardly two of one label are in the sample.
        return Selection(first, ())


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
    kept[spaced_places(len(documents), max_documents)] = True
    return kept[document_of_example]


def spaced_places(size: int, wanted: int) -> npt.NDArray[np.int64]:
    """Return so many indices, evenly spaced from the first to the last of a size; all if there are fewer."""
    return np.linspace(0, size - 1, num=min(wanted, size)).astype(np.int64)


def cheapest_within_error(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the first outcome whose mean loss is within one standard error of the lowest.

    Args:
        outcomes: The cheapest first, at least one, all on the same documents.
    """
    best = min(outcomes, key=lambda outcome: outcome.trial.log_loss)
    for outcome in outcomes:
        worse = outcome.losses - best.losses
        if worse.mean() <= worse.std() / np.sqrt(len(worse)):
            return outcome
    return best


class _Selecting:
    """One selection: what was compared so far, and on what."""

    def __init__(self, data: Dataset, options: TrainingOptions, progress: Progress) -> None:
        self._data, self._options, self._progress = data, options, progress
        self._compared: list[Trial] = []
        examples = sample_examples(data.groups, options.max_selection_documents)
        self._last = Comparison(data, options, examples, options.selection_folds)
        self._steps = (THOROUGH_REFINEMENTS if options.thorough else REFINEMENTS) if options.refine else ()
        self._few = min(_FIRST_ROUND, self._last.documents // 2)
        many_candidates = len(options.candidates) > 2 and not options.thorough
        self._first_round = many_candidates and self._few >= _FIRST_ROUND_AT_LEAST
        candidates = len(options.candidates)
        again = (candidates + 1) // 2 if self._first_round else 0
        self._total = candidates + again + sum(map(len, self._steps))

    def select(self) -> Selection:
        candidates = list(self._options.candidates)
        if self._first_round:
            candidates = self._better_half(candidates)
        outcomes = [self._evaluate(self._last, candidate) for candidate in candidates]
        best = self._choose(outcomes)
        for step in self._steps:
            better = [self._evaluate(self._last, candidate) for candidate in refined(best.candidate, step)]
            best = self._choose([best, *better])
        return Selection(best.candidate, tuple(self._compared))

    def _better_half(self, candidates: list[Hyperparameters]) -> list[Hyperparameters]:
        few = sample_examples(self._data.groups, self._few)
        try:
            comparison = Comparison(self._data, self._options, few, _FIRST_ROUND_FOLDS)
        except TrainingError:
            self._total -= len(candidates) - (len(candidates) + 1) // 2
            return candidates
        outcomes = [self._evaluate(comparison, candidate) for candidate in candidates]
        ranked = sorted(outcomes, key=lambda outcome: outcome.trial.log_loss)
        kept = {outcome.candidate for outcome in ranked[: (len(candidates) + 1) // 2]}
        return [candidate for candidate in candidates if candidate in kept]

    def _choose(self, outcomes: list[Outcome]) -> Outcome:
        if self._options.thorough:
            best = outcomes[0]
            for outcome in outcomes[1:]:
                if outcome.trial.log_loss < best.trial.log_loss * _MIN_IMPROVEMENT:
                    best = outcome
            return best
        return cheapest_within_error(sorted(outcomes, key=lambda outcome: outcome.entries))

    def _evaluate(self, comparison: Comparison, candidate: Hyperparameters) -> Outcome:
        outcome = comparison.evaluate(candidate)
        self._compared.append(outcome.trial)
        self._progress("select", len(self._compared), self._total)
        return outcome
