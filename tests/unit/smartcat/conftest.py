"""The command line inside the test's own process, which saves the second that starting Python takes."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from smartcat.cli import app
from smartcat.running import run


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Give a function that runs ``smartcat`` with these arguments and no AWS settings."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_REGION", "SMARTCAT_STREAM", "SMARTCAT_TABLE"):
        monkeypatch.delenv(name, raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def run_it(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["smartcat", *arguments])
        capsys.readouterr()
        code = run(app)
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    yield run_it
    for number, handler in before.items():
        signal.signal(number, handler)
