"""Models made by hand, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from smartcat.classifier.model import Model
from smartcat.classifier.model_arrays import FEATURES, IDF, INTERCEPT, SCALE, weights_name
from smartcat.classifier.rule import Link, Rule
from smartcat.training.model_builder import versioned

if TYPE_CHECKING:
    from smartcat.classifier.model_arrays import ArrayName, Column, Precision
    from smartcat.classifier.spec import FeatureSpec


def hand_made(
    spec: FeatureSpec,
    labels: tuple[str, ...],
    weights: Any,
    *,
    features: Any = None,
    columns: tuple[Column, ...] = (),
    intercept: Any = None,
    idf: Any = None,
    scale: Any = None,
    **rule: Any,
) -> Model:
    """Make a model: all buckets are kept, intercepts are 0 and idf is 1, unless told otherwise.

    With a scale, weights are int8. ``rule`` holds further fields of the rule; confidence of 0.5 is accepted.
    """
    weights = np.asarray(weights)
    kept, width = weights.shape
    precision: Precision = "float32" if scale is None else "int8"
    arrays: dict[ArrayName, Any] = {
        FEATURES: np.arange(kept, dtype="<u4") if features is None else np.asarray(features, dtype="<u4"),
        weights_name(precision): weights.astype("<f4" if scale is None else "i1"),
        INTERCEPT: np.zeros(width, "<f4") if intercept is None else np.asarray(intercept, dtype="<f4"),
    }
    if scale is not None:
        arrays[SCALE] = np.asarray(scale, dtype="<f4")
    if spec.idf:
        arrays[IDF] = np.ones(kept, "<f4") if idf is None else np.asarray(idf, dtype="<f4")
    rule = {"link": Link(), "thresholds": (0.5,) * len(labels)} | rule
    return versioned(
        Model(
            spec=spec,
            columns=columns,
            precision=precision,
            kept=kept,
            arrays={name: array.tobytes() for name, array in arrays.items()},
            rule=Rule(labels=labels, intercept=tuple(arrays[INTERCEPT][: len(labels)].tolist()), **rule),
        )
    )
