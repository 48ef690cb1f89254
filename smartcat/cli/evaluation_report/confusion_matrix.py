"""The confusion matrix for a page: every label, or the most confused ones with the others as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.training.evaluation.results import Evaluation

#: More columns than this cannot be compared.
MAX_LABELS: Final = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """Documents of one label with one prediction.

    Attributes:
        documents: Number of documents.
        share: Their share of the row, 0 to 1.
        kind: "hit" for a right prediction, "miss" for a wrong one, "mixed" where labels are combined.
    """

    documents: int
    share: float
    kind: str


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """The matrix.

    Attributes:
        labels: Labels of rows and columns, sorted; None at the end for all others.
        rows: Actual labels in rows, predicted labels in columns.
        others: Number of labels combined into the last one.
    """

    labels: tuple[str | None, ...]
    rows: tuple[tuple[Cell, ...], ...]
    others: int


def condense(evaluation: Evaluation, limit: int = MAX_LABELS) -> ConfusionMatrix:
    """Return the matrix, with at most ``limit`` separate labels."""
    confusion = evaluation.confusion
    indexes = range(len(confusion))
    predicted = [sum(column) for column in zip(*confusion, strict=True)]
    errors = [sum(confusion[index]) + predicted[index] - 2 * confusion[index][index] for index in indexes]
    shown = sorted(sorted(indexes, key=lambda index: -errors[index])[:limit])
    others = sorted(set(indexes) - set(shown))
    groups = [[index] for index in shown] + ([others] if others else [])
    labels = [evaluation.per_label[index].label for index in shown]
    return ConfusionMatrix(
        labels=(*labels, *([None] if others else [])),
        rows=tuple(_row(confusion, group, groups) for group in groups),
        others=len(others),
    )


def _row(
    confusion: Sequence[Sequence[int]], group: Sequence[int], groups: Sequence[Sequence[int]]
) -> tuple[Cell, ...]:
    counts = [
        sum(confusion[actual][predicted] for actual in group for predicted in column) for column in groups
    ]
    total = sum(counts) or 1

    def kind(column: Sequence[int]) -> str:
        if len(group) > 1 or len(column) > 1:
            return "mixed"
        return "hit" if group == column else "miss"

    return tuple(
        Cell(count, count / total, kind(column)) for count, column in zip(counts, groups, strict=True)
    )
