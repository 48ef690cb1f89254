from __future__ import annotations

import http.client
import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from smartcat.local_aws.server.http_server import DropConnectionError, HttpServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with method, path and body; ``/fail`` fails, ``/cut`` hangs up, ``/head`` claims a length."""
    if environ["PATH_INFO"] == "/cut":
        raise DropConnectionError
    if environ["PATH_INFO"] == "/fail":
        raise LookupError("the text of a page")
    body = environ["wsgi.input"].read()
    headers = [("Content-Length", "1234")] if environ["PATH_INFO"] == "/head" else []
    start_response("200 OK", headers)
    return [environ["REQUEST_METHOD"].encode(), b" ", environ["PATH_INFO"].encode(), b" ", body]


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A running server."""
    server = HttpServer("127.0.0.1", 0)
    server.start(echo)
    yield server
    server.stop()


@pytest.fixture
def connection(server: HttpServer) -> Iterator[http.client.HTTPConnection]:
    """One client connection."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    yield connection
    connection.close()


def exchange(
    connection: http.client.HTTPConnection, method: str, path: str, **more: Any
) -> tuple[int, bytes]:
    """Send one request and read its whole answer."""
    connection.request(method, path, **more)
    response = connection.getresponse()
    return response.status, response.read()


def test_a_connection_serves_many_requests(connection: http.client.HTTPConnection) -> None:
    """Bodies read or not, errors included: the same socket goes on."""
    assert exchange(connection, "POST", "/a", body=b"one") == (200, b"POST /a one")
    first = connection.sock
    assert exchange(connection, "GET", "/b") == (200, b"GET /b ")
    assert exchange(connection, "POST", "/fail", body=b"unread")[0] == 500
    assert exchange(connection, "PUT", "/c", body=b"x" * 300_000) == (200, b"PUT /c " + b"x" * 300_000)
    assert connection.sock is first


def test_a_chunked_body_is_read_whole(connection: http.client.HTTPConnection) -> None:
    """Transfer-Encoding: chunked is undone before the application sees it."""
    response = exchange(connection, "POST", "/a", body=iter([b"one ", b"two"]), encode_chunked=True)
    assert response == (200, b"POST /a one two")


def test_a_client_that_asks_first_is_told_to_go_on(server: HttpServer) -> None:
    """``Expect: 100-continue`` (S3 uploads send it) is answered once, before the body is read."""
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=10) as client:
        client.sendall(
            b"PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ok")
        response = client.makefile("rb")
        assert response.readline() == b"HTTP/1.1 200 OK\r\n"
        response.close()


def test_a_head_answer_has_the_applications_length_and_no_body(
    connection: http.client.HTTPConnection,
) -> None:
    """The length is that of the object asked about, and the connection stays in step."""
    connection.request("HEAD", "/head")
    response = connection.getresponse()
    assert (response.headers["Content-Length"], response.read()) == ("1234", b"")
    assert exchange(connection, "GET", "/b") == (200, b"GET /b ")


def test_a_failure_names_its_type_and_nothing_of_the_request(
    connection: http.client.HTTPConnection, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the answer nor the log quotes the exception's text, which may be a page's."""
    status, body = exchange(connection, "POST", "/fail", body=b"the text of a page")
    assert status == 500
    assert b"LookupError" in body
    assert "LookupError" in caplog.text
    assert b"page" not in body
    assert "page" not in caplog.text


def test_a_cut_connection_ends_without_an_answer(
    connection: http.client.HTTPConnection, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns nothing but the end, nothing is logged, and the server goes on with others."""
    with pytest.raises(http.client.RemoteDisconnected):
        exchange(connection, "POST", "/cut", body=b"x" * 100_000)
    assert exchange(connection, "GET", "/b") == (200, b"GET /b ")
    assert caplog.text == ""


def test_stopping_ends_idle_connections_and_all_threads() -> None:
    """After a stop no thread is left, the client's idle socket is closed and the port is free."""
    before = set(threading.enumerate())
    server = HttpServer("127.0.0.1", 0)
    server.start(echo)
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    assert exchange(connection, "GET", "/")[0] == 200
    server.stop()
    server.stop()
    assert set(threading.enumerate()) == before
    assert connection.sock is not None
    assert connection.sock.recv(10) == b""
    connection.close()
    again = HttpServer("127.0.0.1", address.port or 0)
    again.stop()


def test_a_taken_port_is_an_os_error(server: HttpServer) -> None:
    """The second one to ask for a port is rejected at once."""
    with pytest.raises(OSError, match="in use"):
        HttpServer("127.0.0.1", urlsplit(server.url).port or 0)
