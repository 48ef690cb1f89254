"""Training in memory: read, select hyperparameters, cross-validate, calibrate, fit on everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartcat.training.calibration.calibration_report import calibration_report
from smartcat.training.corpus.copies import CorpusSurvey
from smartcat.training.corpus.corpus_report import no_report
from smartcat.training.corpus.distinct_documents import read_distinct
from smartcat.training.corpus.examples import check_labels, examples_of
from smartcat.training.corpus.learned_texts import pack_texts
from smartcat.training.cross_validation import cross_validate
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.fitting.pruning import fit_and_prune
from smartcat.training.folds import copy_folds, enough_folds
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.left_out_labels import leave_labels_out, left_out_fits
from smartcat.training.model_builder import build_model
from smartcat.training.model_selection import select_hyperparameters, spaced_places
from smartcat.training.progress import no_progress
from smartcat.training.solver_context import single_threaded
from smartcat.training.suspects import rank_suspects
from smartcat.training.trained_model import CorpusFacts, TrainedModel, training_facts, training_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smartcat.training.corpus.corpus_report import CorpusReport
    from smartcat.training.corpus.labelled_documents import LabelledDocument
    from smartcat.training.feature_matrix import Dataset
    from smartcat.training.model_selection import Selection
    from smartcat.training.progress import Progress


@single_threaded()
def train(
    documents: Iterable[LabelledDocument],
    *,
    options: TrainingOptions | None = None,
    progress: Progress = no_progress,
    on_report: Callable[[CorpusReport], None] = no_report,
) -> TrainedModel:
    """Train a model.

    Args:
        documents: What to learn from, read once; texts are not kept. Each page is learned with its document's
            label, or with its own where pages have labels. Of documents with equal text and label the first
            is learned from.
        options: How to train; the defaults of :class:`TrainingOptions`.
        progress: Called with the stage: ``read``, ``select``, ``count``, ``calibrate`` or ``fit``.
        on_report: Called with what is unusual about the corpus, before it is learned from.

    Returns:
        The model; the same documents and options give the same numbers.

    Raises:
        TrainingError: There is nothing to learn: no document, fewer than two labels, or a label without text.
        CorpusError: Whatever reading ``documents`` raises is passed on.
    """
    options = options or TrainingOptions()
    survey = CorpusSurvey(keep_ids=options.suspects)
    selection, data = _select_and_count(documents, survey, options, progress, on_report)
    fold = copy_folds(data.targets, data.groups, data.copies, options.folds)
    wanted_folds, fold = int(fold.max()) + 1, enough_folds(fold, options.calibration_documents)
    hyperparameters = selection.hyperparameters
    features = data.matrix(hyperparameters.spec)
    folds, done = int(fold.max()) + 1, 0
    fits = folds + left_out_fits(len(data.labels))

    def on_fold() -> None:
        nonlocal done
        done += 1
        progress("calibrate", done, fits)

    all_held_out = cross_validate(features, fold, hyperparameters, options, on_fold)
    held_out = all_held_out.select(data.counted_pages[all_held_out.pages])
    left_out = leave_labels_out(features, hyperparameters, options, on_fold)
    report = calibration_report(data, held_out, options, left_out)
    progress("fit", 0, 1)
    fit = fit_and_prune(
        features.counts,
        data.page_targets,
        len(data.labels),
        hyperparameters,
        options,
        distinct=data.distinct_pages(np.arange(len(data.examples))),
    )
    model = build_model(fit.vocabulary, fit.weights, features, held_out, report, options)
    progress("fit", 1, 1)
    corpus = CorpusFacts(
        sha256=data.sha256,
        examples=data.examples_per_label(),
        pages=len(data.examples) + data.blank_pages,
        blank_pages=data.blank_pages,
        corrected=data.corrected,
        report=data.report,
        texts=pack_texts(survey.examples),
    )
    converged = held_out.converged and fit.weights.converged
    return TrainedModel(
        model=model,
        facts=training_facts(
            corpus, report, selection, options, folds=folds, features=len(fit.full_vocabulary.features)
        ),
        report=data.report,
        warnings=training_warnings(corpus, report, options, folds=wanted_folds, converged=converged),
        texts=corpus.texts,
        suspects=rank_suspects(data, all_held_out, report, survey.ids) if options.suspects else None,
    )


def _select_and_count(
    documents: Iterable[LabelledDocument],
    survey: CorpusSurvey,
    options: TrainingOptions,
    progress: Progress,
    on_report: Callable[[CorpusReport], None],
) -> tuple[Selection, Dataset]:
    """Select hyperparameters on a sample, and count what they need in all documents.

    Texts take a fraction of the memory that the counts of every kind of n-gram would take, and most kinds are
    not needed in the end.
    """
    first = options.candidates[0]
    if len(options.candidates) == 1:
        data = build_dataset(documents, first.spec, options.parts, progress, survey=survey)
        on_report(data.report)
        return select_hyperparameters(data, options, progress), data
    kept = read_distinct(documents, survey, first.spec.canonical, progress)
    on_report(kept.report)
    labels = check_labels({label for document in kept.documents for label, _ in examples_of(document)})
    places = spaced_places(len(kept.documents), options.max_selection_documents)
    sample = [kept.documents[place] for place in places]
    sampled = build_dataset(sample, first.spec, options.parts, no_progress, labels=labels)
    selection = select_hyperparameters(sampled, options, progress)
    del sampled
    spec = selection.hyperparameters.spec

    def on_document(_stage: str, done: int, _total: int) -> None:
        progress("count", done, len(kept.documents))

    return selection, build_dataset(kept.documents, spec, spec.parts, on_document, distinct=kept)
