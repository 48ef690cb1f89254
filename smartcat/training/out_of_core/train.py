"""Training out of core: count to disk, fit in passes over it, calibrate on the holdout, fit on everything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.calibration.calibration_report import calibration_report
from smartcat.training.corpus.copies import CorpusSurvey
from smartcat.training.corpus.sampling import DocumentSample
from smartcat.training.errors import TrainingError
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.fitting.linear_model import frequent_features, vocabulary_of
from smartcat.training.fitting.pruning import PrunedFit, max_features, strongest
from smartcat.training.folds import possible_folds
from smartcat.training.model_builder import build_model
from smartcat.training.model_selection import Selection, select_hyperparameters
from smartcat.training.out_of_core.counting import HoldoutSelector, count_to_spill_file
from smartcat.training.out_of_core.holdout import score_holdout
from smartcat.training.out_of_core.sgd import PageBatches, fit_sgd
from smartcat.training.out_of_core.spill_file import SpillFile
from smartcat.training.progress import no_progress
from smartcat.training.solver_context import single_threaded
from smartcat.training.suspects import rank_suspects
from smartcat.training.trained_model import CorpusFacts, TrainedModel, training_facts, training_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from smartcat.training.calibration.calibration_report import CalibrationReport
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.corpus.profile import CorpusProfile
    from smartcat.training.fitting.linear_model import Vocabulary, Weights
    from smartcat.training.hyperparameters import Hyperparameters, TrainingOptions
    from smartcat.training.out_of_core.counting import Totals
    from smartcat.training.out_of_core.memory_budget import MemoryBudget, ResourceEstimate
    from smartcat.training.progress import Progress

FOLDS: Final = 5
"""The last of so many blocks of every label is held out. More blocks cost no more fits here."""


@single_threaded()
def train_out_of_core(
    read: Callable[[], Iterator[LabelledDocument]],
    profile: CorpusProfile,
    estimate: ResourceEstimate,
    *,
    options: TrainingOptions,
    budget: MemoryBudget,
    directory: Path,
    progress: Progress,
) -> TrainedModel:
    """Train a model on a corpus of any size.

    Args:
        read: Yields the documents from the start; they must be those that were profiled.
        profile: The profile of the corpus.
        estimate: How large the temporary file becomes, about.
        options: How to train; ``folds`` is used for model selection only.
        budget: How much memory may be taken.
        directory: Where the temporary file goes.
        progress: Called with the stage: ``select``, ``read``, ``calibrate`` or ``fit``.

    Returns:
        The model; the same documents, options and budget give the same numbers.

    Raises:
        TrainingError: There is nothing to learn.
        CorpusError: The corpus is not the one that was profiled, or reading it failed.
        SpillFileError: The temporary file cannot be created, written or read.
    """
    folds = possible_folds(profile.groups_by_label, FOLDS)
    selection, selection_warnings = _select(profile, options, progress)
    spec = selection.hyperparameters.spec
    in_memory = DocumentSample(
        budget.holdout_documents(len(profile.labels)), budget.sample_characters, options.seed
    )
    holdout = HoldoutSelector(profile, folds, in_memory)
    with SpillFile(directory, spec.width, expected=estimate.spill_bytes(spec.parts)) as spill_file:
        documents = CorpusSurvey().distinct(read())
        totals = count_to_spill_file(spill_file, documents, profile, spec, holdout, progress)
        fits = _Fits(spill_file, totals, selection.hyperparameters, options, budget, progress)
        without_holdout = fits.without_holdout()
        holdout_survey = CorpusSurvey(keep_ids=options.suspects)
        data = build_dataset(
            totals.holdout, spec, spec.parts, no_progress, labels=profile.labels, survey=holdout_survey
        )
        features = data.matrix(spec)
        all_held_out = score_holdout(features, without_holdout, options)
        held_out = all_held_out.select(data.counted_pages[all_held_out.pages])
        report = calibration_report(data, held_out, options)
        vocabulary, weights = fits.on_everything(without_holdout)
    examples = dict(zip(profile.labels, profile.examples, strict=True))
    corpus = CorpusFacts(
        sha256=profile.sha256,
        examples=examples,
        pages=profile.pages,
        blank_pages=totals.blank_pages,
        corrected=profile.corrected,
        report=profile.report,
        texts=profile.texts,
    )
    facts = training_facts(
        corpus,
        _with_documents(report, examples),
        selection,
        options,
        folds=1,
        features=int(np.count_nonzero(totals.frequency.sum(axis=0) >= options.min_pages)),
    )
    warnings = training_warnings(corpus, report, options, folds=folds, converged=True)
    return TrainedModel(
        model=build_model(vocabulary, weights, features, held_out, report, options),
        facts=facts,
        report=corpus.report,
        warnings=(*selection_warnings, *warnings),
        texts=corpus.texts,
        suspects=rank_suspects(data, all_held_out, report, holdout_survey.ids) if options.suspects else None,
    )


def _select(
    profile: CorpusProfile, options: TrainingOptions, progress: Progress
) -> tuple[Selection, tuple[str, ...]]:
    """Return the hyperparameters selected on the sample, and warnings; its features are not kept."""
    first = options.candidates[0]
    sample = build_dataset(profile.sample, first.spec, options.parts, no_progress, labels=profile.labels)
    try:
        return select_hyperparameters(sample, options, progress), ()
    except TrainingError as error:
        # Documents so long that hardly any are in the sample.
        return Selection(first, ()), (f"No hyperparameters were compared: {error}.",)


class _Fits:
    """The fits on a spill file, and their progress."""

    def __init__(
        self,
        spill_file: SpillFile,
        totals: Totals,
        hyperparameters: Hyperparameters,
        options: TrainingOptions,
        budget: MemoryBudget,
        progress: Progress,
    ) -> None:
        self._spill_file = spill_file
        self._totals = totals
        self._hyperparameters = hyperparameters
        self._options = options
        self._budget = budget
        self._progress = progress
        labels = totals.pages.shape[1]
        self._max_before_pruning = budget.max_features(labels, hyperparameters)
        self._max_features = max_features(labels, options)

    def without_holdout(self) -> PrunedFit:
        """Fit on what is not held out; where the model would be too large, again on what matters most."""
        frequency, pages = self._totals.frequency[0], self._totals.pages[0]
        full = self._frequent_features(frequency, int(pages.sum()))
        fits = 1 if len(full.features) <= self._max_features else 2
        batches = self._batches("calibrate", fits, with_holdout=False)
        weights = self._fit(batches, full)
        if fits == 1:
            return PrunedFit(full, weights, full, weights)
        pruned = full.select(strongest(weights.weights, self._max_features))
        return PrunedFit(pruned, self._fit(batches, pruned), full, weights)

    def on_everything(self, without_holdout: PrunedFit) -> tuple[Vocabulary, Weights]:
        """Fit on all pages: all features if the model may have them, else those that mattered most before."""
        frequency, pages = self._totals.frequency.sum(axis=0), int(self._totals.pages.sum())
        vocabulary = self._frequent_features(frequency, pages)
        if len(vocabulary.features) > self._max_features:
            kept = without_holdout.vocabulary.features
            vocabulary = vocabulary_of(kept, frequency, pages, self._hyperparameters.spec)
        return vocabulary, self._fit(self._batches("fit", 1, with_holdout=True), vocabulary)

    def _fit(self, batches: PageBatches, vocabulary: Vocabulary) -> Weights:
        return fit_sgd(batches, vocabulary, self._hyperparameters, seed=self._options.seed)

    def _frequent_features(self, frequency: npt.NDArray[np.uint32], pages: int) -> Vocabulary:
        return frequent_features(
            frequency,
            pages,
            self._hyperparameters.spec,
            min_pages=self._options.min_pages,
            max_features=self._max_before_pruning,
        )

    def _batches(self, stage: str, fits: int, *, with_holdout: bool) -> PageBatches:
        done = 0

        def on_blocks(blocks: int) -> None:
            nonlocal done
            done += blocks
            self._progress(stage, done, fits * batches.epochs * len(self._spill_file))

        pages = self._totals.pages
        of_label = pages.sum(axis=0) if with_holdout else pages[0]
        batches = PageBatches(self._spill_file, of_label, with_holdout, self._budget.batch_entries, on_blocks)
        return batches


def _with_documents(report: CalibrationReport, examples: dict[str, int]) -> CalibrationReport:
    """Return the report with the number of all examples of each label, not only those in memory."""
    labels = {
        label: facts.model_copy(update={"documents": examples[label]})
        for label, facts in report.labels.items()
    }
    return replace(report, labels=labels)
