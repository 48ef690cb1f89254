"""Standard streams, signals and exit codes of the program, whatever a command does."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, TextIO, cast

from smartcat.cli.console import print_error
from smartcat.visible_text import VisibleFormatter

if TYPE_CHECKING:
    from types import FrameType

    from typer import Typer

FAILED = 1


class _Stopped(BaseException):
    """A signal asked the program to end. Not KeyboardInterrupt, which typer handles without a message."""

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
        print_error("standard output is closed")
        return FAILED
    _open_missing_streams()
    _write_utf8()
    if logging.lastResort is not None:
        # What libraries warn of, and nobody has asked for.
        logging.lastResort.setFormatter(VisibleFormatter())
    _handle_signals()
    try:
        return _exit_code_of(app)
    except _Stopped as stopped:
        print_error(f"stopped by {signal.Signals(stopped.number).name}")
        return 128 + stopped.number


def _exit_code_of(app: Typer) -> int:
    try:
        code = app(standalone_mode=False)
        # Flush here, where a failure can still be reported.
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has exited (`| head`): not an error, and nobody to report it to.
        _discard_output()
        return FAILED
    except OSError as error:
        _discard_output()
        print_error(f"standard output: {error.strerror or error}")
        return FAILED
    except Exception as error:
        usage = _usage_message(error)
        if usage is None:
            raise
        if usage:
            print_error(usage)
        return int(error.exit_code)  # type: ignore[attr-defined]
    return code if isinstance(code, int) else 0


def _usage_message(error: Exception) -> str | None:
    """Return the line of a usage error; "" where the help was printed; None for any other error.

    Recognised by their attributes, since their classes are typer's own since 0.2x and click's before.
    """
    if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
        return None
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    context = getattr(error, "ctx", None)
    where = f" (see {context.command_path} --help)" if context else ""
    return f"{error.format_message()}{where}"


def _open_missing_streams() -> None:
    """Open the null device for a closed stream, or the next file opened would take its descriptor."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - lives as long as we


def _write_utf8() -> None:
    """Write UTF-8 whatever the locale is: JSON is UTF-8, and an umlaut in a label must not end a run."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _handle_signals() -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP unwind the stack: print summaries, stop child processes."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Under nohup, or in the background of a script, an ignored signal stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise _Stopped(number)


def _discard_output() -> None:
    """Discard the rest of the output, or the interpreter would fail again when it exits."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, cast("TextIO", sys.stdout).fileno())
    os.close(null)
