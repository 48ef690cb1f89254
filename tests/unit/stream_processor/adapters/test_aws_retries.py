from __future__ import annotations

import math

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from stream_processor.adapters.aws_retries import try_later, try_repeatedly
from stream_processor.errors import TryLater


def client_error(code: str, status: int) -> ClientError:
    """An AWS error whose message must not be shown."""
    answer = {"Error": {"Code": code, "Message": "secret"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Put")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (client_error("InternalServerError", 500), 0.0),
        (client_error("SlowDown", 503), 0.0),
        (client_error("ThrottlingException", 400), 0.0),
        (client_error("RequestTimeout", 400), 0.0),
        (ReadTimeoutError(endpoint_url="https://s3"), 0.0),
        (EndpointConnectionError(endpoint_url="https://s3"), 0.0),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), 0.0),
        (ResponseParserError("no XML"), 0.0),
        (client_error("AccessDenied", 403), math.inf),
        (client_error("NoSuchBucket", 404), math.inf),
        (NoCredentialsError(), math.inf),
    ],
)
def test_what_waiting_can_mend(error: Exception, seconds: float) -> None:
    """Server faults, throttling, connections and damaged answers pass; the rest needs people."""
    verdict = try_later(error, "PutObject")
    assert verdict.seconds == seconds
    assert "secret" not in str(verdict)


def test_waits_at_least_as_long_as_asked() -> None:
    """An error that carries seconds is tried again no sooner than that, if there is the time."""
    naps: list[float] = []
    errors = [TryLater("busy", seconds=3.0), TryLater("busy", seconds=9.0)]

    def attempt() -> str:
        if errors:
            raise errors.pop(0)
        return "done"

    assert try_repeatedly(attempt, seconds=60.0, sleep=naps.append) == "done"
    assert naps == [3.0, 9.0]


def test_does_not_wait_beyond_its_time() -> None:
    """If the wait would outlast the time given, the error is passed on at once."""

    def attempt() -> str:
        raise TryLater("busy", seconds=3.0)

    def no_sleep(_: float) -> None:
        raise AssertionError("slept")

    with pytest.raises(TryLater, match="busy"):
        try_repeatedly(attempt, seconds=2.0, sleep=no_sleep)


def test_other_errors_are_not_tried_again() -> None:
    """A defect is raised from the first attempt."""
    attempts: list[int] = []

    def attempt() -> None:
        attempts.append(1)
        raise KeyError("defect")

    with pytest.raises(KeyError):
        try_repeatedly(attempt, seconds=60.0, sleep=lambda _: None)
    assert len(attempts) == 1
