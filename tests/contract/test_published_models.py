"""What publishing and promoting believe of S3: on local AWS, and on a real account on request.

``SMARTCAT_CONTRACT_AWS=1`` adds the account and region of the environment: a bucket is made and deleted.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.s3.models import S3Backend

from smartcat.cli.models.errors import ConflictError
from smartcat.cli.models.location import Location
from smartcat.cli.models.model_store import ModelStore
from smartcat.cli.models.published_manifest import PublishedFile
from smartcat.local_aws.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYWHERE = ["local", *(["aws"] if os.environ.get("SMARTCAT_CONTRACT_AWS") else [])]
VERSION = "0123456789ab"


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for the module."""
    with LocalAws() as running:
        yield running


def local_client(aws: LocalAws) -> Any:
    """Make a client of its S3."""
    environment = aws.environment_variables()
    return boto3.client(
        "s3",
        endpoint_url=aws.endpoint_url,
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[ModelStore]:
    """A location in a bucket of its own, where the test says."""
    local = request.param == "local"
    s3 = local_client(request.getfixturevalue("local_aws")) if local else boto3.client("s3")
    bucket, region = f"smartcat-contract-{uuid.uuid4().hex[:12]}", s3.meta.region_name
    elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **elsewhere)
    yield ModelStore(s3, Location(bucket, "papers/"))
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
    s3.delete_bucket(Bucket=bucket)
    s3.close()


@pytest.mark.parametrize("store", EVERYWHERE, indirect=True)
def test_a_pointer_moves_only_from_where_it_was_seen(store: ModelStore) -> None:
    """From nothing once, from a tag once, and not from one that is gone."""
    store.put_pointer(b"1", None)
    seen = store.pointer()
    assert seen is not None
    store.put_pointer(b"2", seen[1])
    for tag in (None, seen[1]):
        with pytest.raises(ConflictError):
            store.put_pointer(b"3", tag)
    now = store.pointer()
    assert now is not None
    assert now[0] == b"2"
    store.s3.delete_object(Bucket=store.location.bucket, Key=store.location.pointer)
    with pytest.raises(ConflictError):
        store.put_pointer(b"4", now[1])


@pytest.mark.parametrize("store", EVERYWHERE, indirect=True)
def test_checksums_come_back_and_manifests_stay(store: ModelStore) -> None:
    """A file is compared without reading it, and the first manifest of a version is the only one."""
    content = b"array"
    file = PublishedFile(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    store.put_file(VERSION, "w", io.BytesIO(content), file)
    head = store.s3.head_object(
        Bucket=store.location.bucket, Key=store.location.key(VERSION, "w"), ChecksumMode="ENABLED"
    )
    assert "ChecksumSHA256" in head
    assert store.stored_file(VERSION, "w", len(content)) == file
    store.put_manifest(VERSION, b"{}")
    with pytest.raises(ConflictError):
        store.put_manifest(VERSION, b"{ }")
    assert store.versions() == {VERSION: {"w": 5, "manifest.json": 2}}


@pytest.mark.parametrize("store", ["local"], indirect=True)
@pytest.mark.parametrize("moved_before", [False, True])
def test_of_two_moves_at_once_one_wins(
    moved_before: bool,  # noqa: FBT001 - a parameter of the test
    store: ModelStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even where both requests meet in the emulator's middle, between its comparing and its writing."""
    tag = None
    if moved_before:
        store.put_pointer(b"0", None)
        seen = store.pointer()
        assert seen is not None
        tag = seen[1]
    compared, look = threading.Barrier(2), S3Backend.get_object

    def look_and_wait_for_the_other(*arguments: Any, **more: Any) -> Any:
        found = look(*arguments, **more)
        with suppress(threading.BrokenBarrierError):  # the other one has to wait until we have written
            compared.wait(0.2)
        return found

    monkeypatch.setattr(S3Backend, "get_object", look_and_wait_for_the_other)

    def move(content: bytes) -> bool:
        try:
            store.put_pointer(content, tag)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(move, [b"1", b"2"]))
    monkeypatch.undo()
    assert sorted(won) == [False, True]
    now = store.pointer()
    assert now is not None
    assert now[0] == [b"1", b"2"][won.index(True)]
