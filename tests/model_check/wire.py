"""The real clients, as the function makes them, whose bytes go to a world in place of a socket.

Ten times as slow as ``clients.py``: for some worlds only, in which answers are damaged as bytes are.
"""

from __future__ import annotations

import base64
import io
import json
import os
import random
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSResponse

from model_check.dynamodb import ServiceError
from model_check.network import Damaged
from stream_processor.adapters import aws_clients

if TYPE_CHECKING:
    from model_check.clients import Objects
    from model_check.dynamodb import Table
    from model_check.network import Network

_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
_HTML = b"<html><body>Service temporarily unavailable</body></html>"
_DYNAMODB, _S3 = aws_clients.dynamodb, aws_clients.s3  # before anything takes their place


class _Raw(io.BytesIO):
    """The body of an answer, as urllib3 gives it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


class WireClients:
    """One DynamoDB and one S3 client for all worlds of a process: making them takes as long as ten worlds."""

    def __init__(self) -> None:
        with patch.dict(os.environ, _CREDENTIALS):
            self.dynamodb: Any = _DYNAMODB()
            self.s3: Any = _S3()
        self.dynamodb.meta.events.register("before-send.dynamodb", self._table_request)
        self.s3.meta.events.register("before-send.s3", self._objects_request)
        self._network: Any = None

    @staticmethod
    @cache
    def shared() -> WireClients:
        """Return the clients of this process."""
        return WireClients()

    def connect(self, network: Network, table: Table, objects: Objects) -> None:
        """Let requests go to another world from now on."""
        self._network, self._table, self._objects = network, table, objects
        self._chance = random.Random("damage")  # noqa: S311 - the chance of a test

    def _table_request(self, request: Any, **_: Any) -> AWSResponse:
        operation = _text(request.headers["X-Amz-Target"]).partition(".")[2]
        try:
            answer = self._network.table(operation, json.loads(request.body), self._table.call)
        except ServiceError as error:
            content = {"__type": f"com.amazonaws.dynamodb.v20120810#{error.code}", "message": error.message}
            return _json_answer(request, error.status, _encoded({**content, **error.fields}))
        except Damaged as damaged:
            return self._damaged_json(request, _encoded(damaged.answer))
        return _json_answer(request, 200, _encoded(answer))

    def _damaged_json(self, request: Any, body: bytes) -> AWSResponse:
        how = self._chance.choice(("cut", "byte", "empty", "html", "{}"))
        checksum = {"x-amz-crc32": str(zlib.crc32(body))}
        if how == "html":
            return _answer(request, 200, _HTML, {"Content-Type": "text/html"})
        if how == "{}":
            return _answer(request, 200, b"{}", {})
        if how == "empty":
            return _answer(request, 200, b"", self._chance.choice((checksum, {})))
        place = self._chance.randrange(len(body))
        if how == "cut":
            return _answer(request, 200, body[:place], checksum)
        changed = bytes([body[place] ^ (1 << self._chance.randrange(8))])
        return _answer(request, 200, body[:place] + changed + body[place + 1 :], checksum)

    def _objects_request(self, request: Any, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        name = f"{url.netloc.partition('.')[0]}{unquote(url.path)}"
        if request.method == "PUT":
            return self._put_object(request, name)
        try:
            found = self._network.objects("GetObject", lambda: {"body": self._objects.get(name)})
        except ServiceError as error:
            return _xml_error(request, error)
        except Damaged as damaged:
            return self._damaged_object(request, (damaged.answer or {})["body"])
        return _answer(request, 200, found["body"], _object_headers(found["body"]))

    def _put_object(self, request: Any, name: str) -> AWSResponse:
        body = request.body if isinstance(request.body, bytes) else request.body.read()
        if "aws-chunked" in _text(request.headers.get("Content-Encoding", "")):
            body = _unchunked(body)
        try:
            self._network.objects("PutObject", lambda: self._objects.put(name, body))
        except ServiceError as error:
            return _xml_error(request, error)
        except Damaged:
            return _answer(request, 200, _HTML, {"Content-Type": "text/html"})
        return _answer(request, 200, b"", {"ETag": '"etag"'})

    def _damaged_object(self, request: Any, body: bytes) -> AWSResponse:
        how = self._chance.choice(("cut", "byte", "html"))
        if how == "html":
            headers = {"Content-Type": "text/html", "Content-Length": str(len(_HTML))}
            return _answer(request, 200, _HTML, headers)
        place = self._chance.randrange(len(body))
        damaged = (
            body[:place] if how == "cut" else body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        )
        return _answer(request, 200, damaged, _object_headers(body))


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


def _unchunked(body: bytes) -> bytes:
    """Return the content of a body that is sent in chunks, with its checksum behind it."""
    content = b""
    while True:
        size, _, rest = body.partition(b"\r\n")
        if not int(size, 16):
            return content
        content, body = content + rest[: int(size, 16)], rest[int(size, 16) + 2 :]


def _encoded(content: Any) -> bytes:
    return json.dumps(content).encode()


def _json_answer(request: Any, status: int, body: bytes) -> AWSResponse:
    return _answer(request, status, body, {"x-amz-crc32": str(zlib.crc32(body))})


def _object_headers(body: bytes) -> dict[str, str]:
    checksum = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    return {
        "ETag": '"etag"',
        "Content-Length": str(len(body)),
        "x-amz-checksum-crc32": checksum,
        "x-amz-checksum-type": "FULL_OBJECT",
    }


def _xml_error(request: Any, error: ServiceError) -> AWSResponse:
    body = f"<Error><Code>{error.code}</Code><Message>{error.message}</Message></Error>".encode()
    return _answer(request, error.status, body, {"Content-Type": "application/xml"})


def _answer(request: Any, status: int, body: bytes, headers: dict[str, str]) -> AWSResponse:
    return AWSResponse(request.url, status, headers, _Raw(body))
