from __future__ import annotations

import base64
import gzip
import io
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.server.rejected_requests import UnmeteredError
from smartcat.local_aws.server.wsgi import (
    Response,
    base64_size,
    call_application,
    json_object,
    json_response,
    read_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def environ(body: bytes, **more: str) -> dict[str, Any]:
    """A POST request with this body."""
    return {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)), **more}


def test_a_body_is_unzipped_and_offered_again() -> None:
    """What a gzip request holds is read plain, by us and by whoever reads after us."""
    request = environ(gzip.compress(b"hello"), HTTP_CONTENT_ENCODING="gzip")
    assert read_body(request) == b"hello"
    assert read_body(request) == b"hello"
    assert request["CONTENT_LENGTH"] == "5"


@pytest.mark.parametrize(
    "body", [b"plain", gzip.compress(b"hello", mtime=0)[:-4]], ids=["plain", "truncated"]
)
def test_a_body_that_is_not_the_gzip_it_claims_is_a_value_error(body: bytes) -> None:
    """Broken and truncated gzip are told alike."""
    with pytest.raises(ValueError, match="expected a gzip body"):
        read_body(environ(body, HTTP_CONTENT_ENCODING="gzip"))


def test_a_request_without_a_length_has_no_body() -> None:
    """A GET carries none, and nothing is read."""
    assert read_body({"wsgi.input": io.BytesIO(b"next request")}) == b""


def test_asking_another_operation_leaves_the_request_in_hand_alone() -> None:
    """The application behind sees its own copy, with the operation exchanged and the new body's length."""
    seen: dict[str, Any] = {}
    closed: list[bool] = []

    class Chunks(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def application(inner: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.update(inner, body=inner["wsgi.input"].read())
        start_response("200 OK", [("X", "y")])
        return Chunks([b"a", b"b"])

    request = environ(b"in hand", HTTP_X_AMZ_TARGET="DynamoDB_20120810.PutItem")
    response = call_application(application, request, {"TableName": "t"}, operation="GetItem")
    assert (response.code, response.ok, response.body, response.headers) == (200, True, b"ab", (("X", "y"),))
    assert (seen["HTTP_X_AMZ_TARGET"], seen["body"]) == ("DynamoDB_20120810.GetItem", b'{"TableName":"t"}')
    assert seen["CONTENT_LENGTH"] == "17"
    assert read_body(request) == b"in hand"
    assert closed == [True]


def test_a_patched_answer_keeps_length_and_checksum_true() -> None:
    """DynamoDB's CRC32 header is computed anew where there was one, and not invented where there was none."""
    old = Response("200 OK", (("content-length", "2"), ("X-Amz-Crc32", "1"), ("A", "b")), b"{}")
    new = old.with_json({"a": 1})
    headers = dict(new.headers)
    assert new.body == b'{"a":1}'
    assert headers == {"A": "b", "Content-Length": "7", "x-amz-crc32": str(zlib.crc32(new.body))}
    assert "x-amz-crc32" not in dict(json_response({}).with_json({"a": 1}).headers)


def test_an_answer_that_is_no_json_object_is_a_value_error() -> None:
    """An empty body counts as an empty object."""
    assert Response("200 OK", (), b"").json() == {}
    for body in (b"[]", b"<html>"):
        with pytest.raises(ValueError, match=r"JSON object|Expecting value"):
            Response("200 OK", (), body).json()


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"\xff"])
def test_a_request_that_is_no_json_object_is_left_to_the_service(body: bytes) -> None:
    """We judge only what we can read."""
    with pytest.raises(UnmeteredError):
        json_object(body)


def test_a_json_answer_speaks_the_protocols_version() -> None:
    """Status, type and body are what botocore reads."""
    response = json_response({"a": "ü"}, status=400, version="1.1")
    assert response.status == "400 Bad Request"
    assert dict(response.headers)["Content-Type"] == "application/x-amz-json-1.1"
    assert json.loads(response.body) == {"a": "ü"}


@given(st.binary(max_size=300))
def test_base64_is_measured_without_decoding(data: bytes) -> None:
    """The measured size is the length of the bytes behind the text."""
    assert base64_size(base64.b64encode(data).decode()) == len(data)
