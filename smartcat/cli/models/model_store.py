"""Published models in S3: the only module of this package that calls S3. Decides nothing."""

from __future__ import annotations

import base64
import hashlib
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from smartcat.aws_errors import error_code
from smartcat.cli.aws_clients import AwsError, error_line
from smartcat.cli.models.errors import ConflictError, DamagedError, NotPublishedError
from smartcat.cli.models.location import MANIFEST
from smartcat.cli.models.pointer import MAX_POINTER_BYTES
from smartcat.cli.models.published_manifest import MAX_MANIFEST_BYTES, PublishedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartcat.cli.models.location import Location

_MISSING: Final = frozenset({"NoSuchKey", "404"})
# 412: the object has changed. 409: somebody is writing it. 404: it was deleted (S3 user guide, "How to
# prevent object overwrites with conditional writes").
_CONFLICT: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_CHUNK: Final = 1024 * 1024
READS: Final = 3
"""How often a small object is read: a connection may break in its body, where botocore tries no more."""


@dataclass(frozen=True, slots=True)
class ModelStore:
    """A location in S3.

    Attributes:
        s3: A boto3 client; used by several threads at once.
        location: Bucket and prefix.
    """

    s3: Any = field(repr=False)
    location: Location

    def versions(self) -> dict[str, dict[str, int]]:
        """Return file sizes by version and name; a version without a manifest is not published."""
        return self._list(self.location.versions)

    def files(self, version: str) -> dict[str, int]:
        """Return the sizes of a version's files by name; empty if there are none."""
        return self._list(self.location.folder(version)).get(version, {})

    def stored_file(self, version: str, name: str, size: int) -> PublishedFile | None:
        """Return size and checksum of a stored file.

        Args:
            version: Its version.
            name: Its name.
            size: Its size, as listed.

        Returns:
            The stored file, read as a whole if S3 has no SHA-256 of it; None if it was deleted.
        """
        key = self.location.key(version, name)
        with self._bucket_named(f"reading {key}"):
            head = self._if_exists(self.s3.head_object, Key=key, ChecksumMode="ENABLED")
            if head is None:
                return None
            stored = _hexadecimal(head.get("ChecksumSHA256", ""))
            if stored is None:
                body = self.s3.get_object(Bucket=self.location.bucket, Key=key)["Body"]
                stored = _digest(body)
        return PublishedFile(bytes=size, sha256=stored)

    def manifest(self, version: str) -> bytes | None:
        """Return a version's manifest, at most one byte above the size limit; None if there is none."""
        found = self._read(self.location.key(version, MANIFEST), MAX_MANIFEST_BYTES)
        return None if found is None else found[0]

    def put_file(self, version: str, name: str, stream: IO[bytes], file: PublishedFile) -> None:
        """Upload a file in one request, so that it is stored whole or not at all.

        S3 verifies the checksum. Encryption is configured on the bucket.

        Raises:
            DamagedError: The stream has other content.
        """
        if _digest(stream) != file.sha256 or stream.tell() != file.bytes:
            raise DamagedError(f"{name}: changed while it was being published; its version is incomplete")
        stream.seek(0)
        self._put(self.location.key(version, name), stream, file.sha256)

    def put_manifest(self, version: str, content: bytes) -> None:
        """Upload a version's manifest, which publishes the version.

        Raises:
            ConflictError: There is one already.
        """
        self._put(self.location.key(version, MANIFEST), content, _digest_of(content), IfNoneMatch="*")

    def pointer(self) -> tuple[bytes, str] | None:
        """Return the pointer and its entity tag; None before the first promotion."""
        return self._read(self.location.pointer, MAX_POINTER_BYTES)

    def put_pointer(self, content: bytes, replacing: str | None) -> None:
        """Write the pointer, if it has not changed since it was read.

        Args:
            content: The new pointer.
            replacing: The entity tag of the pointer that was read; None if there was none.

        Raises:
            ConflictError: It has changed.
        """
        condition = {"IfNoneMatch": "*"} if replacing is None else {"IfMatch": replacing}
        self._put(self.location.pointer, content, _digest_of(content), **condition)

    def _put(self, key: str, body: IO[bytes] | bytes, sha256: str, **condition: str) -> None:
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        with self._bucket_named(f"writing {key}"):
            try:
                self.s3.put_object(
                    Bucket=self.location.bucket,
                    Key=key,
                    Body=body,
                    ContentType="application/json" if key.endswith(".json") else "application/octet-stream",
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=checksum,
                    **condition,
                )
            except ClientError as error:
                conflict = _CONFLICT | (_MISSING if "IfMatch" in condition else frozenset())
                if condition and error_code(error.response) in conflict:
                    raise ConflictError(f"{key}: somebody else wrote it meanwhile") from error
                raise

    def _read(self, key: str, limit: int) -> tuple[bytes, str] | None:
        """Return an object's bytes, at most one above the limit, and its entity tag; None if there is none.

        Raises:
            AwsError: The answer never arrived whole.
        """
        for attempt in range(1, READS + 1):
            with self._bucket_named(f"reading {key}"):
                answer = self._if_exists(self.s3.get_object, Key=key)
            if answer is None:
                return None
            try:
                return _read_to_end(answer["Body"], limit), answer["ETag"]
            except BotoCoreError as error:
                if attempt == READS:
                    where = f"{key} in bucket {self.location.bucket!r}"
                    raise AwsError(f"{where} did not arrive whole: try again ({error})") from error
        raise AssertionError("unreachable")  # pragma: no cover - the last attempt returns or raises

    def _list(self, prefix: str) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.location.bucket, Prefix=prefix)
        with self._bucket_named("listing"):
            for entry in (entry for page in pages for entry in page.get("Contents", ())):
                if parts := self.location.parts(entry["Key"]):
                    version, name = parts
                    found.setdefault(version, {})[name] = entry["Size"]
        return found

    def _if_exists(self, operation: Any, **arguments: Any) -> Any:
        try:
            return operation(Bucket=self.location.bucket, **arguments)
        except ClientError as error:
            if error_code(error.response) in _MISSING:
                return None
            raise

    @contextmanager
    def _bucket_named(self, action: str) -> Iterator[None]:
        """Add the bucket and the action to an error of S3, which names neither."""
        try:
            yield
        except ClientError as error:
            bucket = self.location.bucket
            if error_code(error.response) == "NoSuchBucket":
                raise NotPublishedError(f"no bucket {bucket!r}") from error
            raise AwsError(f"{error_line(error)} ({action} in bucket {bucket!r})") from error


def _read_to_end(answer: Any, limit: int) -> bytes:
    """Return at most one byte above the limit; of a shorter body, all, compared with its length and checksum.

    botocore compares at the end of the body, and not at all under its `with`, which gives the bare stream.
    """
    with closing(answer) as body:
        content: bytes = body.read(limit + 1)
        while len(content) <= limit and (more := body.read(limit + 1 - len(content))):
            content += more
        return content


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hexadecimal(checksum: str) -> str | None:
    """Return a checksum of S3 in hexadecimal; None without one, and for one of a multipart upload."""
    return None if not checksum or "-" in checksum else base64.b64decode(checksum).hex()
