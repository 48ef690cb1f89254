"""Training in memory: read, select hyperparameters, cross-validate, calibrate, fit on everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.training.calibration.calibration_report import calibration_report
from smartcat.training.corpus.examples import check_labels, examples_of
from smartcat.training.cross_validation import cross_validate
from smartcat.training.feature_matrix import build_dataset
from smartcat.training.fitting.pruning import fit_and_prune
from smartcat.training.folds import block_folds, enough_folds
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.model_builder import build_model
from smartcat.training.model_selection import select_hyperparameters, spaced_places
from smartcat.training.progress import no_progress
from smartcat.training.solver_context import single_threaded
from smartcat.training.trained_model import CorpusFacts, TrainedModel, training_facts, training_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

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
) -> TrainedModel:
    """Train a model.

    Args:
        documents: What to learn from, read once; texts are not kept. Each page is learned with its document's
            label, or with its own where pages have labels.
        options: How to train; the defaults of :class:`TrainingOptions`.
        progress: Called with the stage: ``read``, ``select``, ``count``, ``calibrate`` or ``fit``.

    Returns:
        The model; the same documents and options give the same numbers.

    Raises:
        TrainingError: There is nothing to learn: no document, fewer than two labels, or a label without text.
        CorpusError: Whatever reading ``documents`` raises is passed on.
    """
    options = options or TrainingOptions()
    selection, data = _select_and_count(documents, options, progress)
    fold = block_folds(data.targets, data.groups, options.folds)
    wanted_folds, fold = int(fold.max()) + 1, enough_folds(fold, options.calibration_documents)
    hyperparameters = selection.hyperparameters
    features = data.matrix(hyperparameters.spec)
    folds, done = int(fold.max()) + 1, 0

    def on_fold() -> None:
        nonlocal done
        done += 1
        progress("calibrate", done, folds)

    held_out = cross_validate(features, fold, hyperparameters, options, on_fold)
    report = calibration_report(data, held_out, options)
    progress("fit", 0, 1)
    fit = fit_and_prune(
        features.counts,
        data.page_targets,
        len(data.labels),
        hyperparameters,
        options,
        start=held_out.alpha,
    )
    model = build_model(fit.vocabulary, fit.weights, features, held_out, report, options)
    progress("fit", 1, 1)
    corpus = CorpusFacts(
        sha256=data.sha256,
        examples=data.examples_per_label(),
        pages=len(data.examples) + data.blank_pages,
        blank_pages=data.blank_pages,
        corrected=data.corrected,
    )
    converged = held_out.converged and fit.weights.converged
    return TrainedModel(
        model=model,
        facts=training_facts(
            corpus, report, selection, options, folds=folds, features=len(fit.full_vocabulary.features)
        ),
        warnings=training_warnings(corpus, report, options, folds=wanted_folds, converged=converged),
    )


def _select_and_count(
    documents: Iterable[LabelledDocument], options: TrainingOptions, progress: Progress
) -> tuple[Selection, Dataset]:
    """Select hyperparameters on a sample, and count what they need in all documents.

    Texts take a fraction of the memory that the counts of every kind of n-gram would take, and most kinds are
    not needed in the end.
    """
    first = options.candidates[0]
    if len(options.candidates) == 1:
        data = build_dataset(documents, first.spec, options.parts, progress)
        return select_hyperparameters(data, options, progress), data
    kept = []
    for number, document in enumerate(documents, start=1):
        kept.append(document)
        progress("read", number, 0)
    labels = check_labels({label for document in kept for label, _ in examples_of(document)})
    sample = [kept[place] for place in spaced_places(len(kept), options.max_selection_documents)]
    sampled = build_dataset(sample, first.spec, options.parts, no_progress, labels=labels)
    selection = select_hyperparameters(sampled, options, progress)
    del sampled
    spec = selection.hyperparameters.spec

    def on_document(_stage: str, done: int, _total: int) -> None:
        progress("count", done, len(kept))

    return selection, build_dataset(kept, spec, spec.parts, on_document)
