"""What is shown while documents are sent: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from smartcat.cli.console import err

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REFRESH_SECONDS: Final = 0.1


@contextmanager
def view(total: int | None, clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[..., None]]:
    """Give a function that shows how far the delivery is.

    Args:
        total: Files in the inputs; None where nobody can tell, and then no time left is shown.
        clock: Gives seconds.

    Yields:
        A function of files done, documents read, and what tells the records sent again.
    """
    if not err.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=False),
        TextColumn(
            "{task.fields[documents]} documents, {task.fields[rate]}/s, {task.fields[again]} sent again"
        ),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("sending", total=total, documents=0, rate=0, again=0)
        begun = shown_at = clock()

        def show(files: float, documents: int, again: Callable[[], int]) -> None:
            nonlocal shown_at
            now = clock()
            if now - shown_at >= _REFRESH_SECONDS:
                shown_at = now
                rate = round(documents / (now - begun))
                bar.update(task, completed=files, documents=documents, rate=rate, again=again())

        yield show
