"""The HTTP server of a WSGI application: threads, HTTP/1.1 with keep-alive, clean stop.

werkzeug's own request loop closes every connection and then waits 10 ms for stray bytes. This one reads and
answers whole requests, which keep-alive requires. Web pages are refused. It knows nothing of AWS.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import socketserver
import sys
import threading
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

from smartcat.local_aws.server.web_pages import SANDBOX, refusal
from smartcat.local_aws.server.wsgi import Response, call_application, json_response, rewind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

_LOGGER = logging.getLogger(__name__)
_STOP_POLL_SECONDS = 0.02


class DropConnectionError(Exception):
    """Raised by an application whose client must get no response: the connection is closed at once."""


class _Handler(MotoRequestHandler):
    """One connection: requests one after the other, each read and answered as a whole."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def handle_expect_100(self) -> bool:
        """Send 100 Continue now, and only once: werkzeug's environ must not send it again."""
        accepted = bool(super().handle_expect_100())
        self.wfile.flush()
        return accepted

    def run_wsgi(self) -> None:
        """Serve one request."""
        environ = self.make_environ()
        chunked = bool(environ.get("wsgi.input_terminated"))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read() if chunked else self.rfile.read(length)
        rewind(environ, body)
        if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None:
            environ.pop("wsgi.input_terminated", None)
        try:
            response = self._respond(environ, body)
        except DropConnectionError:
            self.close_connection = True
        else:
            self._send(response)

    def _respond(self, environ: dict[str, Any], body: bytes) -> Response:
        own = {str(self.server.server_address[0]), str(self.connection.getsockname()[0])}
        if problem := refusal(self.headers, own_addresses=own):
            return json_response({"__type": "AccessDenied", "message": problem}, status=403)
        try:
            return call_application(self.server.app, environ, body)
        except DropConnectionError:
            raise
        except Exception as problem:  # noqa: BLE001 - no single request may end the server
            # The type alone: a message could contain what a caller sent.
            _LOGGER.warning(
                "%s %s failed with %s",
                self.command,
                environ.get("HTTP_X_AMZ_TARGET") or "request",
                type(problem).__name__,
            )
            return json_response({"__type": "InternalFailure", "message": type(problem).__name__}, status=500)

    def _send(self, response: Response) -> None:
        code, _, phrase = response.status.partition(" ")
        self.send_response(int(code), phrase)
        names = set()
        for name, value in response.headers:
            if name.lower() not in {"connection", "transfer-encoding"}:
                names.add(name.lower())
                self.send_header(name, value)
        for name, value in SANDBOX:
            self.send_header(name, value)
        if "content-length" not in names and int(code) not in {204, 304}:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Do not log requests: a line for each would bury the demo's own."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Log werkzeug's messages (broken request lines, lost clients) at debug level."""
        _LOGGER.debug("%s: %s", type, message % args)


class _Server(ThreadingHTTPServer):
    """Tracks its open connections and their threads, so that a stop need not wait for idle clients.

    The threads are daemons: a program that ends without stopping the server does not hang.
    """

    request_queue_size = 128
    # Attributes that werkzeug's handler reads from its server.
    multithread = True
    multiprocess = False
    ssl_context = None
    _server_version = "local-aws"

    def __init__(self, host: str, port: int) -> None:
        self.app: WSGIApplication = _not_ready
        self._connections: set[Any] = set()
        self._workers: list[threading.Thread] = []
        self._lock = threading.Lock()
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without the name service lookup of HTTPServer."""
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for the connection."""
        worker = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._connections.add(request)
            self._workers = [other for other in self._workers if other.is_alive()]
            # Started under the lock, since a thread is not alive before it is started.
            worker.start()
            self._workers.append(worker)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that has ended."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's signature
        """Log a broken connection at debug level, without a traceback on the terminal."""
        _LOGGER.debug("connection %s ended with %s", client_address, type(sys.exception()).__name__)

    def hang_up(self) -> None:
        """Close every connection and wait for its thread; a response in progress may be lost."""
        with self._lock:
            connections, workers = list(self._connections), list(self._workers)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for worker in workers:
            worker.join()


def _not_ready(_environ: Any, start_response: StartResponse) -> Iterable[bytes]:
    return json_response({"__type": "ServiceUnavailable", "message": "starting"}, status=503).send(
        start_response
    )


class HttpServer:
    """A socket that is bound at once and served by a thread of its own from `start` to `stop`."""

    def __init__(self, host: str, port: int) -> None:
        """Bind the address; port 0 takes a free one.

        Bound before the application exists, since parts of the application need the address.

        Raises:
            OSError: The address is in use or not local.
        """
        self._server = _Server(host, port)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return ``http://host:port``."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self, application: WSGIApplication) -> None:
        """Serve the application. Call it once."""
        self._server.app = application
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOP_POLL_SECONDS,), name="local-aws-http", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the socket and every connection, and wait for all threads. Safe to call twice."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.hang_up()
        self._server.server_close()
