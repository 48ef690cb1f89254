"""The numbers of a model and what identifies them. Knows no files and no text."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from classifier.decision import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from classifier.manifest import Manifest
    from classifier.spec import FeatureSpec

ArrayName: TypeAlias = Literal["weights.f32", "intercept.f32", "idf.f32"]
WEIGHTS: Final = "weights.f32"
INTERCEPT: Final = "intercept.f32"
IDF: Final = "idf.f32"


@dataclass(frozen=True, eq=False)
class Model:
    """A linear classifier over hashed features, ready to score.

    Attributes:
        spec: How text becomes features.
        labels: One label a class, at least two.
        weights: float32, C order, ``n_features x classes``.
        intercept: float32, ``(classes,)``.
        idf: float32, ``(n_features,)``, 0 for features that training never saw; ``None`` without idf.
        temperature: Divisor of the scores before the softmax, > 0.
        threshold: Smallest confidence that is accepted, 0..1.
        model_version: Short hash of all of the above; equal versions give equal answers.
        manifest: What the model directory says about itself; ``None`` for a model that was never saved.
    """

    spec: FeatureSpec
    labels: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32] | None
    temperature: float
    threshold: float
    model_version: str
    manifest: Manifest | None = None

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """Whether each feature says anything about any label, ``(n_features,)``."""
        known = np.asarray(self.weights.any(axis=1), dtype=np.bool_)
        return known if self.idf is None else known & (self.idf != 0)

    @cached_property
    def rule(self) -> Rule:
        """What turns this model's scores into decisions."""
        intercept = tuple(float(value) for value in self.intercept)
        return Rule(self.labels, intercept, self.temperature, self.threshold)

    @property
    def arrays(self) -> dict[ArrayName, npt.NDArray[np.float32]]:
        """The model's arrays by the names of their files."""
        arrays: dict[ArrayName, npt.NDArray[np.float32]] = {WEIGHTS: self.weights, INTERCEPT: self.intercept}
        return arrays if self.idf is None else {**arrays, IDF: self.idf}


def array_shapes(spec: FeatureSpec, classes: int) -> dict[ArrayName, tuple[int, ...]]:
    """Return the shape of every array that a model of this spec has, by the names of their files."""
    shapes: dict[ArrayName, tuple[int, ...]] = {WEIGHTS: (spec.n_features, classes), INTERCEPT: (classes,)}
    return {**shapes, IDF: (spec.n_features,)} if spec.idf else shapes


def array_bytes(array: npt.NDArray[np.float32]) -> bytes:
    """Return an array as it is stored: little-endian float32, C order."""
    return np.ascontiguousarray(array, dtype="<f4").tobytes()


def content_version(
    *,
    spec: FeatureSpec,
    labels: Sequence[str],
    temperature: float,
    threshold: float,
    checksums: Mapping[str, str],
) -> str:
    """Name a model by its content.

    Args:
        spec: How text becomes features.
        labels: One label a class, in order.
        temperature: See :class:`Model`.
        threshold: See :class:`Model`.
        checksums: SHA-256 in hexadecimal of each stored array, by file name.

    Returns:
        12 hexadecimal digits; models that may answer differently have different versions.
    """
    content = {
        "spec": spec.model_dump(mode="json"),
        "labels": list(labels),
        "temperature": temperature,
        "threshold": threshold,
        "checksums": dict(checksums),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
