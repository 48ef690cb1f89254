"""The progress bar of a delivery: on a terminal only."""

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
def progress_bar(
    total: int | None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[..., None]]:
    """Yield a function that shows the progress.

    Args:
        total: Number of input files; None if unknown: then no remaining time is shown.
        clock: Returns seconds.

    Yields:
        A function of files done, documents read, and a function that returns the records sent again.
    """
    if not err.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=False),
        TextColumn(
            "{task.fields[documents]} documents, {task.fields[rate]}/s, {task.fields[sent_again]} sent again"
        ),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("sending", total=total, documents=0, rate=0, sent_again=0)
        started = shown_at = clock()

        def show(files: float, documents: int, sent_again: Callable[[], int]) -> None:
            nonlocal shown_at
            now = clock()
            if now - shown_at >= _REFRESH_SECONDS:
                shown_at = now
                rate = round(documents / (now - started))
                bar.update(task, completed=files, documents=documents, rate=rate, sent_again=sent_again())

        yield show
