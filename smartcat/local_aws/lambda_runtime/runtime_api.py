"""The Lambda Runtime API of one execution environment, over HTTP on 127.0.0.1.

The protocol between a runtime process and its host only: no functions, processes or deadlines.
"""

from __future__ import annotations

import contextlib
import json
import queue
import re
import socket
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from smartcat.local_aws.server.web_pages import refusal

MAX_PAYLOAD_BYTES: Final = 6 * 1024 * 1024
"""Largest request and response of a synchronous invocation, in bytes (AWS: 6 MB each)."""

_NEXT: Final = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR: Final = "/2018-06-01/runtime/init/error"
_RESULT_PATH: Final = re.compile(r"^/2018-06-01/runtime/invocation/([^/]+)/(response|error)$")


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation as the runtime receives it.

    Attributes:
        request_id: Identifies the invocation in the response, the logs and the context object.
        payload: The event, as JSON bytes.
        headers: `Lambda-Runtime-*` headers that accompany it.
    """

    request_id: str
    payload: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """The runtime asks for the next invocation: its initialisation, or the last invocation, is over."""


@dataclass(frozen=True, slots=True)
class InvocationResponse:
    """The runtime's result of an invocation; `failed` if it is an error report."""

    request_id: str
    payload: bytes
    failed: bool


@dataclass(frozen=True, slots=True)
class InitFailed:
    """The handler could not be loaded; `payload` is the runtime's error report."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Exited:
    """The process ended; negative codes are signals, as in `subprocess`."""

    returncode: int


Event = Ready | InvocationResponse | InitFailed | Exited


class RuntimeApi:
    """Serves one runtime process and turns its requests into events.

    Args:
        events: Receives `Ready`, `InvocationResponse` and `InitFailed`, in the order of the requests.
    """

    def __init__(self, events: queue.SimpleQueue[Event]) -> None:
        self.events = events
        self._invocations: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: str = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        threading.Thread(target=self._accept, name=f"runtime-api-{self.address}", daemon=True).start()

    def submit(self, invocation: Invocation) -> None:
        """Queue an invocation; the process receives it when it asks for the next one."""
        self._invocations.put(invocation)

    def next_invocation(self) -> Invocation | None:
        """Wait, without limit, for an invocation; return None once the API is closed."""
        return self._invocations.get()

    def close(self) -> None:
        """Stop listening and drop the process's connections. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            connections = list(self._connections)
        self._invocations.put(None)
        for each in [self._listener, *connections]:
            # A closed descriptor does not wake a thread that is blocked on it; shutdown does.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        # A killed process resets its connection; its exit is reported by the thread that watches it.
        with contextlib.suppress(OSError):
            _Handler(connection, address, self)
        with self._lock:
            self._connections.discard(connection)
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Unbuffered small writes run into Nagle's algorithm and delayed acknowledgements: 88 ms an invocation.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, connection: socket.socket, address: Any, api: RuntimeApi) -> None:
        self._api = api
        super().__init__(connection, address, api)  # type: ignore[arg-type]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Do not log requests of the runtime."""

    def do_GET(self) -> None:
        if self._refused():
            return
        if self.path != _NEXT:
            self._respond(HTTPStatus.NOT_FOUND)
            return
        self._api.events.put(Ready())
        invocation = self._api.next_invocation()
        if invocation is None:
            self.close_connection = True
            return
        headers = {"Lambda-Runtime-Aws-Request-Id": invocation.request_id, **invocation.headers}
        self._respond(HTTPStatus.OK, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._refused():
            return
        if self.path == _INIT_ERROR:
            self._api.events.put(InitFailed(body))
            self._respond(HTTPStatus.ACCEPTED, b'{"status":"OK"}')
            return
        match = _RESULT_PATH.match(self.path)
        if match is None:
            self._respond(HTTPStatus.NOT_FOUND)
            return
        request_id, kind = match.groups()
        if len(body) > MAX_PAYLOAD_BYTES:
            self._api.events.put(InvocationResponse(request_id, _too_large(len(body)), failed=True))
            self._respond(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b'{"errorType":"RequestEntityTooLarge"}')
            return
        self._api.events.put(InvocationResponse(request_id, body, failed=kind == "error"))
        self._respond(HTTPStatus.ACCEPTED, b'{"status":"OK"}')

    def _refused(self) -> bool:
        problem = refusal(self.headers, own_addresses=())
        if problem:
            self._respond(
                HTTPStatus.FORBIDDEN,
                json.dumps({"errorType": "AccessDenied", "errorMessage": problem}).encode(),
            )
        return problem is not None

    def _respond(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _too_large(size: int) -> bytes:
    message = f"Response payload size ({size} bytes) exceeded the allowed {MAX_PAYLOAD_BYTES} bytes."
    return json.dumps({"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}).encode()
