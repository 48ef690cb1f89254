"""Objects in S3 as files: the only source that knows boto3. Lists page by page, streams each object."""

from __future__ import annotations

import errno
import hashlib
import io
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from botocore.parsers import ResponseParserError

from producers.sources.formats.file_kinds import (
    SUPPORTED_FILES,
    file_kind,
    group_files,
    resume_listing_after,
)
from producers.sources.formats.read_result import Position, ProblemCode, ReadResult, SourceProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producers.sources.file_reader import FileReader

_ATTEMPTS: Final = 10
_REOPENINGS: Final = 5
_BUFFER: Final = 1 << 17

# A damaged answer may raise anything while it is taken apart.
_ERRORS: Final = (
    ClientError,
    BotoCoreError,
    ResponseParserError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)


def read_bucket(reader: FileReader, number: int, address: str) -> Iterator[ReadResult]:
    """Read the objects below a prefix, in the order of their keys.

    Args:
        reader: The pass over the inputs.
        number: Index of this input.
        address: ``s3://bucket/prefix``; the prefix may be empty, or a whole key.

    Yields:
        The results. The id of a document that is an object is its whole key.
    """
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    start = reader.start_in(number)
    position = start or Position(number)
    message, code = _bucket_problem(reader.paths, bucket), ProblemCode.UNREADABLE
    empty = start is None
    if not message:
        try:
            reader.s3 = reader.s3 or _client()
            for group in group_files(_keys(reader.s3, bucket, prefix, start.file if start else "")):
                empty = False
                if start is not None and group.first < start.file:
                    continue
                files = [S3Object(reader.s3, bucket, key) for key in group.files]
                for result in reader.read_group(number, "", group, files):
                    position = result.position
                    yield result
        except _ERRORS as error:
            message = f"cannot be read: {_error_text(error)}"
        else:
            message = f"no documents in it, expected {SUPPORTED_FILES}" if empty else ""
            code = ProblemCode.NO_DOCUMENTS
    if message:
        yield ReadResult(position, SourceProblem(address, None, message, code), reader.files)


def bucket_fingerprint(address: str, client: Any = None) -> str:
    """Return what changes with the keys, the sizes and the entity tags of the objects below a prefix.

    Args:
        address: ``s3://bucket/prefix``.
        client: A boto3 client; None to make one.

    Raises:
        OSError: S3 did not list them.
    """
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    digest = hashlib.sha256()
    try:
        for entry in _entries(client or _client(), bucket, prefix, ""):
            digest.update(f"{entry['Key']}\0{entry['Size']} {entry['ETag']}\n".encode())
    except _ERRORS as error:
        raise OSError(errno.EIO, _error_text(error), address) from error
    return digest.hexdigest()


class S3Object:
    """An object that is streamed when it is read; a broken connection is resumed where it broke."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self.size = 0
        """Its bytes, once it is open."""

    @property
    def display_name(self) -> str:
        """Its address."""
        return f"s3://{self._bucket}/{self._key}"

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open it for reading forwards; what S3 refuses is an OSError with the reason."""
        raw = _Body(self._client, self._bucket, self._key)
        self.size = raw.size
        try:
            with io.BufferedReader(raw, _BUFFER) as stream:
                yield stream
        finally:
            raw.close()


class _Body(io.RawIOBase):
    """The bytes of one version of an object, across broken connections."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        super().__init__()
        self._client = client
        self._name = {"Bucket": bucket, "Key": key}
        self._offset = 0
        self.size = 0
        self._open({})

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._offset

    def readinto(self, buffer: Any) -> int:
        for left in reversed(range(_REOPENINGS)):
            try:
                data = self._body.read(len(buffer))
                break
            except BotoCoreError as error:
                if not left:
                    raise OSError(errno.EIO, _error_text(error)) from error
                self._open({"Range": f"bytes={self._offset}-", **self._version})
        buffer[: len(data)] = data
        self._offset += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_body"):
            self._body.close()
        super().close()

    def _open(self, condition: dict[str, str]) -> None:
        try:
            response = self._client.get_object(**self._name, **condition)
        except (ClientError, BotoCoreError) as error:
            raise OSError(errno.EIO, _error_text(error)) from error
        begins = str(response.get("ContentRange", "bytes 0-")).startswith(f"bytes {self._offset}-")
        if not begins or not response.get("ETag") or "ContentLength" not in response:
            # Something between has answered, or left out what was asked for: its bytes are not the object's.
            raise OSError(errno.EIO, "the answer is not one of S3")
        self._body = response["Body"]
        self._version = {"IfMatch": response["ETag"]}
        self.size = self.size or int(response["ContentLength"])


def _keys(client: Any, bucket: str, prefix: str, start: str) -> Iterator[str]:
    """Yield the keys of supported files in S3's order, which is that of Python's strings."""
    return (entry["Key"] for entry in _entries(client, bucket, prefix, start))


def _entries(client: Any, bucket: str, prefix: str, start: str) -> Iterator[Any]:
    after = {"StartAfter": resume_listing_after(start)} if start else {}
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **after)
    for page in pages:
        entries = page.get("Contents", ())
        if page.get("KeyCount") != len(entries) or "IsTruncated" not in page:
            # An empty answer, or one that was cut, must not end the list.
            raise ResponseParserError("the list of objects is not one of S3")
        yield from (entry for entry in entries if file_kind(entry["Key"]))


def _bucket_problem(paths: list[str], bucket: str) -> str:
    """Return why a bucket cannot be read as one of these inputs; "" if it can."""
    if not bucket:
        return "expected s3://bucket/prefix"
    buckets = [path.removeprefix("s3://").partition("/")[0] for path in paths if path.startswith("s3://")]
    if buckets[0] != bucket:
        return "a second bucket, whose keys may repeat ids: read one bucket per run"
    return ""


def _client() -> Any:
    # botocore waits out throttling: ten attempts per call with jitter, up to 20 s apart.
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}, connect_timeout=5, read_timeout=30
    )
    try:
        return boto3.client("s3", config=config)
    except ValueError as error:
        # botocore's error for an AWS_ENDPOINT_URL that is not a URL.
        raise EndpointConnectionError(endpoint_url=str(error)) from error


def _error_text(error: Exception) -> str:
    """Return AWS's code and message, or the error's own text; neither quotes the object."""
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        return f"{answer.get('Code', 'unknown error')}: {answer.get('Message', 'no explanation')}"
    return " ".join(str(error).split())
