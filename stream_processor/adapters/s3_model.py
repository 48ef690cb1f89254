"""Loads the model: from a directory, or from S3 by way of a temporary one. Knows nothing of what is in it."""

from __future__ import annotations

import re
import time
from contextlib import closing
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from smartcat.classifier.errors import ClassifierError
from stream_processor.adapters.aws_retries import FAILURES, try_later, try_repeatedly
from stream_processor.adapters.served_model import serve
from stream_processor.errors import RefuseToStart, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from stream_processor.adapters.served_model import ServedModel

SCHEME: Final = "s3://"
MAX_FILES: Final = 32
MAX_BYTES: Final = 400 * 1024 * 1024
"""Lambda gives 512 MB of temporary space unless told otherwise."""
DOWNLOAD_SECONDS: Final = 60.0
_CHUNK_BYTES: Final = 1024 * 1024
_PINNED: Final = re.compile(r"/versions/([0-9a-f]{12})/?$")
"""How a location that `smartcat model publish` made ends."""


def load_model(
    location: str,
    client: Callable[[], S3Client],
    *,
    load: Callable[[Path], ServedModel] = serve,
    sleep: Callable[[float], None] = time.sleep,
) -> ServedModel:
    """Load the model, and check that it is the version its location names.

    Args:
        location: A directory, or ``s3://bucket/prefix/`` that holds the same files.
        client: Returns the S3 client; not called for a directory.
        load: Reads a model directory; it is deleted after.
        sleep: How to wait between attempts at a transient fault.

    Returns:
        The classifier.

    Raises:
        RefuseToStart: The model is not there, not complete, not valid, or not the version that the location
            names; names the location.
    """
    classifier = _fetch(location, client, load, sleep)
    pinned = _PINNED.search(location)
    if pinned and classifier.model_version != pinned[1]:
        raise RefuseToStart(f"the model at {location} is version {classifier.model_version}, not {pinned[1]}")
    return classifier


def _fetch(
    location: str,
    client: Callable[[], S3Client],
    load: Callable[[Path], ServedModel],
    sleep: Callable[[float], None],
) -> ServedModel:
    if not location.startswith(SCHEME):
        return _load(Path(location), location, load)
    try:
        return _download_and_load(location, client, load, sleep)
    except RefuseToStart:
        # What came may be at fault instead of what is stored: only two downloads make it a fact.
        return _download_and_load(location, client, load, sleep)


def _download_and_load(
    location: str,
    client: Callable[[], S3Client],
    load: Callable[[Path], ServedModel],
    sleep: Callable[[float], None],
) -> ServedModel:
    with TemporaryDirectory(prefix="smartcat-model-") as directory:
        try:
            try_repeatedly(
                lambda: _download(client(), location, Path(directory)), seconds=DOWNLOAD_SECONDS, sleep=sleep
            )
        except TryLater as error:
            raise RefuseToStart(str(error)) from None
        return _load(Path(directory), location, load)


def _load(directory: Path, location: str, load: Callable[[Path], ServedModel]) -> ServedModel:
    try:
        return load(directory)
    except (ClassifierError, ValueError, OSError) as error:
        raise RefuseToStart(f"the model at {location} cannot be loaded: {error}") from error


def _download(client: S3Client, location: str, directory: Path) -> None:
    bucket, _, prefix = location.removeprefix(SCHEME).partition("/")
    if prefix and not prefix.endswith("/"):
        prefix += "/"
    try:
        for key in _keys(client, bucket, prefix, location):
            _save(client, bucket, key, directory / PurePosixPath(key).name)
    except FAILURES as error:
        raise try_later(error, f"downloading the model from {location}") from None


def _save(client: S3Client, bucket: str, key: str, file: Path) -> None:
    body = client.get_object(Bucket=bucket, Key=key)["Body"]
    with closing(body), file.open("wb") as stream:
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            stream.write(chunk)


def _keys(client: S3Client, bucket: str, prefix: str, location: str) -> list[str]:
    """Return the keys of the model directory's own files; deeper ones are not part of it."""
    keys, size = [], 0
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        if "KeyCount" not in page:
            raise TryLater(f"downloading the model from {location} failed: no list of objects came")
        for entry in page.get("Contents", []):
            if entry["Key"] != prefix:  # the console makes an empty object of a folder's name
                keys.append(entry["Key"])
                size += entry["Size"]
        if len(keys) > MAX_FILES or size > MAX_BYTES:
            raise RefuseToStart(
                f"{location} holds more than {MAX_FILES} files or {MAX_BYTES} bytes: not a model"
            )
    if not keys:
        raise RefuseToStart(f"there is no model at {location}: no files are under it")
    return keys
