"""Damaged answers of DynamoDB to every call that is made: none of them says that anything is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict

from stream_processor.adapters import aws_clients
from stream_processor.adapters.dynamodb_results import DynamoDbResults
from stream_processor.errors import TryLater
from stream_processor.storage_format.result_item import ResultItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CONSUMED = {"TableName": "results", "CapacityUnits": 2.0, "Table": {"CapacityUnits": 2.0}}
WHOLE: dict[str, dict[str, Any]] = {
    "BatchExecuteStatement": {
        "Responses": [{"TableName": "results"}, {"TableName": "results"}],
        "ConsumedCapacity": [_CONSUMED],
    },
    "PutItem": {"ConsumedCapacity": _CONSUMED},
    "BatchGetItem": {"Responses": {"results": []}, "UnprocessedKeys": {}},
    "DescribeTable": {"Table": {"ProvisionedThroughput": {"WriteCapacityUnits": 50}}},
}
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda body: body[: len(body) // 2],
    "cut by one": lambda body: body[:-1],
    "a byte changed": lambda body: body.replace(b"s", b"t", 1),
    "another character changed": lambda body: body[:-3] + b"~" + body[-2:],
    "empty": lambda _: b"",
    "HTML": lambda _: b"<html><body>Sign in</body></html>",
    "no fields": lambda _: b"{}",
    "no object": lambda _: b"[]",
    "null": lambda _: b"null",
}
WITHOUT_CHECKSUM = [name for name in DAMAGE if "changed" not in name]


class Raw:
    """A body as urllib3 would give it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._body


def results(
    monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes], *, checksum: bool
) -> DynamoDbResults:
    """The adapter over the product's own client, whose answers have status 200 and are damaged."""
    for name, value in {
        "DEFAULT_REGION": "eu-central-1",
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    client = aws_clients.dynamodb()

    def answer(request: Any, **_: object) -> AWSResponse:
        body = json.dumps(WHOLE[request.headers["X-Amz-Target"].decode().rpartition(".")[2]]).encode()
        headers = {"content-type": "application/x-amz-json-1.0"}
        if checksum:
            headers["x-amz-crc32"] = str(crc32(body))
        return AWSResponse(request.url, 200, HeadersDict(headers), Raw(damage(body)))

    client.meta.events.register("before-send.dynamodb", answer)
    return DynamoDbResults(client, "results", sleep=lambda _: None)


def item(key: str) -> ResultItem:
    """An item of one unit."""
    attributes = {
        "document_id": {"S": key},
        "sequence_number": {"S": "5"},
        "model_version": {"S": "m1"},
    }
    return ResultItem(key, attributes, 1, review=False)


@pytest.mark.parametrize(
    ("damage", "checksum"),
    [(name, True) for name in DAMAGE] + [(name, False) for name in WITHOUT_CHECKSUM],
)
def test_a_damaged_answer_says_nothing(
    monkeypatch: pytest.MonkeyPatch, damage: str, *, checksum: bool
) -> None:
    """Writes are for later and are tried again; a question and the capacity are not known."""
    table = results(monkeypatch, DAMAGE[damage], checksum=checksum)
    for items in ([item("a"), item("b")], [item("a")]):
        with pytest.raises(TryLater, match="DamagedAnswerError") as caught:
            table.put(items, seconds=60)
        assert caught.value.seconds == 0.0
    assert table.stored([item("a")]) == {}
    assert table.capacity() is None


@pytest.mark.parametrize("checksum", [True, False])
def test_a_whole_answer_is_believed(monkeypatch: pytest.MonkeyPatch, *, checksum: bool) -> None:
    """Also one without a checksum, as emulators send it."""
    table = results(monkeypatch, lambda body: body, checksum=checksum)
    assert table.put([item("a"), item("b")], seconds=0).units == 2.0
    assert table.put([item("a")], seconds=0).units == 2.0
    assert table.stored([item("a")]) == {"a": None}
    assert table.capacity() == 50.0


def test_fewer_answers_than_statements_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer to each statement was asked for, and each is a structure."""
    for responses in ([{"TableName": "results"}], [{"TableName": "results"}, None]):
        body = json.dumps({"Responses": responses}).encode()
        table = results(monkeypatch, lambda _, body=body: body, checksum=False)
        with pytest.raises(TryLater):
            table.put([item("a"), item("b")], seconds=0)
