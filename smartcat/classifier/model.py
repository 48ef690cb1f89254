"""The numbers of a model and what identifies them. Knows no files, no text and no NumPy."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartcat.classifier.decision import Rule
    from smartcat.classifier.manifest import Manifest
    from smartcat.classifier.spec import FeatureSpec

ArrayName: TypeAlias = Literal[
    "features.u32", "weights.i8", "weights.f32", "scale.f32", "intercept.f32", "idf.f32", "unicode.bin"
]
FEATURES: Final = "features.u32"
WEIGHTS_INT8: Final = "weights.i8"
WEIGHTS_FLOAT32: Final = "weights.f32"
SCALE: Final = "scale.f32"
INTERCEPT: Final = "intercept.f32"
IDF: Final = "idf.f32"
UNICODE: Final = "unicode.bin"
"""No array, but kept like one: what a character is, see :mod:`smartcat.classifier.unicode_tables`."""
ARRAY_NAMES: Final[tuple[ArrayName, ...]] = (
    FEATURES,
    WEIGHTS_INT8,
    WEIGHTS_FLOAT32,
    SCALE,
    INTERCEPT,
    IDF,
    UNICODE,
)
ITEM_BYTES: Final[Mapping[ArrayName, int]] = {
    FEATURES: 4,
    WEIGHTS_INT8: 1,
    WEIGHTS_FLOAT32: 4,
    SCALE: 4,
    INTERCEPT: 4,
    IDF: 4,
}

Column: TypeAlias = Literal["pertinence", "opening"]
PERTINENCE: Final = "pertinence"
"""Score column that says how much a page tells of its document: its vote weighs ``exp`` of it."""
OPENING: Final = "opening"
"""Score column that says whether a page is the first of its document: a log odds."""
COLUMNS: Final[tuple[Column, ...]] = (PERTINENCE, OPENING)

Precision: TypeAlias = Literal["int8", "float32"]


@dataclass(frozen=True, eq=False)
class Model:
    """A linear classifier over hashed features, ready to be scored by an engine.

    Attributes:
        spec: How text becomes features.
        columns: What the score columns after the labels' say, in the order of :data:`COLUMNS`.
        precision: How weights are stored: float32, or int8 times a float32 scale a column.
        kept: Number of features that have weights; all others are unknown to the model.
        arrays: Each array as little-endian bytes in C order; see :func:`array_shapes`. The features are
            global indices, ascending; weights are feature-major; idf is above 0. Beside them ``unicode.bin``,
            which is no array and of no fixed size.
        rule: Labels and what turns their scores into decisions.
        model_version: Short hash of all of the above; equal versions give equal answers.
        manifest: What the model directory says about itself; ``None`` for a model that was never saved.
    """

    spec: FeatureSpec
    columns: tuple[Column, ...]
    precision: Precision
    kept: int
    arrays: Mapping[ArrayName, bytes | memoryview]
    rule: Rule
    model_version: str = ""
    manifest: Manifest | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """One label a class, at least two."""
        return self.rule.labels

    @property
    def weights_name(self) -> ArrayName:
        """Name of the array that holds the weights."""
        return weights_name(self.precision)

    @property
    def all_columns(self) -> int:
        """Number of score columns, labels first."""
        return len(self.labels) + len(self.columns)


def weights_name(precision: Precision) -> ArrayName:
    """Return the name of the array that holds weights of a precision."""
    return WEIGHTS_INT8 if precision == "int8" else WEIGHTS_FLOAT32


def array_shapes(
    spec: FeatureSpec, *, kept: int, columns: int, precision: Precision
) -> dict[ArrayName, tuple[int, ...]]:
    """Return the shape of every array that such a model has beside its ``unicode.bin``, by name.

    Args:
        spec: How text becomes features.
        kept: Number of features with weights.
        columns: Number of score columns, labels included.
        precision: How weights are stored.
    """
    shapes: dict[ArrayName, tuple[int, ...]] = {
        FEATURES: (kept,),
        weights_name(precision): (kept, columns),
        INTERCEPT: (columns,),
    }
    if precision == "int8":
        shapes[SCALE] = (columns,)
    if spec.idf:
        shapes[IDF] = (kept,)
    return shapes


def array_bytes(name: ArrayName, shape: tuple[int, ...]) -> int:
    """Return the size of an array in bytes."""
    size = ITEM_BYTES[name]
    for extent in shape:
        size *= extent
    return size


def content_version(
    *, spec: FeatureSpec, columns: tuple[str, ...], precision: str, rule: Rule, checksums: Mapping[str, str]
) -> str:
    """Name a model by its content.

    Args:
        spec: How text becomes features.
        columns: See :class:`Model`.
        precision: See :class:`Model`.
        rule: See :class:`Model`; its intercept is among the arrays.
        checksums: SHA-256 in hexadecimal of each stored file, by name.

    Returns:
        12 hexadecimal digits; models that may answer differently have different versions.
    """
    content: dict[str, Any] = {
        "spec": spec.model_dump(mode="json"),
        "columns": list(columns),
        "precision": precision,
        "labels": list(rule.labels),
        "link": [rule.link.above, rule.link.below, rule.link.knee, rule.link.growth],
        "thresholds": list(rule.thresholds),
        "familiar": list(rule.familiar),
        "evidence": list(rule.evidence),
        "stacks": astuple(rule.stacks),
        "checksums": dict(checksums),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
