"""The confusion as a table that fits a page: every label, or those mixed up most and the others as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartcat.training.evaluation.results import Evaluation

#: More columns than this can be scrolled through, and no longer be compared.
MAX_LABELS: Final = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """Documents of one label that were given one.

    Attributes:
        documents: how many.
        share: their share of the row, 0 to 1.
        kind: "hit" where that is right, "miss" where it is wrong, "mixed" where labels were put together.
    """

    documents: int
    share: float
    kind: str


@dataclass(frozen=True, slots=True)
class Heat:
    """The table.

    Attributes:
        labels: the heads of rows and columns, in alphabetical order; None for the others as one, at the end.
        rows: a row a label: what its documents were called.
        others: how many labels the others are.
    """

    labels: tuple[str | None, ...]
    rows: tuple[tuple[Cell, ...], ...]
    others: int


def heat(evaluation: Evaluation, limit: int = MAX_LABELS) -> Heat:
    """Give the table, with at most ``limit`` labels of their own."""
    confusion = evaluation.confusion
    places = range(len(confusion))
    called = [sum(column) for column in zip(*confusion, strict=True)]
    mistakes = [sum(confusion[place]) + called[place] - 2 * confusion[place][place] for place in places]
    shown = sorted(sorted(places, key=lambda place: -mistakes[place])[:limit])
    others = sorted(set(places) - set(shown))
    groups = [[place] for place in shown] + ([others] if others else [])
    labels = [evaluation.per_label[place].label for place in shown]
    return Heat(
        labels=(*labels, *([None] if others else [])),
        rows=tuple(_row(confusion, group, groups) for group in groups),
        others=len(others),
    )


def _row(
    confusion: Sequence[Sequence[int]], group: Sequence[int], groups: Sequence[Sequence[int]]
) -> tuple[Cell, ...]:
    counts = [sum(confusion[truth][answer] for truth in group for answer in column) for column in groups]
    total = sum(counts) or 1

    def kind(column: Sequence[int]) -> str:
        if len(group) > 1 or len(column) > 1:
            return "mixed"
        return "hit" if group == column else "miss"

    return tuple(
        Cell(count, count / total, kind(column)) for count, column in zip(counts, groups, strict=True)
    )
