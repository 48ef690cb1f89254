"""Lays text out on a page: wrapped lines, letterheads, tables as OCR reads them. Knows no document type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcat.cli.samples.seeded_random import pick

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_CELL = "|"


def wrap(text: str, width: int) -> str:
    """Break one paragraph into lines of at most `width` characters, never within a word.

    A word longer than `width` stands alone on its line. (`textwrap` would take most of the generator's time.)
    """
    lines: list[str] = []
    start, length = 0, len(text)
    while length - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        if cut <= start:
            cut = text.find(" ", start + width)
            if cut < 0:
                break
        lines.append(text[start:cut])
        start = cut + 1
    lines.append(text[start:])
    return "\n".join(lines)


def linearise_table(head: str, rows: Sequence[str], rng: Random) -> str:
    """Return a table as one text: mostly row by row, sometimes column by column, as OCR misreads tables.

    Args:
        head: Heading cells, separated by ``|``.
        rows: Rows of cells, separated by ``|``; rows may differ in length.
        rng: Chooses the reading order and the gap between cells.
    """
    cells = [[cell.strip() for cell in row.split(_CELL)] for row in (head, *rows)]
    if rng.random() < 0.22:
        columns = max(len(row) for row in cells)
        ordered = [
            row[column] for column in range(columns) for row in cells if column < len(row) and row[column]
        ]
        return "\n".join(ordered)
    gap = pick(rng, (" ", "  ", "   ", " | ", "\t"))
    return "\n".join([gap.join(row) for row in cells])


def lines_of(text: str) -> str:
    """Return the parts of a letterhead, separated by ``|``, one below the other."""
    return "\n".join([part.strip() for part in text.split(_CELL)])
