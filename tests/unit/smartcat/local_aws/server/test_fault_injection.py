from __future__ import annotations

import io
import json
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.server.fault_injection import FaultInjection
from smartcat.local_aws.server.http_server import DropConnectionError
from smartcat.local_aws.server.wsgi import Response, call_application
from support.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable


class Harness:
    """Faults in front of an application that notes what reaches it, with held calls that wait for nothing."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.served: list[bytes] = []
        self.held: list[float] = []
        self.faults = FaultInjection(self.serve, clock=self.clock, wait=self.hold)

    def serve(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.served.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return [b"served"]

    def hold(self, _event: threading.Event, seconds: float) -> None:
        self.held.append(seconds)

    def call_application(self, *, target: str = "DynamoDB_20120810.PutItem", path: str = "/") -> Response:
        return call_application(
            self.faults, {"HTTP_X_AMZ_TARGET": target, "REQUEST_METHOD": "POST", "PATH_INFO": path}, b"body"
        )

    def endpoint(self, method: str, body: Any = None, *, query: str = "") -> Response:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = {"REQUEST_METHOD": method, "PATH_INFO": "/_local/faults", "QUERY_STRING": query}
        return call_application(self.faults, request, text)


@pytest.fixture
def harness() -> Harness:
    """Return a harness without faults."""
    return Harness()


def rule(kind: str, **more: Any) -> dict[str, Any]:
    """A rule for DynamoDB."""
    return {"service": "dynamodb", "kind": kind, **more}


def test_without_rules_every_call_passes(harness: Harness) -> None:
    """The request arrives with its body, and nothing waits."""
    assert harness.call_application().body == b"served"
    assert (harness.served, harness.held) == ([b"body"], [])


def test_an_error_keeps_the_call_from_the_service(harness: Harness) -> None:
    """The answer is in the service's words, and nothing was done."""
    harness.faults.set_rules([rule("error")])
    response = harness.call_application()
    assert (response.code, response.json()["__type"]) == (500, "InternalServerError")
    assert harness.served == []


@pytest.mark.parametrize("status", [400, 499, 500, 503, 599])
def test_an_error_may_have_any_status_of_an_error(harness: Harness, status: int) -> None:
    """Statuses that HTTP does not name are answered too."""
    harness.faults.set_rules([rule("error", status=status, code="SomeError")])
    assert harness.call_application().code == status


def test_a_lost_answer_does_the_work_and_cuts(harness: Harness) -> None:
    """The service has the whole request; the client gets nothing."""
    harness.faults.set_rules([rule("lost_answer")])
    with pytest.raises(DropConnectionError):
        harness.call_application()
    assert (harness.served, harness.held) == ([b"body"], [])


def test_a_hang_holds_then_cuts_and_does_nothing(harness: Harness) -> None:
    """Held for its seconds, and the service never hears of it."""
    harness.faults.set_rules([rule("hang", seconds=30)])
    with pytest.raises(DropConnectionError):
        harness.call_application()
    assert (harness.served, harness.held) == ([], [30])


def test_a_latency_delays_and_serves(harness: Harness) -> None:
    """The answer is the service's own."""
    harness.faults.set_rules([rule("latency", seconds=0.3)])
    assert harness.call_application().body == b"served"
    assert harness.held == [0.3]


def test_a_late_request_is_served_when_its_client_has_given_up() -> None:
    """The connection is cut at once, and the work is done later, though the rules are gone by then."""
    harness, due, served = Harness(), threading.Event(), threading.Event()

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = harness.serve(environ, start_response)
        served.set()
        return answer

    faults = FaultInjection(serve, clock=harness.clock, wait=lambda _event, _seconds: due.wait(10))
    faults.set_rules([rule("late", seconds=4)])
    request = {"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.PutItem"}
    with pytest.raises(DropConnectionError):
        call_application(faults, request, b"body")
    faults.clear()
    assert harness.served == []
    assert faults.gauges()["late_requests"] == 1
    due.set()
    assert served.wait(10)
    assert harness.served == [b"body"]


def test_a_damaged_answer_comes_of_work_that_was_done(harness: Harness) -> None:
    """Status 200, and a body that says nothing; with one seed the same damage."""
    harness.faults.set_rules([rule("damaged", damage="object")])
    response = harness.call_application()
    assert (response.code, response.body) == (200, b"{}")
    assert harness.served == [b"body"]
    bodies = []
    for _ in range(2):
        harness.faults.set_rules([rule("damaged")], seed=3)
        bodies.append([harness.call_application().body for _ in range(20)])
    assert bodies[0] == bodies[1]
    assert len(set(bodies[0])) > 4
    assert b"served" not in bodies[0]


def test_calls_of_functions_meet_the_rules_without_http(harness: Harness) -> None:
    """A lost answer means that the function has run, an error that it has not."""
    invocation = SimpleNamespace(service="lambda", operation="Invoke", resources=frozenset({"f"}))
    ran: list[str] = []

    def call() -> str:
        return harness.faults.call_function(invocation, lambda: ran.append("ran") or "answer", "lost")

    assert call() == "answer"
    for kind, runs in (("lost_answer", 2), ("error", 2)):
        harness.faults.set_rules([{"service": "lambda", "operation": "Invoke", "kind": kind}])
        assert call() == "lost"
        assert len(ran) == runs
    harness.faults.set_rules([{"service": "lambda", "kind": "latency", "seconds": 2.0}])
    assert call() == "answer"
    assert harness.held == [2.0]


def test_nothing_under_local_meets_a_fault(harness: Harness) -> None:
    """An outage of everything leaves the gauges and this endpoint reachable."""
    harness.faults.set_rules([{"service": "*", "kind": "error"}])
    assert harness.call_application(path="/_local/gauges").body == b"served"
    assert harness.endpoint("GET").ok
    assert harness.call_application().code == 500


def test_windows_count_from_the_moment_the_rules_were_set(harness: Harness) -> None:
    """Set at second 1,050 with a window from 5 to 10: only calls from 1,055 to 1,060 fail."""
    harness.clock.now = 1050.0
    harness.faults.set_rules([rule("error", after=5, lasts=5)])
    seen = []
    for now in (1054.0, 1055.0, 1059.0, 1060.0):
        harness.clock.now = now
        seen.append(harness.call_application().code)
    assert seen == [200, 500, 500, 200]


def test_the_endpoint_replaces_all_rules_and_tells_their_counts(harness: Harness) -> None:
    """PUT answers what is in force; GET tells what it did; an empty list heals."""
    put = harness.endpoint("PUT", [rule("error", rate=1)])
    assert (put.code, json.loads(put.body)) == (200, [{**rule("error", rate=1), "calls": 0, "faults": 0}])
    harness.call_application()
    harness.call_application(target="Kinesis_20131202.PutRecords")
    expected = [{**rule("error", rate=1), "calls": 1, "faults": 1}]
    assert json.loads(harness.endpoint("GET").body) == expected
    assert harness.faults.gauges() == {"faults": expected, "late_requests": 0}
    assert json.loads(harness.endpoint("PUT", []).body) == []
    assert harness.call_application().body == b"served"


def test_the_endpoints_seed_chooses_the_decisions(harness: Harness) -> None:
    """The same seed gives the same decisions again, another does not."""

    def decisions(seed: int) -> list[int]:
        assert harness.endpoint("PUT", [rule("error", rate=0.5)], query=f"seed={seed}").ok
        return [harness.call_application().code for _ in range(64)]

    first, second, again = decisions(7), decisions(8), decisions(7)
    assert first == again
    assert first != second


@pytest.mark.parametrize(
    ("body", "query", "message"),
    [
        (b"{", "", "fault rules: expected a JSON list of objects"),
        (b"{}", "", "fault rules: expected a JSON list of objects"),
        (b'[{"service":"s3","kind":"error","rate":2}]', "", "fault rule 1: rate: "),
        (b"[]", "seed=x", "seed: expected a whole number"),
    ],
)
def test_wrong_rules_are_rejected_and_the_old_ones_stay(
    harness: Harness, body: bytes, query: str, message: str
) -> None:
    """HTTP 400 with one line, and the outage goes on."""
    harness.faults.set_rules([rule("error")])
    response = harness.endpoint("PUT", body, query=query)
    assert response.code == 400
    assert response.json()["message"].startswith(message)
    assert harness.call_application().code == 500


def test_the_endpoint_takes_get_and_put_alone(harness: Harness) -> None:
    """Anything else is told so."""
    assert harness.endpoint("POST", []).code == 405


@pytest.mark.parametrize("kind", ["hang", "latency"])
def test_new_rules_let_go_what_old_ones_hold(kind: str) -> None:
    """A call held for a day ends when the rules are replaced: cut, or served."""
    harness, holding, ended = Harness(), threading.Event(), []

    def hold(event: threading.Event, seconds: float) -> None:
        holding.set()
        event.wait(min(seconds, 20))

    faults = FaultInjection(harness.serve, clock=harness.clock, wait=hold)
    faults.set_rules([rule(kind, seconds=86_400)])

    def call() -> None:
        try:
            request = {"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.PutItem", "wsgi.input": io.BytesIO(b"")}
            ended.append(call_application(faults, request, b"").body)
        except DropConnectionError:
            ended.append(b"cut")

    thread = threading.Thread(target=call)
    thread.start()
    assert holding.wait(10)
    assert ended == []
    faults.clear()
    thread.join(10)
    assert ended == [b"cut" if kind == "hang" else b"served"]
