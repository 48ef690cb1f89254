import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))
}


def start(*arguments: str, out: int | IO[str] = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    """Start ``smartcat`` as a shell would."""
    return subprocess.Popen(
        [sys.executable, "-m", "smartcat", *arguments],
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=ENVIRONMENT | environment,
    )


def error_of(process: subprocess.Popen[str]) -> str:
    """Wait for the end and give standard error."""
    with process:
        assert process.stderr is not None
        return process.stderr.read()


@pytest.mark.parametrize("arguments", [["samples", "-n", "30"], ["--help"], ["--version"]])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a Linux device")
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    """Output that cannot be written fails the job with one line, also where it waited in a buffer."""
    with Path("/dev/full").open("w") as full:
        process = start(*arguments, out=full)
        assert error_of(process) == "error: standard output: No space left on device\n"
    assert process.returncode == 1


def test_a_reader_that_goes_away_is_not_told() -> None:
    """`smartcat samples | head -1` ends without a word on standard error."""
    process = start("samples", "-n", "2000")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert error_of(process) == ""
    assert process.returncode == 1


def test_output_is_utf_8_in_every_locale() -> None:
    """JSON is UTF-8: an umlaut does not end a run under the C locale."""
    with start("samples", "-n", "20", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0") as process:
        printed, problem = process.communicate()
    assert (process.returncode, problem) == (0, "")
    assert any(ord(character) > 127 for character in printed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_in_one_line(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end a command without traceback, with the exit code that shells expect."""
    process = start("samples", "-n", "1000000")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    process.stdout.read()
    assert error_of(process) == f"error: stopped by {number.name}\n"
    assert process.returncode == 128 + number


def test_closed_standard_output_is_said() -> None:
    """Results that would go nowhere are not computed."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"'{sys.executable}' -m smartcat samples -n 3 >&-"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "error: standard output is closed\n")
