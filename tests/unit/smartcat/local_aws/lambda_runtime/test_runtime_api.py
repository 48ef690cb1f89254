"""The Runtime API, spoken to as a runtime does."""

from __future__ import annotations

import http.client
import json
import queue
from typing import TYPE_CHECKING

import pytest

from smartcat.local_aws.lambda_runtime.runtime_api import (
    MAX_PAYLOAD_BYTES,
    Event,
    InitFailed,
    Invocation,
    InvocationResponse,
    Ready,
    RuntimeApi,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "/2018-06-01/runtime"


@pytest.fixture
def events() -> queue.SimpleQueue[Event]:
    """What the API reports."""
    return queue.SimpleQueue()


@pytest.fixture
def api(events: queue.SimpleQueue[Event]) -> Iterator[RuntimeApi]:
    """A listening API."""
    made = RuntimeApi(events)
    yield made
    made.close()


@pytest.fixture
def runtime(api: RuntimeApi) -> Iterator[http.client.HTTPConnection]:
    """A runtime's connection."""
    made = http.client.HTTPConnection(api.address, timeout=10)
    yield made
    made.close()


def post(runtime: http.client.HTTPConnection, path: str, body: bytes) -> int:
    """Post, and return the status."""
    runtime.request("POST", ROOT + path, body)
    with runtime.getresponse() as response:
        response.read()
        return response.status


def test_a_runtime_receives_an_invocation_and_answers_it(
    api: RuntimeApi, runtime: http.client.HTTPConnection, events: queue.SimpleQueue[Event]
) -> None:
    """Asking for work is an event of its own, since it ends the initialisation."""
    api.submit(Invocation("id-1", b'{"a":1}', {"Lambda-Runtime-Deadline-Ms": "5"}))
    runtime.request("GET", ROOT + "/invocation/next")
    with runtime.getresponse() as response:
        assert (response.status, response.read()) == (200, b'{"a":1}')
        assert response.headers["Lambda-Runtime-Aws-Request-Id"] == "id-1"
        assert response.headers["Lambda-Runtime-Deadline-Ms"] == "5"
    assert post(runtime, "/invocation/id-1/response", b"42") == 202
    assert post(runtime, "/invocation/id-1/error", b"{}") == 202
    assert post(runtime, "/init/error", b'{"errorType":"E"}') == 202
    assert [events.get(timeout=5) for _ in range(4)] == [
        Ready(),
        InvocationResponse("id-1", b"42", failed=False),
        InvocationResponse("id-1", b"{}", failed=True),
        InitFailed(b'{"errorType":"E"}'),
    ]


def test_a_response_over_the_limit_is_rejected(
    runtime: http.client.HTTPConnection, events: queue.SimpleQueue[Event]
) -> None:
    """The runtime hears 413 and the caller an error; exactly the limit passes."""
    assert post(runtime, "/invocation/id/response", b"x" * MAX_PAYLOAD_BYTES) == 202
    assert post(runtime, "/invocation/id/response", b"x" * (MAX_PAYLOAD_BYTES + 1)) == 413
    fits, rejected = events.get(timeout=5), events.get(timeout=5)
    assert isinstance(fits, InvocationResponse)
    assert isinstance(rejected, InvocationResponse)
    assert (fits.failed, rejected.failed) == (False, True)
    assert json.loads(rejected.payload)["errorType"] == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize(("method", "path"), [("GET", "/other"), ("POST", "/invocation/x/other")])
def test_other_paths_are_not_found(runtime: http.client.HTTPConnection, method: str, path: str) -> None:
    """The API has the documented paths only."""
    runtime.request(method, ROOT + path, b"")
    with runtime.getresponse() as response:
        assert response.status == 404


def test_closing_releases_a_waiting_runtime(
    api: RuntimeApi, runtime: http.client.HTTPConnection, events: queue.SimpleQueue[Event]
) -> None:
    """The long poll ends, and closing twice is fine."""
    runtime.request("GET", ROOT + "/invocation/next")
    assert events.get(timeout=5) == Ready()
    api.close()
    api.close()
    with pytest.raises((http.client.HTTPException, OSError)):
        runtime.getresponse()
