"""A proxy between a function and AWS that injects faults: lost responses, errors, killed processes."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DROP: Final = "drop"
"""AWS has taken the request, and its answer is lost."""
THROTTLE: Final = "throttle"
KILL_BEFORE: Final = "kill before"
KILL_AFTER: Final = "kill after"
"""The function's processes die before or after AWS has taken the request."""

_HOP_BY_HOP: Final = {"content-length", "connection", "transfer-encoding", "date", "server"}


class FaultProxy:
    """Forwards requests; writes to a table or a bucket may get a fault.

    Attributes:
        backend: URL of the real endpoint.
        function: Name of the function whose processes are killed.
        done: How often each fault was injected.
    """

    def __init__(self) -> None:
        self.backend = self.function = ""
        self.done: Counter[str] = Counter()
        self._faults: Mapping[int, str] = {}
        self._count = 0
        self._lock = threading.Lock()

    def plan(self, faults: Mapping[int, str]) -> None:
        """Set which writes from now on, counted from 1, get a fault: one of those above, or a status."""
        with self._lock:
            self._faults, self._count = faults, 0
            self.done.clear()

    def next_fault(self) -> str | None:
        """Count a write, and return its fault, or None."""
        with self._lock:
            self._count += 1
            fault = self._faults.get(self._count)
            if fault:
                self.done[fault] += 1
            return fault


def kill_processes(function: str) -> None:
    """Kill every process of a function's environments, as Lambda may at any time."""
    wanted = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


@contextmanager
def running_proxy() -> Iterator[tuple[FaultProxy, str]]:
    """Run a proxy; yield it and its URL."""
    proxy = FaultProxy()
    server = _Server(proxy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet: a killed process leaves broken connections, and that is the point."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        is_write = self.command == "PUT" or target in {"BatchExecuteStatement", "PutItem"}
        fault = self.server.proxy.next_fault() if is_write else None
        if fault == THROTTLE:
            error = {"__type": "ThrottlingException", "message": "Rate exceeded"}
            self._reply(400, {}, json.dumps(error).encode())
        elif fault and fault.isdigit():
            self._reply(int(fault), {}, b"")
        else:
            self._hand_on(body, fault)

    do_GET = do_PUT = do_POST = do_HEAD = _handle  # noqa: N815 - the base class's names

    def _hand_on(self, body: bytes, fault: str | None) -> None:
        if fault == KILL_BEFORE:
            kill_processes(self.server.proxy.function)
            self.close_connection = True
            return
        answer = self._ask(body)
        if fault == KILL_AFTER:
            kill_processes(self.server.proxy.function)
        if fault:
            self.close_connection = True
        else:
            self._reply(*answer)

    def _ask(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        headers = {
            name: text for name, text in self.headers.items() if name.lower() not in {"expect", "host"}
        }
        connection = HTTPConnection(urlsplit(self.server.proxy.backend).netloc, timeout=30)
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, text in headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, text)
        length = headers.get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""
