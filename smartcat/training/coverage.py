"""How much may be left to the machine, and how good that is. Arrays in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.metrics import wilson_interval

if TYPE_CHECKING:
    import numpy.typing as npt

#: Points that a curve keeps: more than a picture can show, few enough for a file.
CURVE_POINTS: Final = 200

#: Precisions that people ask for.
TARGETS: Final = (0.90, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """What accepting everything from one confidence on would give.

    Attributes:
        confidence: The smallest confidence that is accepted, above 0.
        documents: Documents accepted, at least one.
        coverage: Their share of all, 0..1.
        precision: Share of them labelled rightly, 0..1.
        interval: 95 % interval of ``precision``.
    """

    confidence: float
    documents: int
    coverage: float
    precision: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CoverageTarget:
    """How much could be accepted at a precision that somebody wants.

    Attributes:
        precision: At least this, 0..1.
        point: The point with the largest coverage that has it; ``None`` where none has.
    """

    precision: float
    point: CoveragePoint | None


class Coverage:
    """Every threshold there could be: the surest documents first.

    Documents without evidence (confidence 0) are never accepted, so that full coverage may not be reached.
    Documents of one confidence are accepted together, as a threshold would.
    """

    def __init__(self, confidences: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_]) -> None:
        """Sort the documents.

        Args:
            confidences: Probability of the chosen label, 0..1, ``(documents,)``.
            correct: Whether the chosen label is right, ``(documents,)``.
        """
        self._total = len(confidences)
        order = np.argsort(-confidences, kind="stable")[: int(np.count_nonzero(confidences))]
        sure = confidences[order]
        last_of_equals = np.flatnonzero(np.diff(sure, append=-1.0))
        self._confidences = sure[last_of_equals]
        self._taken = last_of_equals + 1
        self._right = np.cumsum(correct[order])[last_of_equals]

    def curve(self, points: int = CURVE_POINTS) -> tuple[CoveragePoint, ...]:
        """Give at most so many points, evenly over the documents, the smallest coverage first."""
        if not len(self._taken):
            return ()
        wanted = np.linspace(1, self._taken[-1], points)
        return tuple(map(self._point, np.unique(np.searchsorted(self._taken, wanted)).tolist()))

    def at(self, precision: float) -> CoverageTarget:
        """Find the largest coverage with at least this precision on these documents."""
        enough = np.flatnonzero(self._right / self._taken >= precision)
        return CoverageTarget(precision, self._point(int(enough[-1])) if len(enough) else None)

    def _point(self, place: int) -> CoveragePoint:
        taken, right = int(self._taken[place]), int(self._right[place])
        return CoveragePoint(
            confidence=float(self._confidences[place]),
            documents=taken,
            coverage=taken / self._total,
            precision=right / taken,
            interval=wilson_interval(right, taken),
        )
