"""What a model says about itself, as far as it says it: older and newer models may say less or more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartcat.classifier.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Passport:
    """Facts about a model; ``None`` where it does not tell.

    Attributes:
        model: where it was read from.
        model_version: what identifies its content.
        labels: how many labels it can give.
        thresholds: the smallest confidence that is accepted, 0 to 1, above 1 for never: one for all labels or
            one each.
        documents: documents it learned from.
        pages: their pages.
        held_out_accuracy: share of held-out documents that were right in training, 0 to 1.
        created_at: when it was made.
    """

    model: str
    model_version: str
    labels: int
    thresholds: tuple[float, ...] | None
    documents: float | None
    pages: float | None
    held_out_accuracy: float | None
    created_at: str | None


def read_passport(model: str, classifier: Classifier) -> Passport:
    """Collect the facts.

    Args:
        model: where the model was read from.
        classifier: the loaded model.
    """
    manifest = getattr(classifier.model, "manifest", None)
    training = getattr(manifest, "training", None)
    created_at = getattr(manifest, "created_at", None)
    return Passport(
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
