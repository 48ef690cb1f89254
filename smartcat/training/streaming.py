"""The story of training beyond memory: count to disk, learn in passes, judge on the last fold, fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.choose import Chosen, choose_way
from smartcat.training.counting import HeldDocuments, count_into
from smartcat.training.dataset import collect
from smartcat.training.errors import TrainingError
from smartcat.training.facts import Corpus, describe_training, doubts
from smartcat.training.finish import finish
from smartcat.training.fit import TrainedModel
from smartcat.training.folds import possible_folds
from smartcat.training.held_out import Learned, room_for_features
from smartcat.training.judge import judge
from smartcat.training.last_fold import score_last_fold
from smartcat.training.linear import frequent, known_features
from smartcat.training.passes import Portion, fit_in_passes
from smartcat.training.prune import strongest
from smartcat.training.sample import Sample
from smartcat.training.spool import Spool
from smartcat.training.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from smartcat.training.corpus import LabelledDocument
    from smartcat.training.counting import Totals
    from smartcat.training.dataset import Progress
    from smartcat.training.judge import Judgement
    from smartcat.training.linear import Vocabulary, Weights
    from smartcat.training.memory import Budget, Needs
    from smartcat.training.options import TrainOptions, Way
    from smartcat.training.survey import Survey

FOLDS: Final = 5
"""The last of so many blocks of every label is held out. More blocks cost no more fits here."""


@one_thread()
def train_in_passes(
    read: Callable[[], Iterator[LabelledDocument]],
    found: Survey,
    needs: Needs,
    *,
    options: TrainOptions,
    budget: Budget,
    directory: Path,
    progress: Progress,
) -> TrainedModel:
    """Learn a model from a corpus of any size.

    Args:
        read: Gives the documents from the start; they must be those of the survey.
        found: What the survey found.
        needs: How large the temporary file becomes, about.
        options: How to learn; ``folds`` counts for the choice only.
        budget: How much memory may be taken.
        directory: Where the temporary file goes.
        progress: Called with the stage (``choose``, ``read``, ``calibrate``, ``fit``), the steps done and the
            steps in all.

    Returns:
        The model; the same documents, options and budget give the same numbers.

    Raises:
        TrainingError: There is nothing to learn.
        CorpusError: The corpus is not what it was at the survey, or reading it failed.
        SpoolError: The temporary file cannot be made, written or read.
    """
    folds = possible_folds(found.reach, FOLDS)
    chosen, notes = _choose(found, options, progress)
    spec = options.spec_of(chosen.way)
    room = Sample(budget.held_documents(len(found.labels)), budget.sample_characters, options.seed)
    with Spool(directory, spec.width, expected=needs.spool(spec.parts)) as spool:
        totals = count_into(spool, read(), found, spec, HeldDocuments(found, folds, room), progress)
        passes = _Passes(spool, totals, chosen.way, options, budget, progress)
        learned = passes.without_last_fold()
        data = collect(totals.held, spec, spec.parts, _silent, labels=found.labels)
        held = score_last_fold(data, learned, options)
        judgement = judge(data, held, options)
        vocabulary, weights = passes.everything(learned)
    units = dict(zip(found.labels, found.units, strict=True))
    corpus = Corpus(found.sha256, units, found.pages, totals.blank_pages, found.corrected)
    facts = describe_training(
        corpus,
        _of_whole_corpus(judgement, units),
        chosen,
        options,
        folds=1,
        features=int(np.count_nonzero(totals.frequency.sum(axis=0) >= options.min_pages)),
    )
    return TrainedModel(
        model=finish(vocabulary, weights, data, held, judgement, options),
        facts=facts,
        warnings=(*notes, *doubts(corpus, judgement, options, folds=folds, converged=True)),
    )


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def _choose(found: Survey, options: TrainOptions, progress: Progress) -> tuple[Chosen, tuple[str, ...]]:
    """Compare the ways on the sample, which is let go afterwards."""
    spec = options.spec_of(options.ways[0])
    sample = collect(found.sample, spec, options.parts, _silent, labels=found.labels)
    try:
        return choose_way(sample, options, progress), ()
    except TrainingError as error:
        # Documents so long that hardly any are in the sample.
        return Chosen(options.ways[0], ()), (f"No ways to learn were compared: {error}.",)


class _Passes:
    """The fits on a spool, and how far they are."""

    def __init__(
        self,
        spool: Spool,
        totals: Totals,
        way: Way,
        options: TrainOptions,
        budget: Budget,
        progress: Progress,
    ) -> None:
        self._spool = spool
        self._totals = totals
        self._way = way
        self._spec = options.spec_of(way)
        self._options = options
        self._budget = budget
        self._progress = progress
        labels = totals.pages.shape[1]
        self._most = budget.features(labels, way)
        self._room = room_for_features(labels, options)

    def without_last_fold(self) -> Learned:
        """Fit on what is not held out; where the model would be too large, again on what matters most."""
        frequency, pages = self._totals.frequency[0], self._totals.pages[0]
        full = self._frequent(frequency, int(pages.sum()))
        fits = 1 if len(full.features) <= self._room else 2
        portion = self._portion("calibrate", fits, with_held=False)
        weights = fit_in_passes(portion, full, self._way, seed=self._options.seed)
        if fits == 1:
            return Learned(full, weights, full, weights)
        kept = full.part(strongest(weights.weights, self._room))
        again = fit_in_passes(portion, kept, self._way, seed=self._options.seed)
        return Learned(kept, again, full, weights)

    def everything(self, learned: Learned) -> tuple[Vocabulary, Weights]:
        """Fit on all pages: all features if there is room for them, else those that mattered most before."""
        frequency, pages = self._totals.frequency.sum(axis=0), int(self._totals.pages.sum())
        vocabulary = self._frequent(frequency, pages)
        if len(vocabulary.features) > self._room:
            vocabulary = known_features(learned.vocabulary.features, frequency, pages, self._spec)
        portion = self._portion("fit", 1, with_held=True)
        weights = fit_in_passes(portion, vocabulary, self._way, seed=self._options.seed)
        return vocabulary, weights

    def _frequent(self, frequency: npt.NDArray[np.uint32], pages: int) -> Vocabulary:
        least = self._options.min_pages
        return frequent(frequency, pages, self._spec, min_pages=least, most=self._most)

    def _portion(self, stage: str, fits: int, *, with_held: bool) -> Portion:
        done = 0

        def told(pieces: int) -> None:
            nonlocal done
            done += pieces
            self._progress(stage, done, fits * portion.passes * len(self._spool))

        pages = self._totals.pages
        counted = pages.sum(axis=0) if with_held else pages[0]
        portion = Portion(self._spool, counted, with_held, self._budget.batch_entries, told)
        return portion


def _of_whole_corpus(judgement: Judgement, units: dict[str, int]) -> Judgement:
    """Let the facts of labels count all documents, not only those in memory."""
    labels = {
        label: facts.model_copy(update={"documents": units[label]})
        for label, facts in judgement.labels.items()
    }
    return replace(judgement, labels=labels)
