"""What training says of itself: the facts of the manifest, and what a person should be told."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy
import sklearn

from smartcat.classifier.manifest import TrainingFacts
from smartcat.training.choose import describe

if TYPE_CHECKING:
    from smartcat.training.choose import Chosen
    from smartcat.training.judge import Judgement
    from smartcat.training.options import TrainOptions


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was learned from.

    Attributes:
        sha256: Fingerprint of ids, labels and texts, in the order read.
        units: How many units carry each label; see :class:`smartcat.training.dataset.Dataset`.
        pages: Number of pages, blank ones included.
        blank_pages: Pages without any feature.
        corrected: How many have a corrected label.
    """

    sha256: str
    units: dict[str, int]
    pages: int
    blank_pages: int
    corrected: int


def describe_training(
    corpus: Corpus,
    judgement: Judgement,
    chosen: Chosen,
    options: TrainOptions,
    *,
    folds: int,
    features: int,
) -> TrainingFacts:
    """Return what the manifest says of the training.

    Args:
        corpus: What was learned from.
        judgement: What was learned from held-out documents.
        chosen: The way to learn.
        options: Seed and precision wanted.
        folds: Folds that were held out, one after another; 1 where only the last was.
        features: Features before pruning.
    """
    return TrainingFacts(
        data_sha256=corpus.sha256,
        documents=sum(corpus.units.values()),
        pages=corpus.pages,
        blank_pages=corpus.blank_pages,
        corrected=corpus.corrected,
        labels=judgement.labels,
        features=features,
        seed=options.seed,
        choice=describe(chosen.way, options, accuracy=judgement.accuracy, log_loss=judgement.log_loss),
        tried=chosen.tried,
        folds=folds,
        held_out_documents=judgement.documents,
        held_out_accuracy=judgement.accuracy,
        held_out_ece=judgement.ece,
        held_out_coverage=judgement.coverage,
        held_out_precision=judgement.precision,
        held_out_confidence=judgement.confidence,
        held_out_familiarity=judgement.familiarity,
        unpruned_accuracy=judgement.full_accuracy,
        target_precision=options.target_precision,
        created_by={
            # Its tables of Unicode decide what a letter is.
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "scipy": scipy.__version__,
            "numpy": np.__version__,
        },
    )


def doubts(
    corpus: Corpus, judgement: Judgement, options: TrainOptions, *, folds: int, converged: bool
) -> tuple[str, ...]:
    """Return what a person should know about the model, one sentence each.

    Args:
        corpus: What was learned from.
        judgement: What was learned from held-out documents.
        options: Thresholds wanted.
        folds: Documents of a label below which none of it was held out.
        converged: Whether the solver came to rest.
    """
    found = []
    if not converged:
        found.append("The solver had not come to rest when it was stopped.")
    rare = [label for label, size in corpus.units.items() if size < folds]
    if rare:
        found.append(f"Too few documents to check the confidence of: {', '.join(rare)}.")
    floor = 1 / len(corpus.units)
    if options.target_precision is None and 0 < options.review_below <= floor:
        found.append(
            f"With {len(corpus.units)} labels the best one is never below {floor:.2f}, so at"
            f" {options.review_below:g} only documents without any known word are for review."
        )
    if options.target_precision is not None and judgement.coverage == 0:
        found.append(
            f"No confidence was right {options.target_precision:.1%} of the time on held-out documents, so"
            " every document is for review."
        )
    return tuple(found)
