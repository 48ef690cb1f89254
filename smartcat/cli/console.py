"""Terminal output shared by all commands: one-line errors, progress, JSON lines, tables. Knows no command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from smartcat.visible_text import visible, visible_json, visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import ConsoleOptions, RenderableType

__all__ = ["visible"]  # the commands know it by this name


class SafeConsole(Console):
    """A console that the text of others cannot control: neither a string nor what a table is made of.

    A string is one line. Ids, labels and file names are the user's text: "[bold]" and ":key:" in them are no
    markup.
    """

    def __init__(self, *, stderr: bool = False, **more: Any) -> None:
        super().__init__(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False, **more)

    def print(self, *objects: Any, **more: Any) -> None:
        """Print objects, as rich does; strings with everything written out that is not seen as itself."""
        super().print(*(visible(each) if isinstance(each, str) else each for each in objects), **more)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, as rich does; rich's own control codes are apart from the text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible_lines(segment.text), segment.style)


#: Results go to standard output and everything else to standard error, so that a pipe holds results alone.
out = SafeConsole()
err = SafeConsole(stderr=True)

#: Rows that a table on the terminal shows, where a file or an option shows them all.
MAX_ROWS = 25

Report = Callable[[str, int, int], None]


def fail(message: str) -> typer.Exit:
    """Print a one-line error; raise the returned exception to end with exit code 1."""
    print_error(message)
    return typer.Exit(1)


def print_error(message: str) -> None:
    """Print one line ``error: ...`` on standard error."""
    err.print("error:", visible(" ".join(message.split())), style="red")


@contextmanager
def one_line_errors(*expected: type[Exception]) -> Iterator[None]:
    """Turn the errors that a command expects into one line and exit code 1; any other is a bug and is raised.

    Args:
        expected: Error classes whose messages are written for people. ``OSError`` (a missing file, a full
            disk) is always expected.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        raise fail(f"{name}{error.strerror or error}") from error
    except expected as error:
        raise fail(str(error)) from error


def print_json(value: object) -> None:
    """Print one compact JSON line on standard output."""
    sys.stdout.write(visible_json(value) + "\n")


def plain_table(title: str, *, header: bool = True) -> Table:
    """Return a table without rows: a bold title at the left, a line below the header, nothing else."""
    return Table(
        title=Text(title, style="bold"),
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        show_header=header,
    )


@contextmanager
def progress(*, results_flow: bool = False) -> Iterator[Report]:
    """Yield a function ``(stage, done, total)``: a bar on a terminal, elsewhere one plain line per stage.

    ``total`` is 0 where it is not known.

    Args:
        results_flow: Results are printed meanwhile: on a terminal they show the progress themselves, so no
            bar is drawn.
    """
    bar_would_interrupt = results_flow and out.is_terminal
    with _bar() if err.is_terminal and not bar_would_interrupt else _plain_lines() as report:
        yield report


@contextmanager
def _bar() -> Iterator[Report]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Rich would redirect standard output to the bar's stream, and results would miss their file.
    with Progress(*columns, console=err, transient=True, redirect_stdout=False) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total or None)
            bar.update(tasks[stage], completed=done, total=total or None)

        yield report


@contextmanager
def _plain_lines() -> Iterator[Report]:
    seen: set[str] = set()

    def report(stage: str, _done: int, total: int) -> None:
        if stage not in seen:
            seen.add(stage)
            err.print(f"{stage} ({total}) ..." if total else f"{stage} ...")

    yield report
