"""The Lambda Runtime API of one execution environment, over HTTP on 127.0.0.1.

Lives here: the wire protocol between a runtime process and its host. Must not know functions, processes or
deadlines.
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

MAX_PAYLOAD_BYTES: Final = 6 * 1024 * 1024
"""Largest request and response of a synchronous invocation, in bytes (AWS: 6 MB each)."""

_NEXT: Final = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR: Final = "/2018-06-01/runtime/init/error"
_ANSWER: Final = re.compile(r"^/2018-06-01/runtime/invocation/([^/]+)/(response|error)$")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the runtime receives for one invocation.

    Attributes:
        request_id: Identifies the invocation in the answer, the logs and the context object.
        payload: The event, as JSON bytes.
        headers: `Lambda-Runtime-*` headers that accompany it.
    """

    request_id: str
    payload: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """The runtime asks for work: its initialisation, or its last invocation, is over."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The runtime answered an invocation; `failed` tells an error report from a response."""

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


Event = Ready | Answer | InitFailed | Exited


class RuntimeApi:
    """Serves one runtime process and turns what it says into events.

    Args:
        events: Receives `Ready`, `Answer` and `InitFailed`, in the order in which the process said them.
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
        """Hand an invocation to the process; it receives it as soon as it asks for the next one."""
        self._invocations.put(invocation)

    def next_invocation(self) -> Invocation | None:
        """Wait, without limit, for work; None once the API is closed."""
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
        # A killed process resets its connection; its exit is reported by whoever watches the process.
        with contextlib.suppress(OSError):
            _Handler(connection, address, self)
        with self._lock:
            self._connections.discard(connection)
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Unbuffered small writes meet Nagle's algorithm and delayed acknowledgements: 88 ms an invocation.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, connection: socket.socket, address: Any, api: RuntimeApi) -> None:
        self._api = api
        super().__init__(connection, address, api)  # type: ignore[arg-type]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet: requests of the runtime are not news."""

    def do_GET(self) -> None:
        if self.path != _NEXT:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self._api.events.put(Ready())
        invocation = self._api.next_invocation()
        if invocation is None:
            self.close_connection = True
            return
        headers = {"Lambda-Runtime-Aws-Request-Id": invocation.request_id, **invocation.headers}
        self._answer(HTTPStatus.OK, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == _INIT_ERROR:
            self._api.events.put(InitFailed(body))
            self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')
            return
        match = _ANSWER.match(self.path)
        if match is None:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        request_id, kind = match.groups()
        if len(body) > MAX_PAYLOAD_BYTES:
            self._api.events.put(Answer(request_id, _too_large(len(body)), failed=True))
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b'{"errorType":"RequestEntityTooLarge"}')
            return
        self._api.events.put(Answer(request_id, body, failed=kind == "error"))
        self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')

    def _answer(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
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
