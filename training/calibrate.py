"""Learning what a score is worth: out-of-fold scores of whole documents, and one temperature for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.model_selection import StratifiedKFold

from classifier.decision import combine, probabilities
from classifier.features import weigh
from classifier.scoring import score_features
from training.errors import TrainingError
from training.linear import fit_linear
from training.metrics import expected_calibration_error
from training.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from classifier.model import Model
    from training.dataset import Dataset, Progress
    from training.options import TrainOptions

# Margins of a support vector machine are about 1 wide; temperatures beyond these bounds say 0/1 or nothing.
_COLDEST: Final = 0.01
_HOTTEST: Final = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What held-out documents say about confidence.

    Attributes:
        temperature: Divisor of the scores before the softmax.
        folds: Folds used.
        documents: Held-out documents that were scored.
        accuracy: Share of them labelled rightly, 0..1.
        ece: Their expected calibration error under ``temperature``, 0..1.
        converged: Whether the solver came to rest in every fold.
    """

    temperature: float
    folds: int
    documents: int
    accuracy: float
    ece: float
    converged: bool


def calibrate(data: Dataset, options: TrainOptions, progress: Progress) -> Calibration:
    """Learn the temperature on documents that the scoring model has not seen.

    Folds are cut by document, never through one, and keep each label's share. Labels with fewer documents
    than folds are always learned from and never held out.

    Args:
        data: What to learn from.
        options: How to learn; the folds shrink where the second largest label has fewer documents.
        progress: Told ``("calibrate", folds done, folds)``.

    Returns:
        The calibration.

    Raises:
        TrainingError: No two labels have two documents each, or no held-out document could be scored.
    """
    folds = list(_held_out(data, options))
    scores: list[tuple[float, ...]] = []
    truth: list[int] = []
    converged = True
    for done, held in enumerate(folds, start=1):
        outside = held[data.owners]
        fit = fit_linear(data.counts[~outside], data.targets[data.owners[~outside]], data.labels, options)
        converged &= fit.converged
        for owner, score in _document_scores(fit.model, data, np.flatnonzero(outside)):
            scores.append(score)
            truth.append(int(data.targets[owner]))
        progress("calibrate", done, len(folds))
    if not scores:
        raise TrainingError("no document shares a word with the others, so no confidence can be learned")
    temperature = fit_temperature(np.array(scores), np.array(truth))
    chances = np.array([probabilities(score, temperature) for score in scores])
    right = chances.argmax(axis=1) == np.array(truth)
    return Calibration(
        temperature=temperature,
        folds=len(folds),
        documents=len(scores),
        accuracy=float(right.mean()),
        ece=expected_calibration_error(chances.max(axis=1), right),
        converged=converged,
    )


def fit_temperature(scores: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    """Find the temperature under which the scores' softmax explains the truth best.

    One imagined document in ``documents + 2`` counts as mislabelled (Laplace's rule of succession), so that a
    handful of documents that all came out right does not yield certainty.

    Args:
        scores: Scores of documents, ``documents x labels``, at least one document and two labels.
        truth: Index of each document's label, ``(documents,)``.

    Returns:
        The temperature, 0.01..100.
    """
    documents, labels = scores.shape
    doubt = 1.0 / (documents + 2)
    target = np.full(scores.shape, doubt / (labels - 1))
    target[np.arange(documents), truth] = 1.0 - doubt

    def loss(log_temperature: float) -> float:
        scaled = scores / math.exp(log_temperature)
        return float(np.mean(logsumexp(scaled, axis=1) - (target * scaled).sum(axis=1)))

    found = minimize_scalar(loss, bounds=(math.log(_COLDEST), math.log(_HOTTEST)), method="bounded")
    return math.exp(float(found.x))


def _held_out(data: Dataset, options: TrainOptions) -> Iterator[npt.NDArray[np.bool_]]:
    """Give each fold as a mask over the documents, true for those held out."""
    with_text = np.unique(data.owners)
    sizes = np.bincount(data.targets[with_text], minlength=len(data.labels))
    folds = min(options.calibration_folds, int(np.sort(sizes)[-2]))
    if folds < 2:
        raise TrainingError(
            "expected at least two labels with two documents each, to learn the confidence from"
        )
    eligible = with_text[sizes[data.targets[with_text]] >= folds]
    cutter = StratifiedKFold(folds, shuffle=True, random_state=options.seed)
    with quiet():
        cuts = list(cutter.split(eligible, data.targets[eligible]))
    for _, chosen in cuts:
        mask = np.zeros(len(data.targets), dtype=np.bool_)
        mask[eligible[chosen]] = True
        yield mask


def _document_scores(
    model: Model, data: Dataset, pages: npt.NDArray[np.int64]
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Give index and score of each document with evidence, scored just as it will be when it is served."""
    rows = score_features(model, weigh(model.spec, data.counts[pages], model.idf)).rows()
    owned = zip(data.owners[pages].tolist(), rows, strict=True)
    for owner, group in groupby(owned, key=lambda pair: pair[0]):
        evident = [row for _, row in group if row is not None]
        if evident:
            yield owner, combine(evident)
