"""Buckets of the quarantine and the failure destination: list, read, delete. Knows S3, no record."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from smartcat.cli.aws_clients import AwsError
from smartcat.s3_integrity import is_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from smartcat.cli.replay.replayable_record import ReplayableRecord

MAX_OBJECT_BYTES: Final = 32 * 1024 * 1024
"""Twice the largest record in base64, and five times the largest event: a larger object is not ours."""

PARALLEL_READS: Final = 8
READ_ATTEMPTS: Final = 3
"""Of an object, while what comes is not what is stored; botocore makes more where there is an error."""

CLOCK_SLACK: Final = timedelta(minutes=1)
"""Largest difference between the clocks of S3 and the stream: objects are written after records arrive."""

READ_AHEAD: Final = 16
"""Objects in memory at once; a failure object has at most 6 MB."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object, read.

    Attributes:
        bucket: Its bucket.
        key: Its key.
        body: Its content; None if it is too large to be one of ours.
    """

    bucket: Bucket
    key: str
    body: bytes | None = field(repr=False)

    @property
    def name(self) -> str:
        """The object as a URL."""
        return f"s3://{self.bucket.name}/{self.key}"


@dataclass(frozen=True, slots=True, eq=False)
class Bucket:
    """A bucket of objects with records; equal only to itself.

    Attributes:
        s3: A boto3 client; used by several threads at once.
        name: Its name.
        prefix: Key prefix of the objects.
        read: Parses an object's body; raises ``UnreadableObjectError``.
    """

    s3: Any = field(repr=False)
    name: str
    prefix: str
    read: Callable[[bytes], Sequence[ReplayableRecord]]

    def objects(self, since: datetime | None = None) -> Iterator[StoredObject]:
        """Yield all objects, read a few at a time, roughly in the order of their arrival.

        Within each page of 1,000 keys, numbers in keys are compared as numbers.

        Args:
            since: Skip objects written before: their records arrived before.

        Raises:
            botocore.exceptions.ClientError: S3 rejected the request.
            AwsError: A list came damaged, or an object did several times.
        """
        with ThreadPoolExecutor(PARALLEL_READS) as pool:
            for page in self._pages(since):
                entries = iter(sorted(page, key=lambda entry: natural_sort_key(entry["Key"])))
                while chunk := list(islice(entries, READ_AHEAD)):
                    yield from filter(None, pool.map(self._object, chunk))

    def _pages(self, since: datetime | None) -> Iterator[list[dict[str, Any]]]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.prefix)
        for page in pages:
            if "KeyCount" not in page:  # S3 counts them, even if there are none
                raise AwsError(f"ListObjectsV2: no list of the objects of {self.name} came; try again")
            yield [
                entry
                for entry in page.get("Contents", ())
                if since is None or entry["LastModified"] >= since - CLOCK_SLACK
            ]

    def _object(self, entry: dict[str, Any]) -> StoredObject | None:
        """Return one object; None if it was deleted meanwhile."""
        key = entry["Key"]
        if entry["Size"] > MAX_OBJECT_BYTES:
            return StoredObject(self, key, None)
        for _ in range(READ_ATTEMPTS):
            try:
                answer = self.s3.get_object(Bucket=self.name, Key=key)
                body = answer["Body"].read()
            except self.s3.exceptions.NoSuchKey:
                return None
            if len(body) == entry["Size"] and is_stored(body, answer) is not False:
                return StoredObject(self, key, body)
        raise AwsError(f"GetObject: what came of s3://{self.name}/{key} is not what is stored; try again")

    def delete(self, keys: Sequence[str]) -> dict[str, str]:
        """Delete objects.

        Args:
            keys: 1 to 1,000 keys.

        Returns:
            Error code by key, of the objects that are not known to be deleted.
        """
        answer = self.s3.delete_objects(
            Bucket=self.name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": False}
        )
        deleted = {each["Key"] for each in answer.get("Deleted", ())}
        codes = {error["Key"]: error.get("Code", "unknown") for error in answer.get("Errors", ())}
        return {key: codes.get(key, "the answer does not say") for key in keys if key not in deleted}


def natural_sort_key(key: str) -> list[tuple[str, int, str]]:
    """Return a sort key that compares the numbers in a key as numbers: more digits sort after fewer."""
    return [(text, len(digits), digits) for text, digits in re.findall(r"([^0-9]*)([0-9]*)", key)]
