"""The arrays of a model: their names, shapes and sizes, and what the score columns mean. Knows no values.

Lies below both the model and its manifest, which describe the same arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

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
"""Not an array, but stored like one: character tables, see :mod:`smartcat.classifier.unicode_tables`."""
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
PAGE_RELEVANCE: Final = "pertinence"
"""Score column of a page's relevance to its document's label: its scores are weighted by ``exp`` of it."""
BOUNDARY: Final = "opening"
"""Score column of the log odds that a page is the first of its document."""
COLUMNS: Final[tuple[Column, ...]] = (PAGE_RELEVANCE, BOUNDARY)

Precision: TypeAlias = Literal["int8", "float32"]


def weights_name(precision: Precision) -> ArrayName:
    """Return the name of the array that holds weights of a precision."""
    return WEIGHTS_INT8 if precision == "int8" else WEIGHTS_FLOAT32


def array_shapes(
    spec: FeatureSpec, *, kept: int, columns: int, precision: Precision
) -> dict[ArrayName, tuple[int, ...]]:
    """Return the shape of every array of such a model by name, ``unicode.bin`` left out.

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
