"""Making a model small: which features to keep, and weights in one byte. Arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.classifier.model_arrays import Precision

# Bytes after compression: measured on 20 Newsgroups with 160,000 features, 20 labels and zlib, weights of one
# byte take 0.45 bytes, index and idf of a feature together 3.
_WEIGHT_COMPRESSED: Final = 0.5
_FEATURE_COMPRESSED: Final = 4.0
_FLOAT32_COMPRESSED: Final = 3.7
_INT8_MOST: Final = 127


def affordable(max_bytes: int, columns: int, precision: Precision) -> int:
    """Return how many features fit into a compressed model, about; at least one.

    Args:
        max_bytes: Most bytes of the compressed model.
        columns: Score columns of the model.
        precision: How weights are stored.
    """
    weight = _WEIGHT_COMPRESSED if precision == "int8" else _FLOAT32_COMPRESSED
    return max(1, int(max_bytes / (columns * weight + _FEATURE_COMPRESSED)))


def strongest(weights: npt.NDArray[np.float32], keep: int) -> npt.NDArray[np.int64]:
    """Choose the features with the largest weight for any label.

    Measured on 20 Newsgroups, keeping 160,000 of 980,000 features and fitting them again: 92.79 % of a
    held-out block by the largest weight, 92.31 % by the largest weight times the length of the feature's
    column, 92.75 % with all features.

    Args:
        weights: ``features x columns``.
        keep: Features to keep, >= 1.

    Returns:
        Their places, ascending; all if there are no more than ``keep``. Of equals the first are kept.
    """
    if len(weights) <= keep:
        return np.arange(len(weights))
    chosen: npt.NDArray[np.int64] = np.sort(np.argsort(-np.abs(weights).max(axis=1), kind="stable")[:keep])
    return chosen


def to_int8(
    weights: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Round weights to one byte, each column to a scale of its own.

    Args:
        weights: Finite, ``features x columns``.

    Returns:
        The rounded weights and the scale of each column, > 0: ``rounded * scale`` is within half a scale of
        what it was.
    """
    scale = (np.abs(weights).max(axis=0) / _INT8_MOST).astype(np.float32)
    # A column of noughts has no scale; neither has one whose scale float32 cannot hold.
    scale[scale < np.finfo(np.float32).tiny] = 1.0
    rounded = np.clip(np.rint(weights / scale), -_INT8_MOST, _INT8_MOST).astype(np.int8)
    return rounded, scale
