"""Choosing how to learn, on training data only: the way whose held-out probabilities explain most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.classifier.manifest import Trial
from smartcat.training.calibrate import learn_calibration
from smartcat.training.errors import TrainingError
from smartcat.training.folds import block_folds
from smartcat.training.linear import fit_labels, learn_vocabulary
from smartcat.training.options import STEPS, next_ways
from smartcat.training.units import combine_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from smartcat.classifier.features import Csr
    from smartcat.classifier.spec import FeaturePart
    from smartcat.training.dataset import Dataset, Progress
    from smartcat.training.options import TrainOptions, Way

_TOLERANCE: Final = 1e-2
"""Ten times that of the fit that counts: close enough to tell ways apart, in half the time."""
_WORTH_IT: Final = 0.99
"""What a dearer way has to lower the log loss to: less is within chance, and costs time at every document."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The way to learn, and what it was compared with.

    Attributes:
        way: The way.
        tried: All that were compared, in the order tried; empty where there was nothing to compare.
    """

    way: Way
    tried: tuple[Trial, ...]


def choose_way(data: Dataset, options: TrainOptions, progress: Progress) -> Chosen:
    """Compare ways to learn on held-out blocks of the training data.

    The sets of features are compared first; each step then goes on from the best way so far. Better means a
    lower log loss of the calibrated probabilities, which rewards right labels and honest confidence alike,
    and is a far steadier measure than accuracy on a few hundred documents.

    Args:
        data: What to learn from.
        options: The ways, and how many documents to compare them on.
        progress: Told ``("choose", ways done, ways)``.

    Returns:
        The best way; the first where there is nothing to compare, or nothing to compare on.
    """
    if len(options.ways) == 1 and not options.steps:
        return Chosen(options.ways[0], ())
    try:
        trials = _Trials(data, options)
    except TrainingError:
        # Thousands of labels of two documents each: hardly two of one label are in the sample.
        return Chosen(options.ways[0], ())
    total = len(options.ways) + (sum(map(len, STEPS)) if options.steps else 0)
    tried: dict[Way, Trial] = {}

    def compare(ways: Sequence[Way], best: Way) -> Way:
        for way in ways:
            tried[way] = trials.worth(way)
            progress("choose", len(tried), total)
            if tried[way].log_loss < tried[best].log_loss * _WORTH_IT:
                best = way
        return best

    best = compare(options.ways, options.ways[0])
    for step in range(len(STEPS)) if options.steps else ():
        best = compare(next_ways(best, step), best)
    return Chosen(best, tuple(tried.values()))


def sample_units(groups: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.bool_]:
    """Thin out documents evenly in the order of the corpus.

    Args:
        groups: Document of each unit, ascending.
        most: Documents wanted, at most.

    Returns:
        Which units to keep.
    """
    names, member = np.unique(groups, return_inverse=True)
    chosen = np.zeros(len(names), dtype=np.bool_)
    chosen[np.linspace(0, len(names) - 1, num=min(most, len(names))).astype(np.int64)] = True
    return chosen[member]


def describe(way: Way, options: TrainOptions, *, accuracy: float, log_loss: float) -> Trial:
    """Put a way to learn and its worth into the words of the manifest."""
    return Trial(
        features=options.spec_of(way).describe(),
        loss=way.loss,
        regularisation=way.regularisation,
        class_weight=way.class_weight,
        naive_bayes=way.naive_bayes,
        accuracy=accuracy,
        log_loss=log_loss,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Fold:
    """Pages of one fold, ready to be learned from and scored.

    Attributes:
        inside: Features of the pages to learn from.
        targets: Their labels.
        outside: Features of the pages held out.
        places: Where those stand among all.
    """

    inside: Csr
    targets: npt.NDArray[np.int64]
    outside: Csr
    places: npt.NDArray[np.int64]


class _Trials:
    """Tries ways to learn on the same folds. Ways with the same features share the work on them."""

    def __init__(self, data: Dataset, options: TrainOptions) -> None:
        units = sample_units(data.groups, options.max_choice_documents)
        fold = np.full(len(units), -2)
        fold[units] = block_folds(data.targets[units], data.groups[units], options.choice_folds)
        self._data, self._options = data, options
        self._pages = np.flatnonzero(fold[data.owners] > -2)
        self._fold = fold[data.owners[self._pages]]
        self._parts: tuple[FeaturePart, ...] = ()
        self._folds: list[_Fold] = []

    def worth(self, way: Way) -> Trial:
        """Learn on each fold, and say how good the held-out decisions are."""
        if way.parts != self._parts:
            self._parts, self._folds = way.parts, list(self._prepared(way))
        data, labels = self._data, len(self._data.labels)
        scores = np.zeros((len(self._pages), labels))
        for fold in self._folds:
            weights = fit_labels(
                fold.inside, fold.targets, labels, way, seed=self._options.seed, tolerance=_TOLERANCE
            )
            scores[fold.places] = weights.scores(fold.outside)
        held = self._fold >= 0
        owners = data.owners[self._pages[held]]
        units = combine_pages(scores[held], np.zeros(len(owners)), owners)
        truth = data.targets[units.units]
        if not len(truth):
            raise TrainingError("no document shares a word with the others, so no confidence can be learned")
        calibration = learn_calibration(units.scores, truth, units.pages)
        right = (units.scores + calibration.offsets).argmax(axis=1) == truth
        log_loss = calibration.log_loss(units.scores, truth, units.pages)
        return describe(way, self._options, accuracy=float(right.mean()), log_loss=log_loss)

    def _prepared(self, way: Way) -> Iterator[_Fold]:
        spec = self._options.spec_of(way)
        counts = self._data.counts_of(spec)[self._pages]
        targets = self._data.page_targets[self._pages]
        for number in range(int(self._fold.max()) + 1):
            inside, outside = np.flatnonzero(self._fold != number), np.flatnonzero(self._fold == number)
            learned = counts[inside]
            vocabulary = learn_vocabulary(learned, spec, min_pages=self._options.min_pages)
            yield _Fold(
                vocabulary.matrix(learned), targets[inside], vocabulary.matrix(counts[outside]), outside
            )
