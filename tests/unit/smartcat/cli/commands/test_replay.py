from collections.abc import Callable
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine is set up for, these tests reach nobody."""
    for name in ("SMARTCAT_QUARANTINE_BUCKET", "SMARTCAT_QUARANTINE_PREFIX", "SMARTCAT_FAILURES_BUCKET"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--stream"),
        (["--stream", "s"], "--quarantine or --failures"),
        (["--stream", "arn:aws:kinesis:eu-west-3:210987654321:table/s", "--quarantine", "b"], "--stream"),
        (["--stream", "s", "--quarantine", "b", "--since", "soon"], "--since"),
        (["--stream", "s", "--failures", "b", "--until", "2026-13-01"], "--until"),
        (["--stream", "s", "--quarantine", "b", "--limit", "0"], "--limit"),
    ],
)
def test_wrong_usage_is_one_line(command: Command, arguments: list[str], named: str) -> None:
    """What is missing or cannot be understood is named, and nothing is looked at."""
    done = command("replay", *arguments)
    assert done.code == 2
    assert named in done.err
    assert done.err.count("\n") == 1


def test_an_endpoint_that_nobody_serves_is_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the bucket cannot be listed, nothing is claimed to have been found."""
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    done = command("replay", "--stream", "s", "--quarantine", "b")
    assert done.code == 1
    assert done.err.startswith("error: Could not connect")
    assert done.out == ""
