from __future__ import annotations

import hashlib
import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from smartcat.cli.aws_clients import AwsError
from smartcat.cli.models.errors import ConflictError, DamagedError, NotPublishedError
from smartcat.cli.models.location import Location
from smartcat.cli.models.model_store import READS, ModelStore
from smartcat.cli.models.pointer import MAX_POINTER_BYTES
from smartcat.cli.models.published_manifest import PublishedFile

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = "0123456789ab"
CONTENT = b"array"
FILE = PublishedFile(bytes=5, sha256=hashlib.sha256(CONTENT).hexdigest())


def refusing(code: str, status: int = 400, operations: tuple[str, ...] = ()) -> Any:
    """A client all of whose calls (or these) are refused with a code."""

    class Client:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            assert not operations or name in operations
            answer: Any = {
                "Error": {"Code": code, "Message": "no"},
                "ResponseMetadata": {"HTTPStatusCode": status},
            }

            def refuse(*_: Any, **__: Any) -> Any:
                raise ClientError(answer, name)

            return refuse

    return Client()


class Listing:
    """A client that lists these keys, two a page."""

    def __init__(self, *keys: str) -> None:
        self._entries = [{"Key": key, "Size": 5} for key in keys]

    def get_paginator(self, _: str) -> Listing:
        return self

    def paginate(self, **_: str) -> Any:
        starts = range(0, len(self._entries) + 1, 2)
        return [{"Contents": self._entries[start : start + 2]} for start in starts] + [{}]


@pytest.mark.parametrize("read", [ModelStore.pointer, lambda store: store.manifest(VERSION)])
def test_half_an_answer_is_no_damaged_object(read: Callable[[ModelStore], object]) -> None:
    """Nobody is told to delete a pointer, or to publish again, because a connection broke."""
    lengths = [100] * READS + [100, 9]

    def get_object(**_: str) -> dict[str, Any]:
        return {"Body": StreamingBody(io.BytesIO(b'{"half": '), lengths.pop(0)), "ETag": '"e"'}

    store = ModelStore(SimpleNamespace(get_object=get_object), Location("artifacts", "papers/"))
    with pytest.raises(
        AwsError, match=r"papers/.*json in bucket 'artifacts' did not arrive whole: try again"
    ):
        read(store)
    assert read(store) in {(b'{"half": ', '"e"'), b'{"half": '}
    assert lengths == []


def test_files_and_versions_are_listed_with_their_sizes() -> None:
    """Only what lies directly in a version's folder counts, on every page of the listing."""
    other = "f" * 12
    keys = (f"{VERSION}/w", f"{VERSION}/manifest.json", f"{VERSION}/", f"{VERSION}/deeper/w", "readme", "x/w")
    client = Listing(*(f"papers/versions/{key}" for key in (*keys, f"{other}/w")))
    store = ModelStore(client, Location("artifacts", "papers/"))
    assert store.versions() == {VERSION: {"w": 5, "manifest.json": 5}, other: {"w": 5}}
    assert store.files(other) == {"w": 5}
    assert store.files("0" * 12) == {}


def test_an_uploaded_file_is_known_by_its_checksum(store: ModelStore, s3: Any) -> None:
    """S3 keeps the SHA-256 and gives it back, so that nothing is downloaded to compare it."""
    store.put_file(VERSION, "w", io.BytesIO(CONTENT), FILE)
    assert store.stored_file(VERSION, "w", 5) == FILE
    assert s3.get_object(Bucket="artifacts", Key=f"papers/versions/{VERSION}/w")["Body"].read() == CONTENT


def test_a_file_that_others_uploaded_is_read_to_compare_it(store: ModelStore, s3: Any) -> None:
    """Copied by the console, or in parts, it has no SHA-256 of its whole."""
    s3.put_object(Bucket="artifacts", Key=f"papers/versions/{VERSION}/w", Body=CONTENT)
    assert store.stored_file(VERSION, "w", 5) == FILE
    assert store.stored_file(VERSION, "gone", 5) is None


@pytest.mark.parametrize("content", [b"other", b"arrayarray", b""])
def test_a_file_that_changed_meanwhile_is_not_uploaded(store: ModelStore, content: bytes) -> None:
    """What the manifest says and what is uploaded are the same, or nothing is."""
    with pytest.raises(DamagedError, match="w: changed while it was being published"):
        store.put_file(VERSION, "w", io.BytesIO(content), FILE)
    assert store.files(VERSION) == {}


def test_a_manifest_is_never_replaced(store: ModelStore) -> None:
    """The first one stays."""
    assert store.manifest(VERSION) is None
    store.put_manifest(VERSION, b"first")
    with pytest.raises(ConflictError):
        store.put_manifest(VERSION, b"second")
    assert store.manifest(VERSION) == b"first"


def test_a_pointer_that_moved_is_not_overwritten(store: ModelStore) -> None:
    """Not by somebody who saw an older one, and not by somebody who saw none."""
    assert store.pointer() is None
    store.put_pointer(b"1", None)
    first = store.pointer()
    assert first is not None
    store.put_pointer(b"2", first[1])
    for seen in (first[1], None):
        with pytest.raises(ConflictError):
            store.put_pointer(b"3", seen)
    second = store.pointer()
    assert second is not None
    assert second[0] == b"2"


def test_a_pointer_that_was_deleted_has_moved_too(store: ModelStore, s3: Any) -> None:
    """S3 says then that there is no such key."""
    store.put_pointer(b"1", None)
    first = store.pointer()
    assert first is not None
    s3.delete_object(Bucket="artifacts", Key="papers/current.json")
    with pytest.raises(ConflictError):
        store.put_pointer(b"2", first[1])


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict", "412", "409"])
def test_a_write_at_the_same_moment_has_moved_it(code: str) -> None:
    """S3 has an answer of its own for two conditional writes that meet."""
    store = ModelStore(refusing(code, operations=("put_object",)), Location("artifacts", ""))
    with pytest.raises(ConflictError, match=r"current\.json: somebody else wrote it meanwhile"):
        store.put_pointer(b"1", "tag")


def test_a_store_without_conditional_writes_is_no_place_for_a_pointer() -> None:
    """Some that speak S3 refuse the condition; then nothing is written."""
    store = ModelStore(refusing("NotImplemented", 501), Location("artifacts", ""))
    with pytest.raises(AwsError, match=r"NotImplemented: no \(writing current\.json in bucket 'artifacts'\)"):
        store.put_pointer(b"1", "tag")


def test_a_huge_pointer_is_not_read_whole(store: ModelStore, s3: Any) -> None:
    """One byte more than a pointer may have is enough to know."""
    s3.put_object(Bucket="artifacts", Key="papers/current.json", Body=b"x" * 5_000_000)
    found = store.pointer()
    assert found is not None
    assert len(found[0]) == MAX_POINTER_BYTES + 1


def test_no_bucket_is_named(account: Callable[[str], Any]) -> None:
    """S3's own answer does not say which."""
    store = ModelStore(account("s3"), Location("elsewhere", ""))
    for look in (store.versions, store.pointer, lambda: store.put_manifest(VERSION, b"")):
        with pytest.raises(NotPublishedError, match="no bucket 'elsewhere'"):
            look()


def test_no_rights_are_one_line() -> None:
    """It says what was refused, and where."""
    store = ModelStore(refusing("AccessDenied", 403, ("get_object",)), Location("artifacts", "papers/"))
    with pytest.raises(AwsError, match=r"AccessDenied: no \(reading papers/current\.json in bucket"):
        store.pointer()


def test_encryption_is_the_bucket_s(store: ModelStore, s3: Any) -> None:
    """With a key of its own as the bucket's default, everything is stored under that."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "mine"}}
    s3.put_bucket_encryption(Bucket="artifacts", ServerSideEncryptionConfiguration={"Rules": [rule]})
    store.put_file(VERSION, "w", io.BytesIO(CONTENT), FILE)
    store.put_pointer(b"1", None)
    for key in (f"papers/versions/{VERSION}/w", "papers/current.json"):
        assert s3.head_object(Bucket="artifacts", Key=key)["SSEKMSKeyId"].endswith("mine")
