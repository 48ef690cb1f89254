"""What held-out scores say about a model: its confidence, its thresholds, and how good it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from smartcat.classifier.manifest import LabelFacts
from smartcat.training.calibrate import learn_calibration
from smartcat.training.errors import TrainingError
from smartcat.training.metrics import expected_calibration_error
from smartcat.training.quiet import quiet
from smartcat.training.thresholds import choose_thresholds
from smartcat.training.units import combine_pages, sum_pages

if TYPE_CHECKING:
    import numpy.typing as npt

    from smartcat.training.calibrate import Calibration
    from smartcat.training.dataset import Dataset
    from smartcat.training.held_out import HeldOut
    from smartcat.training.options import TrainOptions
    from smartcat.training.units import Units

_POWERS: Final = (0.0, 1.0, 2.0, 3.0)
"""What a page's log odds of being telling may be multiplied by; 0 leaves all pages equal."""
_STRANGERS: Final = 0.01
"""Share of the held-out documents that may count as unfamiliar."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What was learned from held-out documents.

    Attributes:
        calibration: From scores to probabilities.
        pertinence_power: What the log odds of pertinence are multiplied by; 0 for no such column.
        thresholds: Smallest confidence to accept, for each label.
        familiar: Smallest share of known features that nearly all documents have, for each part.
        evidence: Fewest known features that nearly all documents have, for each part.
        labels: How each label fared.
        documents: Units judged on.
        accuracy: Share of them labelled rightly.
        log_loss: Mean negative logarithm of the right label's probability.
        full_accuracy: Accuracy before pruning and rounding.
        ece: Expected calibration error.
        coverage: Share accepted.
        precision: Share of the accepted that was labelled rightly; 0 where none was.
        confidence: Mean confidence.
        familiarity: Mean share of known features.
    """

    calibration: Calibration
    pertinence_power: float
    thresholds: tuple[float, ...]
    familiar: tuple[float, ...]
    evidence: tuple[int, ...]
    labels: dict[str, LabelFacts]
    documents: int
    accuracy: float
    log_loss: float
    full_accuracy: float
    ece: float
    coverage: float
    precision: float
    confidence: float
    familiarity: float


def judge(data: Dataset, held: HeldOut, options: TrainOptions) -> Judgement:
    """Learn from held-out scores all that turns scores into decisions.

    Args:
        data: The data set.
        held: Its held-out pages, scored.
        options: Thresholds wanted.

    Returns:
        What was learned, and how good the decisions are on the same documents.

    Raises:
        TrainingError: No held-out page shares a feature with the others.
    """
    evident = held.known.any(axis=1)
    owners = data.owners[held.pages][evident]
    if not len(owners):
        raise TrainingError("no document shares a word with the others, so no confidence can be learned")
    scores, pertinence = held.scores[evident], held.pertinence[evident]
    powers = _POWERS if pertinence.any() else _POWERS[:1]
    found = [_calibrated(data, scores, power * pertinence, owners) for power in powers]
    log_loss, number, units, calibration = min(
        (
            calibration.log_loss(units.scores, data.targets[units.units], units.pages),
            number,
            units,
            calibration,
        )
        for number, (units, calibration) in enumerate(found)
    )
    truth = data.targets[units.units]
    full, full_calibration = _calibrated(data, held.full_scores[evident], powers[number] * pertinence, owners)
    chances = calibration.probabilities(units.scores, units.pages)
    answers, confidences = chances.argmax(axis=1), chances.max(axis=1)
    right = answers == truth
    thresholds = _thresholds(options, confidences, answers, right, len(data.labels))
    # A page without evidence has no vote, but what is unknown on it counts.
    pages = np.isin(data.owners[held.pages], owners)
    known = sum_pages(held.known[pages], data.owners[held.pages][pages])
    distinct = sum_pages(held.distinct[pages], data.owners[held.pages][pages])
    shares = np.where(distinct > 0, known / np.maximum(distinct, 1), 1.0)
    familiar, evidence = _nearly_all(shares), _nearly_all(known)
    accepted = confidences >= np.array(thresholds)[answers]
    accepted &= np.all((shares >= familiar) & (known >= evidence), axis=1)
    return Judgement(
        calibration=calibration,
        pertinence_power=powers[number],
        thresholds=thresholds,
        familiar=tuple(familiar.tolist()),
        evidence=tuple(evidence.tolist()),
        labels=_label_facts(data, truth, answers),
        documents=len(truth),
        accuracy=float(right.mean()),
        log_loss=log_loss,
        full_accuracy=float(((full.scores + full_calibration.offsets).argmax(axis=1) == truth).mean()),
        ece=expected_calibration_error(confidences, right),
        coverage=float(accepted.mean()),
        precision=float(right[accepted].mean()) if accepted.any() else 0.0,
        confidence=float(confidences.mean()),
        familiarity=float((known.sum(axis=1) / distinct.sum(axis=1)).mean()),
    )


def _calibrated(
    data: Dataset,
    scores: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    owners: npt.NDArray[np.int64],
) -> tuple[Units, Calibration]:
    """Combine pages to units, and calibrate on the units and on each page of theirs alone.

    A document may come with all its pages or with one of them, and its confidence has to be honest either
    way. The pages of a unit count as much together as the unit does.
    """
    units = combine_pages(scores, weights, owners)
    several = units.pages > 1
    page_owners = np.searchsorted(units.units, owners)
    alone = several[page_owners]
    calibration = learn_calibration(
        np.concatenate((units.scores, scores[alone])),
        data.targets[np.concatenate((units.units, owners[alone]))],
        np.concatenate((units.pages, np.ones(int(alone.sum()), dtype=np.int64))),
        np.concatenate((np.ones(len(units.units)), 1.0 / units.pages[page_owners][alone])),
    )
    return units, calibration


def _thresholds(
    options: TrainOptions,
    confidences: npt.NDArray[np.float64],
    answers: npt.NDArray[np.int64],
    right: npt.NDArray[np.bool_],
    labels: int,
) -> tuple[float, ...]:
    if options.target_precision is None:
        return (options.review_below,) * labels
    return choose_thresholds(
        confidences, answers, right, labels, options.target_precision, at_least=options.review_below
    )


def _nearly_all(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give the value that nearly all documents reach, part by part."""
    return np.asarray(np.quantile(values, _STRANGERS, axis=0, method="lower"))


def _label_facts(
    data: Dataset, truth: npt.NDArray[np.int64], answers: npt.NDArray[np.int64]
) -> dict[str, LabelFacts]:
    with quiet():
        precision, recall, _, support = precision_recall_fscore_support(
            truth, answers, labels=range(len(data.labels)), zero_division=0.0
        )
    learned = data.units_per_label()
    return {
        label: LabelFacts(
            documents=learned[label],
            held_out=int(support[index]),
            precision=float(precision[index]),
            recall=float(recall[index]),
        )
        for index, label in enumerate(data.labels)
    }
