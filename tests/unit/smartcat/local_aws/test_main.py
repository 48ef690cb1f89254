from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-m", "smartcat.local_aws"]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    """Local AWS in the foreground of a process of its own that was told to end with its parent."""
    with subprocess.Popen(
        [*COMMAND, "--die-with-parent", "--initial-burst-seconds", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def ready(process: subprocess.Popen[str]) -> Any:
    """The line that says where it is."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_a_signal_ends_it(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    """One JSON line with endpoint and environment, an answering port, exit 0 and a silent stderr."""
    line = ready(process)
    assert line["environment"]["AWS_ENDPOINT_URL"] == line["endpoint_url"]
    with urllib.request.urlopen(f"{line['endpoint_url']}/_local/gauges", timeout=10) as response:  # noqa: S310 - our own
        assert response.status == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_ends_with_its_parent(process: subprocess.Popen[str]) -> None:
    """The end of standard input is the parent's end."""
    ready(process)
    assert process.communicate(timeout=20)[1] == ""
    assert process.returncode == 0


def test_a_program_that_forgets_to_stop_it_still_ends() -> None:
    """Open connections and running threads do not keep a process whose main program is over."""
    program = (
        "import urllib.request as r; from smartcat.local_aws.local_aws import LocalAws;"
        "a = LocalAws(); a.start();"
        "c = r.http.client.HTTPConnection(a.endpoint_url[7:]); c.request('GET', '/_local/gauges');"
        "print(c.getresponse().status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")


RULE = '[{"service":"s3","kind":"error"}]'


@pytest.mark.parametrize("in_a_file", [True, False])
def test_faults_come_from_a_file_or_as_json(tmp_path: Path, in_a_file: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Either way they are in force from the start on."""
    (tmp_path / "faults.json").write_text(RULE)
    given = str(tmp_path / "faults.json") if in_a_file else RULE
    with subprocess.Popen(
        [*COMMAND, "--die-with-parent", "--faults", given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        url = ready(process)["endpoint_url"]
        with urllib.request.urlopen(f"{url}/_local/faults", timeout=10) as response:  # noqa: S310 - our own
            assert json.load(response) == [{"service": "s3", "kind": "error", "calls": 0, "faults": 0}]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--initial-burst-seconds", "301"], "initial_burst_seconds is 301.0: expected 0 to 300 seconds"),
        (["--faults", "[7]"], "fault rule 1: Input should be a valid dictionary or instance of FaultRule"),
        (["--faults", "no/such/file"], "cannot read no/such/file: No such file or directory"),
        (["--faults", "no/\x9b\u202e"], r"cannot read no/\x9b\u202e: No such file or directory"),
    ],
)
def test_a_start_that_fails_is_one_line_and_exit_2(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was wrong, what was expected, no traceback."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        assert main(arguments) == 2
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)
    captured = capsys.readouterr()
    assert (captured.err, captured.out) == (f"local_aws: {line}\n", "")
