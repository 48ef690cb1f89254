"""Brings the model into the environment: from a directory, or from S3 by way of a temporary one."""

from __future__ import annotations

import time
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from stream_processor.adapters.faults import later, try_repeatedly
from stream_processor.adapters.served_model import serve
from stream_processor.errors import RefuseToStart, TryLater

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from stream_processor.ports import Labeller

SCHEME: Final = "s3://"
MAX_FILES: Final = 32
MAX_BYTES: Final = 400 * 1024 * 1024
"""Lambda gives 512 MB of temporary space unless told otherwise."""
DOWNLOAD_SECONDS: Final = 60.0


def load_model(
    location: str,
    client: Callable[[], S3Client],
    *,
    load: Callable[[Path], Labeller] = serve,
    sleep: Callable[[float], None] = time.sleep,
) -> Labeller:
    """Load the model.

    Args:
        location: A directory, or ``s3://bucket/prefix/`` that holds the same files.
        client: Gives the S3 client; not called for a directory.
        load: Reads a model directory, and is done with it when it returns.
        sleep: How to wait between attempts at a transient fault.

    Returns:
        The classifier.

    Raises:
        RefuseToStart: The model is not there, not complete or not valid; names the location.
    """
    if not location.startswith(SCHEME):
        return _load(Path(location), location, load)
    with TemporaryDirectory(prefix="smartcat-model-") as directory:
        try:
            try_repeatedly(
                lambda: _download(client(), location, Path(directory)), seconds=DOWNLOAD_SECONDS, sleep=sleep
            )
        except TryLater as error:
            raise RefuseToStart(str(error)) from None
        return _load(Path(directory), location, load)


def _load(directory: Path, location: str, load: Callable[[Path], Labeller]) -> Labeller:
    try:
        return load(directory)
    except (ValueError, OSError) as error:  # a ModelError is a ValueError
        raise RefuseToStart(f"the model at {location} cannot be loaded: {error}") from error


def _download(client: S3Client, location: str, directory: Path) -> None:
    bucket, _, prefix = location.removeprefix(SCHEME).partition("/")
    if prefix and not prefix.endswith("/"):
        prefix += "/"
    try:
        for key in _keys(client, bucket, prefix, location):
            client.download_file(bucket, key, str(directory / PurePosixPath(key).name))
    except (ClientError, BotoCoreError) as error:
        raise later(error, f"downloading the model from {location}") from None


def _keys(client: S3Client, bucket: str, prefix: str, location: str) -> list[str]:
    """List the files of the model directory itself; deeper ones are not part of it."""
    keys, size = [], 0
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
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
