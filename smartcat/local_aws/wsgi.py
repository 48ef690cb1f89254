"""WSGI in a few words: read a request's body, ask the application behind, answer. Knows no AWS service."""

from __future__ import annotations

import gzip
import io
import json
import uuid
import zlib
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from smartcat.local_aws.refusals import UnmeteredError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_CHECKSUM = "x-amz-crc32"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer, body in memory."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def code(self) -> int:
        """The HTTP status as a number."""
        return int(self.status.split(None, 1)[0])

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.code == HTTPStatus.OK

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty for an empty body.

        Raises:
            ValueError: The body is something else.
        """
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("expected a JSON object in the answer")  # noqa: TRY004 - one error for a bad body
        return value

    def with_json(self, value: dict[str, Any]) -> Answer:
        """The same answer with another JSON body, its length and DynamoDB's checksum of it made to agree."""
        body = encode(value)
        kept = [
            (name, text) for name, text in self.headers if name.lower() not in {"content-length", _CHECKSUM}
        ]
        had_checksum = any(name.lower() == _CHECKSUM for name, _ in self.headers)
        checksum = [(_CHECKSUM, str(zlib.crc32(body)))] if had_checksum else []
        return replace(self, headers=(*kept, ("Content-Length", str(len(body))), *checksum), body=body)

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a WSGI call with this."""
        start_response(self.status, list(self.headers))
        return [self.body]


def json_object(body: bytes) -> dict[str, Any]:
    """A request's body as a JSON object.

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
    """Compact JSON in UTF-8."""
    return json.dumps(value, separators=(",", ":")).encode()


def json_answer(value: dict[str, Any], *, status: int = 200, version: str = "1.0") -> Answer:
    """A JSON answer as AWS's JSON protocol writes it.

    Args:
        value: The body.
        status: HTTP status.
        version: The protocol's version: DynamoDB speaks 1.0, Kinesis 1.1.
    """
    body = encode(value)
    headers = (
        ("Content-Type", f"application/x-amz-json-{version}"),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", str(uuid.uuid4())),
    )
    return Answer(f"{status} {HTTPStatus(status).phrase}", headers, body)


def read_body(environ: WSGIEnvironment) -> bytes:
    """The request's body, unzipped; afterwards `environ` offers the same bytes again, unzipped.

    Raises:
        ValueError: The body claims to be gzip and is not.
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
    """Make `body` what the next reader of `environ` finds."""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def ask(
    application: WSGIApplication,
    environ: WSGIEnvironment,
    body: bytes | dict[str, Any],
    *,
    operation: str | None = None,
) -> Answer:
    """Call the application behind and wait for its whole answer.

    Args:
        application: The WSGI application to call.
        environ: The request in hand; it is copied, its caller keeps it.
        body: The body to send; a dict is sent as JSON.
        operation: Another operation of the same service than the one in hand, such as ``DescribeTable``.
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
        answer_body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return Answer(status, headers, answer_body)
