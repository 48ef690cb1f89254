"""From fitted weights to a model as it is stored: calibrated, with auxiliary columns, in versioned bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

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
from smartcat.classifier.rule import Rule
from smartcat.training.fitting.page_columns import fit_first_page, fit_page_relevance, teaching_pages
from smartcat.training.fitting.pruning import to_int8
from smartcat.training.segmentation.learning import learn_segmentation
from smartcat.training.unicode_recording import tables_for

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.model_arrays import ArrayName, Column
    from smartcat.classifier.segmentation_parameters import SegmentationParameters
    from smartcat.training.calibration.calibration_report import CalibrationReport
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import FeatureMatrix
    from smartcat.training.fitting.linear_model import Vocabulary, Weights
    from smartcat.training.hyperparameters import TrainingOptions


def build_model(
    vocabulary: Vocabulary,
    weights: Weights,
    features: FeatureMatrix,
    held_out: HeldOutScores,
    report: CalibrationReport,
    options: TrainingOptions,
) -> Model:
    """Return the model: calibrated weights of the labels, and the auxiliary columns that can be learned.

    Args:
        vocabulary: The features it knows.
        weights: One column a label.
        features: The documents that the auxiliary columns are learned from.
        held_out: Pages of those, scored by models that have not seen them.
        report: What was learned from them.
        options: How weights are stored, and the seed.
    """
    data, counts = features.data, features.counts
    weights = weights.shifted(report.calibration.offsets)
    teaching = teaching_pages(data)
    columns: list[Column] = []
    if report.relevance_power:
        taught = teaching.relevance[held_out.pages]
        classified_right = held_out.scores.argmax(axis=1) == data.page_targets[held_out.pages]
        relevance = fit_page_relevance(
            vocabulary.matrix(counts[held_out.pages[taught]]), classified_right[taught], seed=options.seed
        )
        weights = weights.beside(relevance.times(report.relevance_power))
        columns.append("pertinence")
    segmentation = learn_segmentation(
        data,
        held_out,
        report.calibration,
        with_first_pages=bool(teaching.first_page.any()),
        seed=options.seed,
    )
    if teaching.first_page.any():
        first_page = fit_first_page(vocabulary.matrix(counts), data.first_pages, seed=options.seed)
        log_odds = first_page.times(segmentation.slope).shifted(np.array([segmentation.offset]))
        weights = weights.beside(log_odds)
        columns.append("opening")
    return pack_model(vocabulary, weights, tuple(columns), data.labels, report, segmentation.rule, options)


def pack_model(
    vocabulary: Vocabulary,
    weights: Weights,
    columns: tuple[Column, ...],
    labels: tuple[str, ...],
    report: CalibrationReport,
    segmentation: SegmentationParameters,
    options: TrainingOptions,
) -> Model:
    """Return the model in the bytes that are stored, with its version.

    Args:
        vocabulary: The features it knows.
        weights: One column a label, then ``columns``; the intercept holds the corrections of the calibration.
        columns: The auxiliary columns.
        labels: The labels.
        report: What turns scores into decisions.
        segmentation: What splits page streams.
        options: How weights are stored.
    """
    intercept = weights.intercept.astype("<f4")
    arrays: dict[ArrayName, bytes] = {
        FEATURES: _to_bytes(vocabulary.features, "<u4"),
        INTERCEPT: _to_bytes(intercept, "<f4"),
        UNICODE: tables_for(vocabulary.spec),
    }
    if vocabulary.idf is not None:
        arrays[IDF] = _to_bytes(vocabulary.idf, "<f4")
    if options.precision == "int8":
        rounded, scale = to_int8(weights.weights)
        arrays[WEIGHTS_INT8], arrays[SCALE] = _to_bytes(rounded, "i1"), _to_bytes(scale, "<f4")
    else:
        arrays[WEIGHTS_FLOAT32] = _to_bytes(weights.weights, "<f4")
    model = Model(
        spec=vocabulary.spec,
        columns=columns,
        precision=options.precision,
        kept=len(vocabulary.features),
        arrays=arrays,
        rule=Rule(
            labels=labels,
            intercept=tuple(float(value) for value in intercept[: len(labels)]),
            link=report.calibration.link,
            thresholds=(report.threshold,) * len(labels),
            min_known_shares=report.min_known_share,
            segmentation=segmentation,
            pooling=report.pooling,
            gate=report.gate,
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


def _to_bytes(array: npt.NDArray[Any], dtype: str) -> bytes:
    return np.ascontiguousarray(array, dtype=dtype).tobytes()
