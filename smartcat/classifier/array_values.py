"""What the values of a model's arrays must be, whichever engine reads them. Knows no array library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smartcat.classifier.errors import ModelError
from smartcat.classifier.model import FEATURES, IDF, SCALE

if TYPE_CHECKING:
    from smartcat.classifier.model import ArrayName
    from smartcat.classifier.spec import FeatureSpec

# Far beyond what training yields, and small enough that no sum of a page's terms can overflow float32.
LARGEST_VALUE: Final = 1e6


def check_range(name: ArrayName, least: float, greatest: float, where: str) -> None:
    """Refuse an array of float32 by its extremes.

    Args:
        name: Which array.
        least: Its smallest value; not a number where any value is none.
        greatest: Its largest value.
        where: What to call the model in an error.

    Raises:
        ModelError: Values beyond what a model can hold, or an idf or a scale that is not above 0.
    """
    # NaN compares false, so this refuses it along with infinities.
    if not (least >= -LARGEST_VALUE and greatest <= LARGEST_VALUE):
        raise ModelError(f"{where}/{name}: holds a value that is not a number within ±{LARGEST_VALUE:g}")
    if name in {IDF, SCALE} and not least > 0:
        raise ModelError(f"{where}/{name}: holds a value that is not above 0")


def out_of_order(spec: FeatureSpec, where: str) -> ModelError:
    """Return the error for features that do not ascend, or that there are not."""
    return ModelError(f"{where}/{FEATURES}: expected ascending numbers of features below {spec.width}")
