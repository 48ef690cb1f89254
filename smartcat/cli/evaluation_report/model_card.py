"""The facts that a model states about itself; models of other versions may state less or more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartcat.classifier.classifier import Classifier


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Facts about a model; ``None`` if it does not state them.

    Attributes:
        model: Where it was read from.
        model_version: Its version.
        labels: Number of its labels.
        thresholds: Smallest accepted confidence, 0 to 1 (above 1 for never), for all labels or for each.
        documents: Number of training documents.
        pages: Number of their pages.
        held_out_accuracy: Accuracy on held-out documents in training, 0 to 1.
        created_at: When it was trained.
    """

    model: str
    model_version: str
    labels: int
    thresholds: tuple[float, ...] | None
    documents: float | None
    pages: float | None
    held_out_accuracy: float | None
    created_at: str | None


def read_model_card(model: str, classifier: Classifier) -> ModelCard:
    """Return the facts of a model.

    Args:
        model: Where the model was read from.
        classifier: The loaded model.
    """
    manifest = getattr(classifier.model, "manifest", None)
    training = getattr(manifest, "training", None)
    created_at = getattr(manifest, "created_at", None)
    return ModelCard(
        model=model,
        model_version=classifier.model_version,
        labels=len(classifier.labels),
        thresholds=_thresholds(classifier, manifest),
        documents=_number(training, "documents"),
        pages=_number(training, "pages"),
        held_out_accuracy=_number(training, "held_out_accuracy"),
        created_at=created_at if isinstance(created_at, str) else None,
    )


def _thresholds(classifier: Any, manifest: Any) -> tuple[float, ...] | None:
    one = _number(classifier, "threshold")
    if one is not None:
        return (one,)
    each = getattr(manifest, "thresholds", None)
    return each if isinstance(each, tuple) and each else None


def _number(holder: Any, name: str) -> float | None:
    value = getattr(holder, name, None)
    return value if isinstance(value, int | float) else None
