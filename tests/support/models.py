"""Small models in directories, for the tests of what is done with models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smartcat.classifier.manifest import LEARNED_TEXTS
from smartcat.training.hyperparameters import TrainingOptions
from smartcat.training.train import train
from support.labelled import labelled_documents

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class TwoModels:
    """Two models of the same 36 documents of three labels; the second is the younger one."""

    first: Path
    second: Path
    versions: tuple[str, str]


def two_models(folder: Path) -> TwoModels:
    """Train two models that differ in their threshold alone, and save them in a folder."""
    versions = []
    for name, review_below in (("first", 0.5), ("second", 0.4)):
        options = replace(TrainingOptions.quick(n_features=2**10), review_below=review_below)
        trained = train(labelled_documents(), options=options)
        trained.save(folder / name, created_at=f"2026-01-0{1 + len(versions)}T00:00:00+00:00")
        versions.append(trained.model.model_version)
    return TwoModels(folder / "first", folder / "second", (versions[0], versions[1]))


def published_files(directory: Path) -> list[Path]:
    """Return the files of a model directory that are part of the model, sorted by name."""
    return sorted(file for file in directory.iterdir() if file.name != LEARNED_TEXTS)
