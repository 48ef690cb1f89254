"""Labels likely to be wrong, ranked by held-out scores (confident learning, Northcutt et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcat.training.calibration.page_pooling import pool_pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.training.calibration.calibration_report import CalibrationReport
    from smartcat.training.cross_validation import HeldOutScores
    from smartcat.training.feature_matrix import Dataset


@dataclass(frozen=True, slots=True)
class Suspect:
    """A document whose label may be wrong.

    Attributes:
        document_id: Its id; of a page with a label of its own ``document_id#number``, from 1.
        label: Its label.
        suggestion: The label of the highest probability.
        label_probability: Probability of ``label`` by a model that has not seen the document, 0..1.
        suggestion_probability: Probability of ``suggestion``.
    """

    document_id: str
    label: str
    suggestion: str
    label_probability: float
    suggestion_probability: float

    def to_row(self) -> dict[str, Any]:
        """Return the suspect as a row of :mod:`smartcat.training.corpus.corrections`, with its evidence."""
        return {
            "id": self.document_id,
            "label": self.suggestion,
            "instead_of": self.label,
            "probability": round(self.suggestion_probability, 4),
            "probability_instead_of": round(self.label_probability, 4),
        }


def rank_suspects(
    data: Dataset, held_out: HeldOutScores, report: CalibrationReport, ids: Sequence[str]
) -> tuple[Suspect, ...]:
    """Return the documents to which held-out scores give another label than they have.

    Args:
        data: The data set.
        held_out: Its held-out pages, scored by models that have not seen them.
        report: What turns scores into probabilities.
        ids: Id of each document.

    Returns:
        The suspects, those whose label has the lowest probability first (self-confidence), of equals the
        earlier document. On newsgroups with flipped labels that finds more of them than the margin to the
        label suggested does: benchmarks/suspects.py. Documents that were not held out, or of which no feature
        was known, are not judged.
    """
    judged = held_out.known.any(axis=1)
    log_weights = report.relevance_power * held_out.relevance[judged]
    pooled = pool_pages(held_out.scores[judged], log_weights, data.examples[held_out.pages[judged]])
    probabilities = report.calibration.probabilities(pooled.scores, pooled.pages)
    rows = np.arange(len(pooled.examples))
    given, suggested = data.targets[pooled.examples], probabilities.argmax(axis=1)
    order = np.argsort(probabilities[rows, given], kind="stable")
    first_of_group = np.searchsorted(data.groups, data.groups)
    examples_of_group = np.bincount(data.groups)

    def name(example: int) -> str:
        group = int(data.groups[example])
        number = f"#{example - int(first_of_group[example]) + 1}" if examples_of_group[group] > 1 else ""
        return f"{ids[group]}{number}"

    return tuple(
        Suspect(
            document_id=name(int(pooled.examples[row])),
            label=data.labels[given[row]],
            suggestion=data.labels[suggested[row]],
            label_probability=float(probabilities[row, given[row]]),
            suggestion_probability=float(probabilities[row, suggested[row]]),
        )
        for row in order.tolist()
        if given[row] != suggested[row]
    )
