"""Coverage against precision over all thresholds. Arrays in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.evaluation.metrics import wilson_interval

if TYPE_CHECKING:
    import numpy.typing as npt

#: Points of a curve: more than a plot can show, few enough for a file.
CURVE_POINTS: Final = 200

#: Precisions that are commonly required.
TARGETS: Final = (0.90, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """Coverage and precision of one threshold.

    Attributes:
        confidence: The smallest confidence that is accepted, above 0.
        documents: Documents accepted, at least one.
        coverage: Their share of all, 0..1.
        precision: Share of them classified correctly, 0..1.
        interval: 95 % interval of ``precision``.
    """

    confidence: float
    documents: int
    coverage: float
    precision: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CoverageTarget:
    """The largest coverage at a precision.

    Attributes:
        precision: At least this, 0..1.
        point: The point with the largest coverage that has it; ``None`` where none has.
    """

    precision: float
    point: CoveragePoint | None


class Coverage:
    """All thresholds there could be, from the highest confidence down.

    Documents without a known feature (confidence 0) are never accepted, so that full coverage may not be
    reached. Documents of one confidence are accepted together, as a threshold would.
    """

    def __init__(self, confidences: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_]) -> None:
        """Sort the documents.

        Args:
            confidences: Probability of the chosen label, 0..1, ``(documents,)``.
            correct: Whether the chosen label is right, ``(documents,)``.
        """
        self._total = len(confidences)
        order = np.argsort(-confidences, kind="stable")[: int(np.count_nonzero(confidences))]
        descending = confidences[order]
        last_of_equals = np.flatnonzero(np.diff(descending, append=-1.0))
        self._confidences = descending[last_of_equals]
        self._accepted = last_of_equals + 1
        self._right = np.cumsum(correct[order])[last_of_equals]

    def curve(self, points: int = CURVE_POINTS) -> tuple[CoveragePoint, ...]:
        """Return at most so many points, evenly over the documents, the smallest coverage first."""
        if not len(self._accepted):
            return ()
        wanted = np.linspace(1, self._accepted[-1], points)
        return tuple(map(self._point, np.unique(np.searchsorted(self._accepted, wanted)).tolist()))

    def at(self, precision: float) -> CoverageTarget:
        """Return the largest coverage with at least this precision on these documents."""
        enough = np.flatnonzero(self._right / self._accepted >= precision)
        return CoverageTarget(precision, self._point(int(enough[-1])) if len(enough) else None)

    def _point(self, index: int) -> CoveragePoint:
        accepted, right = int(self._accepted[index]), int(self._right[index])
        return CoveragePoint(
            confidence=float(self._confidences[index]),
            documents=accepted,
            coverage=accepted / self._total,
            precision=right / accepted,
            interval=wilson_interval(right, accepted),
        )
