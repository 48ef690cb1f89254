"""Objects in S3 as files: the only source that knows boto3. Lists a page at a time, streams each object."""

from __future__ import annotations

import errno
import io
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from producers.sources.found import Found, Position, SourceProblem, Trouble
from producers.sources.kinds import KINDS, kind_of, resume_listing_after, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producers.sources.reading import Reading

_ATTEMPTS: Final = 10
_REOPENINGS: Final = 5
_BUFFER: Final = 1 << 17


def read_bucket(reading: Reading, number: int, address: str) -> Iterator[Found]:
    """Read the objects below a prefix, in the order of their keys.

    Args:
        reading: The pass over the inputs.
        number: Which input this is.
        address: ``s3://bucket/prefix``; the prefix may be empty, or a whole key.

    Yields:
        What was found. The id of a document that is an object is its whole key.
    """
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    start = reading.start_in(number)
    position = start or Position(number)
    message, reason = _wrong_with(reading.paths, bucket), Trouble.UNREADABLE
    empty = start is None
    if not message:
        try:
            reading.s3 = reading.s3 or _client()
            for unit in units(_keys(reading.s3, bucket, prefix, start.file if start else "")):
                empty = False
                if start is not None and unit.first < start.file:
                    continue
                files = [S3Object(reading.s3, bucket, key) for key in unit.files]
                for found in reading.unit(number, "", unit, files):
                    position = found.position
                    yield found
        except (ClientError, BotoCoreError) as error:
            message = f"cannot be read: {_said(error)}"
        else:
            message = f"no documents below it, expected {KINDS}" if empty else ""
            reason = Trouble.NO_DOCUMENTS
    if message:
        yield Found(position, SourceProblem(address, None, message, reason), reading.files)


class S3Object:
    """An object that is streamed when it is read; a connection that breaks is taken up where it broke."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self.size = 0
        """Its bytes, once it is open."""

    @property
    def shown(self) -> str:
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
    """The bytes of one version of an object, whatever happens to the connection meanwhile."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        super().__init__()
        self._client = client
        self._name = {"Bucket": bucket, "Key": key}
        self._done = 0
        answer = self._get({})
        self._body = answer["Body"]
        self._version = {"IfMatch": answer["ETag"]}
        self.size = int(answer["ContentLength"])

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._done

    def readinto(self, buffer: Any) -> int:
        for left in reversed(range(_REOPENINGS)):
            try:
                data = self._body.read(len(buffer))
                break
            except BotoCoreError as error:
                if not left:
                    raise OSError(errno.EIO, _said(error)) from error
                self._body = self._get({"Range": f"bytes={self._done}-", **self._version})["Body"]
        buffer[: len(data)] = data
        self._done += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_body"):
            self._body.close()
        super().close()

    def _get(self, which: dict[str, str]) -> Any:
        try:
            return self._client.get_object(**self._name, **which)
        except (ClientError, BotoCoreError) as error:
            raise OSError(errno.EIO, _said(error)) from error


def _keys(client: Any, bucket: str, prefix: str, start: str) -> Iterator[str]:
    """List keys of the kinds that are read, in S3's order, which is that of Python's strings."""
    after = {"StartAfter": resume_listing_after(start)} if start else {}
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **after)
    for page in pages:
        for entry in page.get("Contents", ()):
            if kind_of(entry["Key"]):
                yield entry["Key"]


def _wrong_with(paths: list[str], bucket: str) -> str:
    if not bucket:
        return "expected s3://bucket/prefix"
    buckets = [path.removeprefix("s3://").partition("/")[0] for path in paths if path.startswith("s3://")]
    if buckets[0] != bucket:
        return "a second bucket: its keys may be the same ids, so give one bucket a run"
    return ""


def _client() -> Any:
    # Throttling is waited out: ten attempts a call with jitter, up to 20 s apart.
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}, connect_timeout=5, read_timeout=30
    )
    try:
        return boto3.client("s3", config=config)
    except ValueError as error:
        # botocore's answer to an AWS_ENDPOINT_URL that is no address.
        raise EndpointConnectionError(endpoint_url=str(error)) from error


def _said(error: Exception) -> str:
    """Give AWS's code, or the error's own line; neither holds what is in the object."""
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        return f"{answer.get('Code', 'unknown error')}: {answer.get('Message', 'no explanation')}"
    return " ".join(str(error).split())
