"""From weights to a model as it is stored: rounded, in bytes, with its version."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcat.classifier.decision import Rule
from smartcat.classifier.model import Model, content_version
from smartcat.classifier.model_arrays import (
    FEATURES,
    IDF,
    INTERCEPT,
    SCALE,
    UNICODE,
    WEIGHTS_FLOAT32,
    WEIGHTS_INT8,
)
from smartcat.training.prune import to_int8
from smartcat.training.unicode_tables import build_tables

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.model_arrays import ArrayName, Column
    from smartcat.classifier.segmentation_parameters import SegmentationParameters
    from smartcat.training.judge import Judgement
    from smartcat.training.linear import Vocabulary, Weights
    from smartcat.training.options import TrainOptions


def assemble(
    vocabulary: Vocabulary,
    weights: Weights,
    columns: tuple[Column, ...],
    labels: tuple[str, ...],
    judgement: Judgement,
    stacks: SegmentationParameters,
    options: TrainOptions,
) -> Model:
    """Make a model.

    Args:
        vocabulary: The features it knows.
        weights: One column a label, then ``columns``; the intercept holds the corrections of the calibration.
        columns: What further columns say.
        labels: The labels.
        judgement: What turns scores into decisions.
        stacks: What was learned of stacks.
        options: How weights are stored.

    Returns:
        The model, with its version.
    """
    intercept = weights.intercept.astype("<f4")
    arrays: dict[ArrayName, bytes] = {
        FEATURES: _stored(vocabulary.features, "<u4"),
        INTERCEPT: _stored(intercept, "<f4"),
        UNICODE: build_tables(
            lowercase=vocabulary.spec.lowercase, strip_accents=vocabulary.spec.strip_accents
        ),
    }
    if vocabulary.idf is not None:
        arrays[IDF] = _stored(vocabulary.idf, "<f4")
    if options.precision == "int8":
        small, scale = to_int8(weights.weights)
        arrays[WEIGHTS_INT8], arrays[SCALE] = _stored(small, "i1"), _stored(scale, "<f4")
    else:
        arrays[WEIGHTS_FLOAT32] = _stored(weights.weights, "<f4")
    model = Model(
        spec=vocabulary.spec,
        columns=columns,
        precision=options.precision,
        kept=len(vocabulary.features),
        arrays=arrays,
        rule=Rule(
            labels=labels,
            intercept=tuple(float(value) for value in intercept[: len(labels)]),
            link=judgement.calibration.link,
            thresholds=judgement.thresholds,
            min_known_shares=judgement.familiar,
            min_known_features=judgement.evidence,
            segmentation=stacks,
        ),
    )
    return versioned(model)


def versioned(model: Model) -> Model:
    """Return the model with the version that its content has."""
    version = content_version(
        spec=model.spec,
        columns=model.columns,
        precision=model.precision,
        rule=model.rule,
        checksums={name: hashlib.sha256(content).hexdigest() for name, content in model.arrays.items()},
    )
    return replace(model, model_version=version)


def _stored(array: npt.NDArray[Any], kind: str) -> bytes:
    return np.ascontiguousarray(array, dtype=kind).tobytes()
