"""Answers as a boto3 client may get them: bytes that are not those of AWS, under a status of 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HTML = b"<html><body>The service is busy.</body></html>"


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body

    def read(self, *_: Any) -> bytes:
        body, self._body = self._body, b""
        return body


def answer_with(client: Any, answer: Callable[[Any], tuple[dict[str, str], bytes]]) -> None:
    """Let a client get these headers and bytes for each request, with status 200, and reach no network."""

    def send(request: Any, **_: Any) -> AWSResponse:
        headers, body = answer(request)
        return AWSResponse(request.url, 200, headers, _Raw(body))

    client.meta.events.register("before-send", send)


def damaged(body: bytes) -> Iterator[bytes]:
    """Yield what may have become of an answer: cut anywhere, a bit of any byte flipped, or something else."""
    yield from (b"", b"{}", b"[]", b"null", HTML)
    yield from (body[:end] for end in range(1, len(body)))
    yield from (body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] for at in range(len(body)))
