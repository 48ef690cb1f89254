"""How far the figures of held-out documents can be trusted: intervals, and signs of wrong labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from smartcat.training.evaluation.metrics import expected_calibration_error, wilson_interval

if TYPE_CHECKING:
    import numpy.typing as npt

_RESAMPLES: Final = 300
_SUREST: Final = 4
"""The surest of so many documents tell whether labels are right."""
_NOISE: Final = 0.07
"""Share of mistakes among the surest that only wrong labels explain.

Measured with words and three folds (characters on sms_spam), labels as they are and then 10 % and 20 % of
them flipped: sms_spam 0, 10 and 21 %; 3,000 posts of newsgroups20 2, 19 and 36 %; cfpb_small 3, 11 and 22 %.
With labels as they are, tobacco800_pages has 5 %.
"""
_FEW_A_LABEL: Final = 50
_WIDE: Final = 0.06


def calibration_error_interval(
    confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    """Return the 95 % interval of the expected calibration error by bootstrap; the same at every call.

    Args:
        confidences: Confidence of each held-out document, 0..1, ``(documents,)``, at least one.
        right: Whether its label is right.
    """
    draw = np.random.default_rng(0)
    errors = [
        expected_calibration_error(confidences[chosen], right[chosen])
        for chosen in (draw.integers(0, len(right), len(right)) for _ in range(_RESAMPLES))
    ]
    lower, upper = np.quantile(errors, (0.025, 0.975)).tolist()
    return lower, upper


def label_noise(confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """Return the share of mistakes among the surest quarter of the documents, 0..1.

    A model is hardly ever wrong where it is surest, however hard its task; what is left there is mistaken
    labels, in about their share of all.
    """
    return float(1.0 - right[_surest(confidences)].mean())


def labels_look_wrong(confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> bool:
    """Return whether more of the surest are mistaken than chance and hard documents explain."""
    mistakes = ~right[_surest(confidences)]
    return wilson_interval(int(mistakes.sum()), len(mistakes))[0] > _NOISE


def is_rough(documents: int, labels: int, accuracy_interval: tuple[float, float]) -> bool:
    """Return whether there were too few held-out documents to take the figures, and confidence, for exact."""
    return documents < _FEW_A_LABEL * labels or accuracy_interval[1] - accuracy_interval[0] > _WIDE


def _surest(confidences: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    order = np.argsort(-confidences, kind="stable")
    surest: npt.NDArray[np.int64] = order[: max(1, len(order) // _SUREST)]
    return surest
