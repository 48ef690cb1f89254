"""How the program starts and ends: its streams, signals, and the exit code of whatever happens."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, TextIO, cast

from smartcat.cli.console import say_error

if TYPE_CHECKING:
    from types import FrameType

    from typer import Typer

FAILED = 1


class _Stopped(BaseException):
    """A signal asked the program to end. Like KeyboardInterrupt, which typer would answer without a word."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(app: Typer) -> int:
    """Run the command line.

    Returns:
        The exit code: 0 done, 1 the job failed, 2 bad usage, 128 + n stopped by the signal n.
    """
    if sys.stdout is None:
        _open_missing_streams()
        say_error("standard output is closed")
        return FAILED
    _open_missing_streams()
    _speak_utf8()
    _stop_in_order()
    try:
        return _answer(app)
    except _Stopped as stopped:
        say_error(f"stopped by {signal.Signals(stopped.number).name}")
        return 128 + stopped.number


def _answer(app: Typer) -> int:
    try:
        code = app(standalone_mode=False)
        # What is still in the buffer may be refused, too; found out here, it can be said.
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not an error of ours, and nobody to tell.
        _give_up_output()
        return FAILED
    except OSError as error:
        _give_up_output()
        say_error(f"standard output: {error.strerror or error}")
        return FAILED
    except Exception as error:
        usage = _usage_message(error)
        if usage is None:
            raise
        if usage:
            say_error(usage)
        return int(error.exit_code)  # type: ignore[attr-defined]
    return code if isinstance(code, int) else 0


def _usage_message(error: Exception) -> str | None:
    """Give the one line of an error about the command line; "" where the help was printed; None for others.

    Told by what they offer: their classes are typer's own since 0.2x and click's before.
    """
    if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
        return None
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    context = getattr(error, "ctx", None)
    where = f" (see {context.command_path} --help)" if context else ""
    return f"{error.format_message()}{where}"


def _open_missing_streams() -> None:
    """Put the null device where a stream is closed, or the next file opened would take its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - lives as long as we


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale says: JSON is UTF-8, and a label must not end a run by an umlaut."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _stop_in_order() -> None:
    """Let Ctrl-C, SIGTERM and the end of the terminal unwind: say what was done, stop what was started."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Under nohup, or in the background of a script, a signal is ignored, and stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise _Stopped(number)


def _give_up_output() -> None:
    """Send the rest of the output nowhere, or the interpreter would fail once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, cast("TextIO", sys.stdout).fileno())
    os.close(nowhere)
