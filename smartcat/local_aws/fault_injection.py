"""Trouble on demand: WSGI middleware in front of every service, and its endpoint ``/_local/faults``.

Which call meets which fault is decided in `faults.py`; here are HTTP, waiting, and each service's way of
telling an error. Nothing under ``/_local/`` ever meets a fault.
"""

from __future__ import annotations

import threading
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from smartcat.local_aws.api_calls import ApiCall
from smartcat.local_aws.faults import Faults, Verdict, parse_rules, read_rules
from smartcat.local_aws.server import CutConnectionError
from smartcat.local_aws.wsgi import Answer, ask, encode, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from smartcat.local_aws.faults import FaultRule

PATH: Final = "/_local/faults"
_OURS: Final = "/_local/"
_MESSAGE: Final = "A fault that was asked for at /_local/faults"


class FaultInjection:
    """Stands in front of all services; without rules every call passes straight through."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        clock: Callable[[], float],
        wait: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        """Stand in front of an application, with no rules.

        Args:
            application: What serves the calls.
            clock: Seconds, steady; the rules' windows go by it.
            wait: How a call is held: until the event, but no longer than so many seconds.
        """
        self._application = application
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._faults = Faults()
        self._replaced = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a call, or harm it.

        Raises:
            CutConnectionError: The client shall get no answer.
        """
        path = str(environ.get("PATH_INFO", ""))
        if path == PATH:
            return self._endpoint(environ).send(start_response)
        if path.startswith(_OURS) or not self._faults.rules:
            return self._application(environ, start_response)
        call = ApiCall(environ)
        with self._lock:
            verdict, replaced = self._faults.verdict(call, self._clock()), self._replaced
        return self._carry_out(verdict, replaced, call, start_response)

    def _carry_out(
        self, verdict: Verdict, replaced: threading.Event, call: ApiCall, start_response: StartResponse
    ) -> Iterable[bytes]:
        if verdict.delay:
            self._wait(replaced, verdict.delay)
        rule = verdict.rule
        if rule is None:
            return self._application(call.environ, start_response)
        if rule.kind == "error":
            return _error(rule, call).send(start_response)
        if rule.kind == "lost_answer":
            ask(self._application, call.environ, read_body(call.environ))
        raise CutConnectionError

    # ---------------------------------------------------------------------------------------- rules
    def set_rules(self, rules: Any, *, seed: int = 0) -> None:
        """Replace all rules; calls that an old rule holds are let go at once.

        Args:
            rules: JSON values as `faults.read_rules` takes them; an empty list heals everything.
            seed: Of the dice.

        Raises:
            ValueError: A rule is wrong; the old rules stay.
        """
        faults = Faults(read_rules(rules), seed=seed, now=self._clock())
        with self._lock:
            released, self._replaced = self._replaced, threading.Event()
            self._faults = faults
        released.set()

    def heal(self) -> None:
        """Drop all rules, and let go what they hold."""
        self.set_rules([])

    def rules(self) -> list[dict[str, Any]]:
        """The rules, each with how many calls were in its scope and how many of them met it."""
        with self._lock:
            return self._faults.counts()

    def gauges(self) -> dict[str, list[dict[str, Any]]]:
        """The section ``faults``: what `rules` says."""
        return {"faults": self.rules()}

    def _endpoint(self, environ: WSGIEnvironment) -> Answer:
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


def _plain_json(value: Any, status: HTTPStatus) -> Answer:
    return _answer(status, encode(value), "application/json")


def _error(rule: FaultRule, call: ApiCall) -> Answer:
    """The error as the service itself would tell it, so that botocore parses it as the service's own."""
    code, status, protocol = rule.code_for(call.service), rule.status, call.protocol
    if protocol == "json":
        body = encode({"__type": code, "message": _MESSAGE})
        return _answer(status, body, "application/x-amz-json-1.0", _query_error(call, code))
    if protocol == "rest-json":
        return _answer(status, encode({"message": _MESSAGE}), "application/json", {"x-amzn-ErrorType": code})
    inner = f"<Code>{code}</Code><Message>{_MESSAGE}</Message>"
    if protocol == "query":
        inner = f"<Error><Type>Receiver</Type>{inner}</Error>"
    root = "ErrorResponse" if protocol == "query" else "Error"
    return _answer(status, f"<{root}>{inner}</{root}>".encode(), "application/xml")


def _query_error(call: ApiCall, code: str) -> dict[str, str]:
    """The header that SQS's clients take the code from; no other service has it."""
    return {"x-amzn-query-error": f"{code};Receiver"} if call.service == "sqs" else {}


def _answer(status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> Answer:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Fault"
    standard = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return Answer(f"{int(status)} {phrase}", tuple({**standard, **(headers or {})}.items()), body)
