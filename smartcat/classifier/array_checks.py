"""Checks of the values in a model's arrays, shared by both engines. Knows no array library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smartcat.classifier.errors import ModelError
from smartcat.classifier.model_arrays import FEATURES, IDF, SCALE

if TYPE_CHECKING:
    from smartcat.classifier.model_arrays import ArrayName
    from smartcat.classifier.spec import FeatureSpec

# Far beyond what training produces, and small enough that no sum of a page's terms can overflow float32.
LARGEST_VALUE: Final = 1e6


def check_range(name: ArrayName, least: float, greatest: float, where: str) -> None:
    """Check an array of float32 by its extremes.

    Args:
        name: Name of the array.
        least: Its smallest value; NaN or infinite where any value is NaN.
        greatest: Its largest value.
        where: Name of the model for error messages.

    Raises:
        ModelError: A value beyond ±1e6, or an idf or a scale that is not above 0.
    """
    # NaN compares false, so this rejects it along with infinities.
    if not (least >= -LARGEST_VALUE and greatest <= LARGEST_VALUE):
        raise ModelError(f"{where}/{name}: holds a value that is not a number within ±{LARGEST_VALUE:g}")
    if name in {IDF, SCALE} and not least > 0:
        raise ModelError(f"{where}/{name}: holds a value that is not above 0")


def feature_order_error(spec: FeatureSpec, where: str) -> ModelError:
    """Return the error for feature indices that do not ascend or are out of range."""
    return ModelError(f"{where}/{FEATURES}: expected ascending numbers of features below {spec.width}")
