"""WSGI helpers: read a request's body, call the wrapped application, respond. No single AWS service."""

from __future__ import annotations

import gzip
import io
import json
import uuid
import zlib
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.server.rejected_requests import UnmeteredError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_CHECKSUM = "x-amz-crc32"


@dataclass(frozen=True, slots=True)
class Response:
    """A whole HTTP response, body in memory."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def code(self) -> int:
        """Return the HTTP status as a number."""
        return int(self.status.split(None, 1)[0])

    @property
    def ok(self) -> bool:
        """Return whether the status is 200."""
        return self.code == HTTPStatus.OK

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object, empty for an empty body.

        Raises:
            ValueError: The body is something else.
        """
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("expected a JSON object in the response")  # noqa: TRY004 - one error for a bad body
        return value

    def with_json(self, value: dict[str, Any]) -> Response:
        """Return the response with another JSON body, its length and DynamoDB's checksum updated."""
        body = encode(value)
        kept = [
            (name, text) for name, text in self.headers if name.lower() not in {"content-length", _CHECKSUM}
        ]
        had_checksum = any(name.lower() == _CHECKSUM for name, _ in self.headers)
        checksum = [(_CHECKSUM, str(zlib.crc32(body)))] if had_checksum else []
        return replace(self, headers=(*kept, ("Content-Length", str(len(body))), *checksum), body=body)

    def with_checksum(self) -> Response:
        """Return the response with the checksum that DynamoDB sends with every answer."""
        kept = [header for header in self.headers if header[0].lower() != _CHECKSUM]
        return replace(self, headers=(*kept, (_CHECKSUM, str(zlib.crc32(self.body)))))

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Start the response of a WSGI call, and return its body."""
        start_response(self.status, list(self.headers))
        return [self.body]


def json_object(body: bytes) -> dict[str, Any]:
    """Return a request's body as a JSON object.

    Raises:
        UnmeteredError: It is something else.
    """
    try:
        value = json.loads(body)
    except ValueError as problem:
        raise UnmeteredError from problem
    if not isinstance(value, dict):
        raise UnmeteredError
    return value


def encode(value: Any) -> bytes:
    """Return compact JSON in UTF-8."""
    return json.dumps(value, separators=(",", ":")).encode()


def base64_size(text: str) -> int:
    """Return the number of bytes that padded base64 text encodes, without decoding it."""
    return len(text) * 3 // 4 - text[-2:].count("=")


def json_response(value: dict[str, Any], *, status: int = 200, version: str = "1.0") -> Response:
    """Return a response in AWS's JSON protocol.

    Args:
        value: The body.
        status: HTTP status.
        version: The protocol's version: 1.0 for DynamoDB, 1.1 for Kinesis.
    """
    body = encode(value)
    headers = (
        ("Content-Type", f"application/x-amz-json-{version}"),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", str(uuid.uuid4())),
    )
    return Response(f"{status} {HTTPStatus(status).phrase}", headers, body)


def read_body(environ: WSGIEnvironment) -> bytes:
    """Return the request's body, decompressed; `environ` then yields the same bytes again.

    Raises:
        ValueError: Content-Encoding is gzip and the body is not.
    """
    length = environ.get("CONTENT_LENGTH")
    stream = environ["wsgi.input"]
    body: bytes = stream.read(int(length)) if length else b""
    if environ.get("HTTP_CONTENT_ENCODING", "").lower() == "gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as problem:
            raise ValueError("expected a gzip body, as Content-Encoding says") from problem
        del environ["HTTP_CONTENT_ENCODING"]
    rewind(environ, body)
    return body


def rewind(environ: WSGIEnvironment, body: bytes) -> None:
    """Set the body that the next reader of `environ` gets."""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def call_application(
    application: WSGIApplication,
    environ: WSGIEnvironment,
    body: bytes | dict[str, Any],
    *,
    operation: str | None = None,
) -> Response:
    """Call the wrapped application and return its whole response.

    Args:
        application: The WSGI application to call.
        environ: The current request; it is copied, not changed.
        body: The body to send; a dict is sent as JSON.
        operation: Another operation of the same service, such as ``DescribeTable``; None for the current one.
    """
    inner = {name: value for name, value in environ.items() if not name.startswith(("werkzeug.", "flask."))}
    rewind(inner, body if isinstance(body, bytes) else encode(body))
    if operation is not None:
        prefix = str(environ["HTTP_X_AMZ_TARGET"]).rpartition(".")[0]
        inner["HTTP_X_AMZ_TARGET"] = f"{prefix}.{operation}"
    started: list[tuple[str, tuple[tuple[str, str], ...]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
        started.append((status, tuple(headers)))
        return lambda _data: None

    chunks = application(inner, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return Response(status, headers, body)
