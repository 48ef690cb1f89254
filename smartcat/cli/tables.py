"""The look of every table on a terminal."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

#: Rows of a table on the terminal, where a file or an option has them all.
MAX_ROWS = 25


def plain_table(title: str, *, header: bool = True) -> Table:
    """Give a table without rows: a bold title at the left, a line below the header, nothing else."""
    return Table(
        title=Text(title, style="bold"),
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        show_header=header,
    )
