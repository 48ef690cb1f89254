"""The result of training: a model, the facts that its manifest records, and what to warn its user of."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy
import sklearn

from smartcat.classifier.classifier import Classifier
from smartcat.classifier.manifest import CorpusReportFacts, StoredFile, TrainingFacts
from smartcat.classifier.sklearn_engine import SklearnScorer
from smartcat.training.calibration.honesty import (
    calibration_error_interval,
    is_rough,
    label_noise,
    labels_look_wrong,
)
from smartcat.training.model_writer import save_model

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.classifier.model import Model
    from smartcat.training.calibration.calibration_report import CalibrationReport
    from smartcat.training.corpus.corpus_report import CorpusReport
    from smartcat.training.hyperparameters import TrainingOptions
    from smartcat.training.model_selection import Selection
    from smartcat.training.suspects import Suspect


_MANY_STRANGERS: Final = 0.25
"""Share of the strangers that may be accepted without a gate before that is worth a warning."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A model fresh from training.

    Attributes:
        model: Its numbers.
        facts: Where it comes from.
        report: What is unusual about the corpus.
        warnings: What its user should be warned of, one sentence each.
        texts: The hashes of what was learned from; see :mod:`smartcat.training.corpus.learned_texts`.
        suspects: Documents whose label may be wrong, the likeliest first; ``None`` where none were ranked.
    """

    model: Model
    facts: TrainingFacts
    report: CorpusReport
    warnings: tuple[str, ...] = ()
    texts: bytes = b""
    suspects: tuple[Suspect, ...] | None = None

    def classifier(self) -> Classifier:
        """Return a classifier of this model, as loading the saved model would give."""
        return Classifier(SklearnScorer(self.model))

    def save(self, path: Path, *, created_at: str) -> None:
        """Write the model directory; see :func:`smartcat.training.model_writer.save_model`."""
        save_model(path, self.model, self.facts, created_at=created_at, texts=self.texts)


@dataclass(frozen=True, slots=True)
class CorpusFacts:
    """What a model was trained on.

    Attributes:
        sha256: Fingerprint of ids, labels and texts, in the order read.
        examples: How many examples carry each label; see :class:`smartcat.training.feature_matrix.Dataset`.
        pages: Number of pages, blank ones included.
        blank_pages: Pages without any feature.
        corrected: How many documents have a corrected label.
        report: What is unusual about the corpus.
        texts: See :class:`TrainedModel`.
    """

    sha256: str
    examples: dict[str, int]
    pages: int
    blank_pages: int
    corrected: int
    report: CorpusReport
    texts: bytes


def training_facts(
    corpus: CorpusFacts,
    report: CalibrationReport,
    selection: Selection,
    options: TrainingOptions,
    *,
    folds: int,
    features: int,
) -> TrainingFacts:
    """Return what the manifest records of a training run.

    Args:
        corpus: What was learned from.
        report: What was learned from held-out documents.
        selection: The hyperparameters.
        options: Seed and precision wanted.
        folds: Folds that were held out, one after another; 1 where only the last was.
        features: Features before pruning.
    """
    return TrainingFacts(
        data_sha256=corpus.sha256,
        documents=sum(corpus.examples.values()),
        pages=corpus.pages,
        blank_pages=corpus.blank_pages,
        corrected=corpus.corrected,
        labels=report.labels,
        features=features,
        seed=options.seed,
        choice=selection.hyperparameters.to_facts(accuracy=report.accuracy, log_loss=report.log_loss),
        tried=selection.compared,
        folds=folds,
        held_out_documents=report.documents,
        held_out_accuracy=report.accuracy,
        held_out_ece=report.ece,
        held_out_coverage=report.coverage,
        held_out_precision=report.precision,
        held_out_confidence=report.confidence,
        held_out_familiarity=report.known_share,
        held_out_accuracy_interval=report.accuracy_interval,
        held_out_ece_interval=calibration_error_interval(report.confidences, report.right),
        label_noise=label_noise(report.confidences, report.right),
        strangers=report.strangers.documents if report.strangers else 0,
        strangers_accepted=report.strangers.accepted if report.strangers else None,
        strangers_own_review=report.strangers.own_review if report.strangers else None,
        unpruned_accuracy=report.full_accuracy,
        target_precision=options.target_precision,
        corpus=_corpus_facts(corpus.report),
        learned_texts=StoredFile(bytes=len(corpus.texts), sha256=hashlib.sha256(corpus.texts).hexdigest()),
        without_evidence=report.without_evidence,
        created_by={
            # Its Unicode tables decide what a letter is.
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "scipy": scipy.__version__,
            "numpy": np.__version__,
        },
    )


def _corpus_facts(report: CorpusReport) -> CorpusReportFacts:
    """Return the counts of a corpus report; a manifest travels further than ids should."""
    return CorpusReportFacts(
        documents=report.documents,
        copies=report.copies,
        near_copies=report.near_copies,
        from_templates=report.from_templates,
        conflicting=report.conflicting,
        label_variants=len(report.variants),
        blank=report.blank,
        unspaced=report.unspaced,
        labels_with_few=len(report.few),
        largest_share=report.share(report.largest),
        smallest_share=report.share(report.smallest),
        boilerplate=report.boilerplate,
    )


def training_warnings(
    corpus: CorpusFacts, report: CalibrationReport, options: TrainingOptions, *, folds: int, converged: bool
) -> tuple[str, ...]:
    """Return what the user of the model should be warned of, one sentence each.

    Args:
        corpus: What was learned from.
        report: What was learned from held-out documents.
        options: Thresholds wanted.
        folds: Documents of a label below which none of it was held out.
        converged: Whether the solver came to rest.
    """
    warnings = []
    if not converged:
        warnings.append("The solver was stopped before it converged.")
    if report.without_evidence:
        warnings.append(
            f"{report.without_evidence} of {report.documents} held-out documents have no feature that the"
            " model knows: they go to review, and count as wrong."
        )
    rare = [label for label, size in corpus.examples.items() if size < folds]
    if rare:
        warnings.append(f"Too few documents to check the confidence of: {', '.join(rare)}.")
    lowest = 1 / len(corpus.examples)
    if options.target_precision is None and 0 < options.review_below <= lowest:
        warnings.append(
            f"With {len(corpus.examples)} labels the best one is never below {lowest:.2f}, so at"
            f" {options.review_below:g} only documents without any known word are for review."
        )
    if options.target_precision is not None and report.coverage == 0:
        warnings.append(
            f"No confidence was right {options.target_precision:.1%} of the time on held-out documents, or"
            " too few were held out to prove it, so every document is for review."
        )
    return (*warnings, *_limits(report))


def _limits(report: CalibrationReport) -> tuple[str, ...]:
    """Return how far the figures themselves can be trusted."""
    limits = []
    if is_rough(report.documents, len(report.labels), report.accuracy_interval):
        low, high = calibration_error_interval(report.confidences, report.right)
        limits.append(
            f"Confidence is rough, for it was learned on {report.documents} held-out documents of"
            f" {len(report.labels)} labels: the accuracy is between {report.accuracy_interval[0]:.0%} and"
            f" {report.accuracy_interval[1]:.0%}, the calibration error between {low:.3f} and {high:.3f}."
        )
    if labels_look_wrong(report.confidences, report.right):
        noise = label_noise(report.confidences, report.right)
        limits.append(
            f"Labels look wrong: {noise:.0%} of the surest predictions contradict the label given, so the"
            " accuracy is likely higher than measured, and confidence too low."
        )
    if report.strangers is None or (report.gate is None and report.strangers.accepted > _MANY_STRANGERS):
        limits.append(
            "Documents of a kind that no label covers will hardly be told from the others: that cannot be"
            " learned from these documents."
        )
    return tuple(limits)
