from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "smartcat", "local", "--port", "0", "--json", "--faults"]


def test_faults_come_from_a_file(tmp_path: Path) -> None:
    """They are in force when the endpoint is told, which a pipe gets at once."""
    rules = tmp_path / "faults.json"
    rules.write_text('[{"service": "s3", "kind": "error"}]')
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen([*COMMAND, str(rules)], stdout=subprocess.PIPE, text=True, env=buffered) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["endpoint_url"]
        with urllib.request.urlopen(f"{url}/_local/faults", timeout=10) as answer:  # noqa: S310 - our own
            assert json.load(answer) == [{"service": "s3", "kind": "error", "calls": 0, "faults": 0}]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[", "error: fault rules: expected a JSON list of objects"),
        (
            '[{"service": "s3", "kind": "hang"}]',
            "error: fault rule 1: seconds: required for hang, late and latency",
        ),
        (None, "No such file or directory"),
    ],
)
def test_wrong_faults_are_one_line(tmp_path: Path, text: str | None, line: str) -> None:
    """Nothing is started, and the file or the rule is named."""
    rules = tmp_path / "faults.json"
    if text is not None:
        rules.write_text(text)
    done = subprocess.run([*COMMAND, str(rules)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert line in done.stderr
