from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.aws_clients import AwsError
from smartcat.cli.replay.buckets import (
    MAX_OBJECT_BYTES,
    READ_AHEAD,
    READ_ATTEMPTS,
    Bucket,
    natural_sort_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 1, 3, tzinfo=UTC)


class NoSuchKey(Exception):  # noqa: N818 - boto3's
    """What boto3 raises for an object that is not there."""


class FakeS3:
    """Lists keys in pages, as S3 sorts them, and counts what is read."""

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKey)

    def __init__(self, keys: list[str], *, page: int = 1000) -> None:
        self.keys = sorted(keys)
        self.page = page
        self.written: dict[str, datetime] = {}
        self.sizes: dict[str, int] = {}
        self.gone: set[str] = set()
        self.read: list[str] = []
        self.damaged: dict[str, list[bytes]] = {}
        self.more: dict[str, Any] = {}
        self.empty: dict[str, Any] = {"KeyCount": 0}

    def get_paginator(self, name: str) -> FakeS3:
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        keys = [key for key in self.keys if key.startswith(Prefix)]
        for start in range(0, len(keys), self.page):
            yield {
                "KeyCount": 1,
                "Contents": [
                    {
                        "Key": key,
                        "Size": self.sizes.get(key, len(key)),
                        "LastModified": self.written.get(key, NOW),
                    }
                    for key in keys[start : start + self.page]
                ],
            }
        if not keys:
            yield self.empty

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        self.read.append(Key)
        if Key in self.gone:
            raise NoSuchKey
        bodies = self.damaged.get(Key, [])
        body = bodies.pop(0) if bodies else Key.encode()
        etag = hashlib.md5(Key.encode(), usedforsecurity=False).hexdigest()
        return {"Body": io.BytesIO(body), "ETag": f'"{etag}"'} | self.more


def bucket(s3: FakeS3, prefix: str = "q/") -> Bucket:
    """The bucket of this S3."""
    return Bucket(s3, "b", prefix, lambda _: ())


def test_objects_come_in_the_order_of_their_numbers() -> None:
    """Sequence numbers sort as numbers, whatever their length, and each object brings its own body."""
    keys = [f"q/2026/01/03/shardId-000000000001/{number}-whole.json" for number in (10, 9, 100)]
    found = list(bucket(FakeS3([*keys, "other/x"])).objects())
    assert [each.key for each in found] == [keys[1], keys[0], keys[2]]
    assert [each.body for each in found] == [each.key.encode() for each in found]
    assert found[0].name == f"s3://b/{keys[1]}"


def test_nothing_is_read_far_ahead() -> None:
    """With a million objects a few are in memory."""
    s3 = FakeS3([f"q/{number}" for number in range(500)], page=100)
    objects = bucket(s3).objects()
    next(objects)
    assert len(s3.read) <= READ_AHEAD
    assert len(list(objects)) == 499


def test_objects_written_before_are_not_read() -> None:
    """What an object holds arrived before it was written; clocks may differ by a little."""
    s3 = FakeS3(["q/1", "q/2", "q/3"])
    s3.written = {"q/1": NOW - timedelta(hours=1), "q/2": NOW - timedelta(seconds=30)}
    assert [each.key for each in bucket(s3).objects(NOW)] == ["q/2", "q/3"]
    assert sorted(s3.read) == ["q/2", "q/3"]


def test_what_is_too_large_to_be_ours_is_not_read() -> None:
    """Somebody's backup beside our objects does not fill the memory."""
    s3 = FakeS3(["q/1", "q/2"])
    s3.sizes = {"q/1": MAX_OBJECT_BYTES + 1}
    assert [each.body for each in bucket(s3).objects()] == [None, b"q/2"]


def test_an_object_that_is_deleted_meanwhile_is_passed_over() -> None:
    """Two replays at once are harmless."""
    s3 = FakeS3(["q/1", "q/2"])
    s3.gone = {"q/1"}
    assert [each.key for each in bucket(s3).objects()] == ["q/2"]


@pytest.mark.parametrize("came", [b"", b"q/", b"q/7", b"q/1 and more", b"<html>"])
def test_a_damaged_answer_is_asked_for_again(came: bytes) -> None:
    """A cut body, a changed byte or another page is not what is stored: nothing is read from it."""
    s3 = FakeS3(["q/1"])
    s3.damaged = {"q/1": [came, came]}
    assert [each.body for each in bucket(s3).objects()] == [b"q/1"]
    s3.damaged = {"q/1": [came] * READ_ATTEMPTS}
    with pytest.raises(
        AwsError, match=r"^GetObject: what came of s3://b/q/1 is not what is stored; try again$"
    ):
        list(bucket(s3).objects())


def test_an_etag_that_is_no_checksum_is_not_held_against_the_body() -> None:
    """With a key of KMS, or of an object in parts, it is no MD5 of what is stored."""
    zeros = '"' + "0" * 32 + '"'
    for more in ({"ServerSideEncryption": "aws:kms", "ETag": zeros}, {"ETag": '"00-2"'}, {"ETag": ""}):
        s3 = FakeS3(["q/1"])
        s3.more = more
        assert [each.body for each in bucket(s3).objects()] == [b"q/1"]


def test_an_empty_bucket_has_no_objects() -> None:
    """S3 names no contents at all then."""
    assert list(bucket(FakeS3([])).objects()) == []


def test_a_damaged_list_is_no_empty_bucket() -> None:
    """An answer without the count of its keys does not say that there is nothing to replay."""
    s3 = FakeS3([])
    s3.empty = {"Contents": []}
    with pytest.raises(AwsError, match=r"^ListObjectsV2: no list of the objects of b came; try again$"):
        list(bucket(s3).objects())


@given(st.lists(st.integers(0, 10**60), min_size=2, max_size=10))
def test_natural_order_is_that_of_the_numbers(numbers: list[int]) -> None:
    """Keys that differ in one number sort by it."""
    keys = [f"q/shardId-000000000001/{number}-3.json" for number in numbers]
    assert sorted(keys, key=natural_sort_key) == [
        f"q/shardId-000000000001/{number}-3.json" for number in sorted(numbers)
    ]
