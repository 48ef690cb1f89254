"""The story of training: read, calibrate on folds, fit on everything."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy
import sklearn

from classifier.engine import Classifier
from classifier.manifest import TrainingFacts
from classifier.model import array_bytes, content_version
from training.artifact_writer import save_model
from training.calibrate import calibrate
from training.dataset import collect
from training.linear import fit_linear
from training.options import TrainOptions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from classifier.model import Model
    from training.calibrate import Calibration
    from training.corpus import LabelledDocument
    from training.dataset import Dataset, Progress

__all__ = ["TrainOptions", "TrainedModel", "train"]


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A model fresh from training.

    Attributes:
        model: Its numbers.
        facts: Where it comes from.
        warnings: What a person should know about it, one sentence each.
    """

    model: Model
    facts: TrainingFacts
    warnings: tuple[str, ...] = ()

    def classifier(self) -> Classifier:
        """Return a classifier of this model, as loading the saved model would give."""
        return Classifier(self.model)

    def save(self, path: Path, *, created_at: str) -> None:
        """Write the model directory; see :func:`training.artifact_writer.save_model`."""
        save_model(path, self.model, self.facts, created_at=created_at)


def train(
    documents: Iterable[LabelledDocument],
    *,
    options: TrainOptions | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Learn a model.

    Args:
        documents: What to learn from, read once; texts are not kept. Each page is learned with its document's
            label.
        options: How to learn; the defaults of :class:`TrainOptions`.
        progress: Called with the stage (``read``, ``calibrate``, ``fit``), the steps done and the steps in
            all (0: unknown).

    Returns:
        The model. The same documents in the same order with the same options give the same model.

    Raises:
        TrainingError: Nothing can be learned from these documents.
        CorpusError: Whatever reading ``documents`` raises is passed on.
    """
    options = options or TrainOptions()
    tell = progress or _silent
    data = collect(documents, options.spec, tell)
    calibration = calibrate(data, options, tell)
    tell("fit", 0, 1)
    fit = fit_linear(data.counts, data.targets[data.owners], data.labels, options)
    tell("fit", 1, 1)
    return TrainedModel(
        model=_versioned(replace(fit.model, temperature=calibration.temperature)),
        facts=_facts(data, calibration, options),
        warnings=_warnings(data, calibration, options, converged=fit.converged),
    )


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def _versioned(model: Model) -> Model:
    version = content_version(
        spec=model.spec,
        labels=model.labels,
        temperature=model.temperature,
        threshold=model.threshold,
        checksums={
            name: hashlib.sha256(array_bytes(array)).hexdigest() for name, array in model.arrays.items()
        },
    )
    return replace(model, model_version=version)


def _facts(data: Dataset, calibration: Calibration, options: TrainOptions) -> TrainingFacts:
    return TrainingFacts(
        documents=len(data.targets),
        pages=len(data.owners) + data.blank_pages,
        blank_pages=data.blank_pages,
        documents_per_label=data.documents_per_label(),
        seed=options.seed,
        regularisation=options.regularisation,
        folds=calibration.folds,
        held_out_documents=calibration.documents,
        held_out_accuracy=calibration.accuracy,
        held_out_ece=calibration.ece,
        created_by={
            # Its tables of Unicode decide what a letter is.
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "scipy": scipy.__version__,
            "numpy": np.__version__,
        },
    )


def _warnings(
    data: Dataset, calibration: Calibration, options: TrainOptions, *, converged: bool
) -> tuple[str, ...]:
    found = []
    if not (converged and calibration.converged):
        found.append(f"The solver had not come to rest after {options.max_iterations} passes.")
    rare = [label for label, size in data.documents_per_label().items() if size < calibration.folds]
    if rare:
        found.append(f"Too few documents to check the confidence of: {', '.join(rare)}.")
    if 0 < options.review_below <= 1 / len(data.labels):
        found.append(
            f"With {len(data.labels)} labels the best one is never below {1 / len(data.labels):.2f}, so at"
            f" {options.review_below:g} only documents without any known word are for review."
        )
    return tuple(found)
