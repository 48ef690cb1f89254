import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from smartcat.cli import local_aws_process
from smartcat.cli.local_aws_process import LocalAwsProcess
from smartcat.local_aws.errors import LocalAwsError

# Says that it is ready like local AWS, then waits for the end of its standard input like local AWS.
CHILD = """
import json, os, sys
environment = {"PID": str(os.getpid())}
print(json.dumps({"endpoint_url": "http://127.0.0.1:9", "environment": environment}), flush=True)
sys.stdin.read()
"""


def spawn_instead(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let the context manager start this script, not an emulator that takes seconds."""
    popen = local_aws_process.subprocess.Popen

    def started(_command: Sequence[str], **options: Any) -> Any:
        return popen([sys.executable, "-c", script], **options)

    monkeypatch.setattr(local_aws_process.subprocess, "Popen", started)


def test_it_ends_with_its_context_also_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left running, whatever ended the work."""
    spawn_instead(monkeypatch, CHILD)
    aws = LocalAwsProcess()
    with pytest.raises(KeyboardInterrupt), aws:
        raise KeyboardInterrupt
    assert not Path(f"/proc/{aws.environment['PID']}").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(aws.environment["PID"]), 0)


def test_a_child_that_does_not_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit code is said; what it printed is on standard error already."""
    spawn_instead(monkeypatch, "raise SystemExit(2)")
    with pytest.raises(LocalAwsError, match="did not start: exit code 2"), LocalAwsProcess():
        pass


def test_ctrl_c_while_it_starts_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator that is not ready yet is stopped like one that is."""
    spawn_instead(monkeypatch, CHILD)

    def interrupted(_line: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(local_aws_process.json, "loads", interrupted)
    aws = LocalAwsProcess()
    with pytest.raises(KeyboardInterrupt), aws:
        pass
    assert aws.exit_code == 0


def test_gauges_of_a_stopped_emulator_are_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo whose emulator was killed ends with one line instead of waiting."""
    spawn_instead(monkeypatch, CHILD)
    started = time.monotonic()
    with LocalAwsProcess() as aws, pytest.raises(LocalAwsError, match="does not respond any more"):
        aws.gauges()
    assert time.monotonic() - started < 10


def test_faults_are_set_and_healed_and_a_wrong_one_is_named() -> None:
    """The real emulator: a rule is in force at once, a wrong one is a ValueError, and an empty list heals."""
    with LocalAwsProcess() as aws:
        aws.set_faults([{"service": "dynamodb", "kind": "error"}], seed=7)
        dynamodb = aws.client("dynamodb", attempts=1)
        with pytest.raises(dynamodb.exceptions.InternalServerError):
            dynamodb.list_tables()
        with pytest.raises(ValueError, match=r"^fault rule 1: kind: "):
            aws.set_faults([{"service": "dynamodb", "kind": "eror"}])
        assert [rule["faults"] for rule in aws.gauges()["faults"]] == [1]
        aws.set_faults([])
        assert dynamodb.list_tables()["TableNames"] == []
        dynamodb.close()


def test_faults_of_a_stopped_emulator_are_an_error_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with its gauges, one line says that it does not respond any more."""
    spawn_instead(monkeypatch, CHILD)
    with LocalAwsProcess() as aws, pytest.raises(LocalAwsError, match="does not respond any more"):
        aws.set_faults([])
