"""Fault injection: WSGI middleware in front of every service, and its endpoint ``/_local/faults``.

`fault_rules.py` decides which call gets which fault; here are HTTP, waiting, and each service's error
format. Paths under ``/_local/`` are exempt.
"""

from __future__ import annotations

import threading
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import parse_qs

from smartcat.local_aws.server.api_calls import ApiCall
from smartcat.local_aws.server.damaged_answers import damaged
from smartcat.local_aws.server.fault_rules import FaultDecision, FaultRuleSet, parse_rules, validate_rules
from smartcat.local_aws.server.http_server import DropConnectionError
from smartcat.local_aws.server.wsgi import Response, call_application, encode, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from smartcat.local_aws.server.fault_rules import Call, FaultRule

T = TypeVar("T")

PATH: Final = "/_local/faults"
_INTERNAL_PREFIX: Final = "/_local/"
_MESSAGE: Final = "A fault that was asked for at /_local/faults"


class FaultInjection:
    """Wraps all services; without rules every call passes through."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        clock: Callable[[], float],
        wait: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        """Wrap an application, without rules.

        Args:
            application: What serves the calls.
            clock: Monotonic seconds, for the rules' time windows.
            wait: Waits for an event, at most so many seconds; a call is held by it.
        """
        self._application = application
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._faults = FaultRuleSet()
        self._replaced = threading.Event()
        self._late = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a call, or inject a fault.

        Raises:
            DropConnectionError: The client must get no response.
        """
        path = str(environ.get("PATH_INFO", ""))
        if path == PATH:
            return self._endpoint(environ).send(start_response)
        if path.startswith(_INTERNAL_PREFIX) or not self._faults.rules:
            return self._application(environ, start_response)
        call = ApiCall(environ)
        decide, replaced = self._decide(call)
        return self._apply(decide, replaced, call, start_response)

    def call_function(self, call: Call, serve: Callable[[], T], lost: T) -> T:
        """Let a call of a function that does not come over HTTP meet the same rules.

        Args:
            call: What it is, for the rules.
            serve: Makes it.
            lost: How it looks to the caller where its answer is lost, or it is not made at all.
        """
        decide, replaced = self._decide(call)
        if decide.delay:
            self._wait(replaced, decide.delay)
        if decide.rule is None:
            return serve()
        if decide.rule.kind in {"lost_answer", "late", "damaged"}:
            serve()
        return lost

    def _decide(self, call: Call) -> tuple[FaultDecision, threading.Event]:
        with self._lock:
            return self._faults.decide(call, self._clock()), self._replaced

    def _apply(
        self, decide: FaultDecision, replaced: threading.Event, call: ApiCall, start_response: StartResponse
    ) -> Iterable[bytes]:
        if decide.delay:
            self._wait(replaced, decide.delay)
        rule = decide.rule
        if rule is None:
            return self._application(call.environ, start_response)
        if rule.kind == "error":
            return _error(rule, call).send(start_response)
        if rule.kind == "damaged":
            response = call_application(self._application, call.environ, read_body(call.environ))
            if call.service == "dynamodb":
                response = response.with_checksum()
            return damaged(response, rule.damage, decide.chance).send(start_response)
        if rule.kind == "late":
            self._serve_later(call.environ, read_body(call.environ), rule.seconds or 0.0)
        if rule.kind == "lost_answer":
            call_application(self._application, call.environ, read_body(call.environ))
        raise DropConnectionError

    def _serve_later(self, environ: WSGIEnvironment, body: bytes, seconds: float) -> None:
        """Serve a request when its client has given up; nothing calls it back any more."""

        def serve() -> None:
            try:
                self._wait(threading.Event(), seconds)
                call_application(self._application, environ, body)
            finally:
                with self._lock:
                    self._late -= 1

        with self._lock:
            self._late += 1
        threading.Thread(target=serve, name="late-request", daemon=True).start()

    # ---------------------------------------------------------------------------------------- rules
    def set_rules(self, rules: Any, *, seed: int = 0) -> None:
        """Replace all rules; calls held by an old rule are released at once.

        Args:
            rules: JSON values as `validate_rules` accepts them; an empty list removes all faults.
            seed: Seed of the random decisions.

        Raises:
            ValueError: A rule is invalid; the old rules stay in force.
        """
        faults = FaultRuleSet(validate_rules(rules), seed=seed, now=self._clock())
        with self._lock:
            released, self._replaced = self._replaced, threading.Event()
            self._faults = faults
        released.set()

    def clear(self) -> None:
        """Remove all rules, and release the calls they hold."""
        self.set_rules([])

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules, each with the number of calls in its scope and of faults injected."""
        with self._lock:
            return self._faults.counts()

    def gauges(self) -> dict[str, Any]:
        """Return the section ``faults``, the result of `rules`, and how many ``late_requests`` will come."""
        with self._lock:
            return {"faults": self._faults.counts(), "late_requests": self._late}

    def _endpoint(self, environ: WSGIEnvironment) -> Response:
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "PUT"}:
            return _plain_json({"message": "expected GET or PUT"}, HTTPStatus.METHOD_NOT_ALLOWED)
        if method == "PUT":
            try:
                self.set_rules(parse_rules(read_body(environ)), seed=_seed(environ))
            except ValueError as problem:
                return _plain_json({"message": str(problem)}, HTTPStatus.BAD_REQUEST)
        return _plain_json(self.rules(), HTTPStatus.OK)


def _seed(environ: WSGIEnvironment) -> int:
    text = parse_qs(environ.get("QUERY_STRING", "")).get("seed", ["0"])[-1]
    try:
        return int(text)
    except ValueError:
        raise ValueError("seed: expected a whole number") from None


def _plain_json(value: Any, status: HTTPStatus) -> Response:
    return _response(status, encode(value), "application/json")


def _error(rule: FaultRule, call: ApiCall) -> Response:
    """Return the error in the service's own format, as botocore parses it."""
    code, status, protocol = rule.code_for(call.service), rule.status, call.protocol
    if protocol == "json":
        body = encode({"__type": code, "message": _MESSAGE})
        return _response(status, body, "application/x-amz-json-1.0", _query_error(call, code))
    if protocol == "rest-json":
        return _response(
            status, encode({"message": _MESSAGE}), "application/json", {"x-amzn-ErrorType": code}
        )
    inner = f"<Code>{code}</Code><Message>{_MESSAGE}</Message>"
    if protocol == "query":
        inner = f"<Error><Type>Receiver</Type>{inner}</Error>"
    root = "ErrorResponse" if protocol == "query" else "Error"
    return _response(status, f"<{root}>{inner}</{root}>".encode(), "application/xml")


def _query_error(call: ApiCall, code: str) -> dict[str, str]:
    """Return the header from which SQS's clients take the code; no other service has it."""
    return {"x-amzn-query-error": f"{code};Receiver"} if call.service == "sqs" else {}


def _response(status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> Response:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Fault"
    standard = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return Response(f"{int(status)} {phrase}", tuple({**standard, **(headers or {})}.items()), body)
