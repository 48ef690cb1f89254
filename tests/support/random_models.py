"""Models with weights drawn at random over what generated paperwork holds: as odd as any, in milliseconds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from smartcat.classifier.features import count_features
from smartcat.classifier.model import Model
from smartcat.classifier.model_arrays import (
    FEATURES,
    IDF,
    INTERCEPT,
    SCALE,
    UNICODE,
    WEIGHTS_FLOAT32,
    WEIGHTS_INT8,
)
from smartcat.classifier.rule import Link, Rule
from smartcat.cli.samples.paperwork import generate
from smartcat.training.model_builder import versioned
from smartcat.training.unicode_recording import tables_for

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.model_arrays import ArrayName, Column, Precision
    from smartcat.classifier.spec import FeatureSpec


@lru_cache(maxsize=4)
def paperwork(count: int, seed: int) -> tuple[tuple[str, ...], ...]:
    """Generated documents as their pages."""
    return tuple(document.pages for document in generate(count, seed=seed))


@lru_cache(maxsize=32)
def _features_of_paperwork(spec: FeatureSpec) -> npt.NDArray[np.int32]:
    """Return the features of some documents of generated paperwork, ascending."""
    return np.unique(count_features(spec, [page for pages in paperwork(20, 3) for page in pages]).indices)


@lru_cache(maxsize=32)
def random_model(
    spec: FeatureSpec,
    *,
    precision: Precision = "int8",
    labels: int = 5,
    columns: tuple[Column, ...] = (),
    seed: int = 0,
) -> Model:
    """A model that knows half of the features of some documents of generated paperwork."""
    rng = np.random.default_rng(seed)
    seen = _features_of_paperwork(spec)
    features = np.sort(rng.choice(seen, size=max(1, len(seen) // 2), replace=False))
    shape = (len(features), labels + len(columns))
    intercept = rng.normal(scale=0.1, size=shape[1]).astype("<f4")
    arrays: dict[ArrayName, bytes] = {
        FEATURES: features.astype("<u4").tobytes(),
        INTERCEPT: intercept.tobytes(),
        UNICODE: tables_for(spec),
    }
    if spec.idf:
        arrays[IDF] = rng.uniform(0.5, 8, len(features)).astype("<f4").tobytes()
    if precision == "int8":
        # Few values, so that contributions are equal now and then.
        arrays[WEIGHTS_INT8] = (rng.integers(-8, 9, shape) * 15).astype("i1").tobytes()
        arrays[SCALE] = rng.uniform(0.005, 0.02, shape[1]).astype("<f4").tobytes()
    else:
        arrays[WEIGHTS_FLOAT32] = rng.normal(size=shape).astype("<f4").tobytes()
    rule = Rule(
        labels=tuple(f"label-{number}" for number in range(labels)),
        intercept=tuple(intercept[:labels].tolist()),
        link=Link(),
        thresholds=(0.3,) * labels,
    )
    return versioned(Model(spec, columns, precision, len(features), arrays, rule))
