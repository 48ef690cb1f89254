"""What every command shares: one-line errors, progress, JSON lines. Knows no room of the house."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ids, labels and file names are other people's text: "[bold]" and ":key:" in them mean nothing to us.
#: Results go to standard output and everything else to standard error, so that a pipe carries results alone.
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)

# Not printable in Python's sense, and harmless: the no-break space, and what joins emoji.
_HARMLESS = frozenset("\u00a0\u200d")

Report = Callable[[str, int, int], None]


def visible(text: str) -> str:
    """Give the text with every character that could move a terminal's cursor written out (a newline too)."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in _HARMLESS
        else character.encode("unicode_escape").decode()
        for character in text
    )


def fail(message: str) -> typer.Exit:
    """Print one line that says what went wrong; raise what is returned to end with exit code 1."""
    say_error(message)
    return typer.Exit(1)


def say_error(message: str) -> None:
    """Print one line ``error: ...`` on standard error."""
    err.print("error:", visible(" ".join(message.split())), style="red")


@contextmanager
def one_line_errors(*expected: type[Exception]) -> Iterator[None]:
    """Turn the errors a command expects into one line and exit code 1; anything else is a bug and stays one.

    Args:
        expected: the room's own error classes, whose messages are whole sentences for people.
            ``OSError`` (a missing file, a full disk) is always expected.
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
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


@contextmanager
def progress(*, results_flow: bool = False) -> Iterator[Report]:
    """Give a function ``(stage, done, total)``: a bar on a terminal, one plain line a stage elsewhere.

    ``total`` is 0 where it is not known.

    Args:
        results_flow: results are printed meanwhile, so that on a terminal they show the progress themselves
            and a bar between them would be in the way.
    """
    in_the_way = results_flow and out.is_terminal
    with _bar() if err.is_terminal and not in_the_way else _plain_lines() as report:
        yield report


@contextmanager
def _bar() -> Iterator[Report]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Redirected, standard output would be drawn on the bar's own stream: the results would miss their file.
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
