import socket
import time

import pytest
import typer
from botocore.exceptions import ClientError

from smartcat.cli.aws_clients import AwsError, aws_errors, client, error_line


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Credentials and a region, so that only the endpoint can be wrong."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    return monkeypatch


def test_an_endpoint_that_is_no_address_is_said(keys: pytest.MonkeyPatch) -> None:
    """A typing error in AWS_ENDPOINT_URL is the user's, not a bug."""
    keys.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(AwsError, match="Invalid endpoint: nonsense"):
        client("dynamodb")


def test_a_port_where_nobody_listens_is_one_line_soon(
    keys: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Local AWS that was stopped is noticed within seconds."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        keys.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(typer.Exit), aws_errors():
            client("kinesis").list_streams()
    assert time.monotonic() - started < 10
    printed = capsys.readouterr().err
    assert printed.startswith("error: Could not connect to the endpoint URL")
    assert printed.count("\n") == 1


def test_an_operator_waits_half_a_minute_at_most(keys: pytest.MonkeyPatch) -> None:
    """All attempts at an endpoint that accepts and never answers end within 30 s."""
    del keys
    config = client("dynamodb").meta.config
    attempts = config.retries["total_max_attempts"]
    assert attempts * (config.connect_timeout + config.read_timeout) <= 35
    assert attempts * config.read_timeout <= 25


def test_an_error_line_names_operation_code_and_reason() -> None:
    """AWS's own words are kept, and silence is said."""
    said = {"Error": {"Code": "AccessDenied", "Message": "not you"}}
    assert error_line(ClientError(said, "GetItem")) == "GetItem: AccessDenied: not you"  # type: ignore[arg-type]
    assert error_line(ClientError({}, "Scan")) == "Scan: Unknown: no explanation"


def test_a_caller_that_retries_itself_gets_a_client_that_does_not() -> None:
    """With attempts=1 botocore makes one attempt a call, so that retries have one owner."""
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    attempts = [
        client("kinesis", environment, **options).meta.config.retries["total_max_attempts"]
        for options in ({}, {"attempts": 1})
    ]
    assert attempts == [5, 1]
