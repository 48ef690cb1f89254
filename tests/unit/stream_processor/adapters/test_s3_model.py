from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from stream_processor.adapters.s3_model import load_model
from stream_processor.errors import RefuseToStart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def s3() -> Iterator[Any]:
    """An emulated bucket's client."""
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_bucket(Bucket="artifacts")
        yield client


def read_files(directory: Path) -> Any:
    """Stands in for the loader: names and bytes."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def no_client() -> Any:
    """Stands in for a client that must not be made."""
    raise AssertionError("a directory needs no client")


def test_directory_needs_no_client(tmp_path: Path) -> None:
    """A plain path is loaded as it is."""
    (tmp_path / "manifest.json").write_bytes(b"{}")
    assert load_model(str(tmp_path), no_client, load=read_files) == {"manifest.json": b"{}"}


@pytest.mark.parametrize("location", ["s3://artifacts/models/m1/", "s3://artifacts/models/m1"])
def test_files_of_the_prefix_are_downloaded(s3: Any, location: str) -> None:
    """The files directly under the prefix are loaded from a directory that is gone afterwards."""
    for key in ("m1/", "m1/manifest.json", "m1/weights.f32", "m1/old/weights.f32", "m10/weights.f32"):
        s3.put_object(Bucket="artifacts", Key=f"models/{key}", Body=key.encode())
    seen: list[Path] = []

    def load(directory: Path) -> Any:
        seen.append(directory)
        return read_files(directory)

    assert load_model(location, lambda: s3, load=load) == {
        "manifest.json": b"m1/manifest.json",
        "weights.f32": b"m1/weights.f32",
    }
    assert not seen[0].exists()


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("s3://artifacts/nothing/", "there is no model at s3://artifacts/nothing/"),
        (
            "s3://no-such-bucket/m/",
            "downloading the model from s3://no-such-bucket/m/ failed with NoSuchBucket",
        ),
    ],
)
def test_missing_model_refuses_to_start(s3: Any, location: str, message: str) -> None:
    """A prefix without files, or a bucket that is not there, is named in one line."""
    with pytest.raises(RefuseToStart, match=message):
        load_model(location, lambda: s3, load=read_files, sleep=lambda _: None)


def test_a_folder_of_anything_is_not_downloaded(s3: Any) -> None:
    """A prefix with more files than a model has is refused before anything is downloaded."""
    for number in range(33):
        s3.put_object(Bucket="artifacts", Key=f"big/{number}", Body=b"")
    with pytest.raises(RefuseToStart, match="not a model"):
        load_model("s3://artifacts/big/", lambda: s3, load=read_files)


def test_transient_fault_is_tried_again(s3: Any) -> None:
    """A connection that fails once does not fail the start."""
    s3.put_object(Bucket="artifacts", Key="m/manifest.json", Body=b"{}")
    clients = iter([Unreachable(), s3])
    assert load_model("s3://artifacts/m/", lambda: next(clients), load=read_files, sleep=lambda _: None)


def test_a_damaged_list_is_no_empty_folder(s3: Any) -> None:
    """An answer without the count of its keys says nothing of what is stored."""
    s3.put_object(Bucket="artifacts", Key="m/manifest.json", Body=b"{}")
    clients = iter([Listing([{}]), Listing([{"KeyCount": 0}, {"Contents": []}]), s3])
    loaded: Any = load_model(
        "s3://artifacts/m/", lambda: next(clients), load=read_files, sleep=lambda _: None
    )
    assert loaded == {"manifest.json": b"{}"}


def test_a_model_that_arrives_damaged_is_downloaded_once_more(s3: Any) -> None:
    """A changed byte on the way does not fail the start; a model that is stored so does."""
    s3.put_object(Bucket="artifacts", Key="m/manifest.json", Body=b"{}")
    tries: list[Any] = []

    def load(directory: Path) -> Any:
        tries.append(read_files(directory))
        if len(tries) != 2:
            raise ValueError("checksum differs")
        return tries[-1]

    assert load_model("s3://artifacts/m/", lambda: s3, load=load) == {"manifest.json": b"{}"}
    tries = [None, None]
    with pytest.raises(RefuseToStart, match="checksum differs"):
        load_model("s3://artifacts/m/", lambda: s3, load=load)
    assert len(tries) == 4


class Listing:
    def __init__(self, pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return self._pages


class Unreachable:
    def get_paginator(self, _: str) -> Any:
        raise EndpointConnectionError(endpoint_url="https://s3")


def test_invalid_model_names_its_location(tmp_path: Path) -> None:
    """What the loader says of a bad model is said with the place it came from."""

    def load(_: Path) -> Any:
        raise ValueError("manifest.json: checksum of weights.f32 differs")

    with pytest.raises(RefuseToStart, match=r"the model at .* cannot be loaded: manifest.json: checksum"):
        load_model(str(tmp_path), no_client, load=load)


def test_real_loader_refuses_an_empty_directory(tmp_path: Path) -> None:
    """The classifier's own loader is the default, and its error refuses to start."""
    with pytest.raises(RefuseToStart, match="cannot be loaded"):
        load_model(str(tmp_path), no_client)


class Versioned:
    model_version = "0123456789ab"


@pytest.mark.parametrize("end", ["", "/"])
def test_a_pinned_version_is_the_one_that_is_loaded(s3: Any, end: str, tmp_path: Path) -> None:
    """What the setting names and what the files say are the same version, or nothing is served."""
    for version in ("0123456789ab", "ba9876543210"):
        s3.put_object(Bucket="artifacts", Key=f"papers/versions/{version}/manifest.json", Body=b"{}")
        (tmp_path / "versions" / version).mkdir(parents=True)
    for place in ("s3://artifacts/papers", str(tmp_path)):
        location = f"{place}/versions/0123456789ab{end}"
        assert load_model(location, lambda: s3, load=lambda _: Versioned()).model_version == "0123456789ab"
        location = f"{place}/versions/ba9876543210{end}"
        with pytest.raises(RefuseToStart, match=f"{location} is version 0123456789ab, not ba9876543210"):
            load_model(location, lambda: s3, load=lambda _: Versioned())


@pytest.mark.parametrize("folder", ["versions/latest", "0123456789ac", "versions/0123456789ac/deeper"])
def test_other_places_promise_no_version(folder: str, tmp_path: Path) -> None:
    """A directory that training wrote is served whatever its name."""
    (tmp_path / folder).mkdir(parents=True)
    assert load_model(str(tmp_path / folder), no_client, load=lambda _: Versioned())
