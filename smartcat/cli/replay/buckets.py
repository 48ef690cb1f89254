"""The buckets in which records were put aside: listing, reading, deleting. Knows S3, and no record."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from smartcat.cli.replay.held import Held

MAX_OBJECT_BYTES: Final = 32 * 1024 * 1024
"""Twice what the largest record takes in base64, and five events of an invocation: larger is not ours."""

PARALLEL_READS: Final = 8
CLOCK_SLACK: Final = timedelta(minutes=1)
"""How much later than S3's clock the stream's may be: an object is written after its records arrived."""

READ_AHEAD: Final = 16
"""Objects in memory at once, at most 6 MB each where they are failure objects."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object, read.

    Attributes:
        bucket: Where it is.
        key: Its key.
        body: Its content; None for one that is too large to be one of ours.
    """

    bucket: Bucket
    key: str
    body: bytes | None = field(repr=False)

    @property
    def name(self) -> str:
        """The object as people write it."""
        return f"s3://{self.bucket.name}/{self.key}"


@dataclass(frozen=True, slots=True, eq=False)
class Bucket:
    """A bucket in which records were put aside; equal to itself alone.

    Attributes:
        s3: A boto3 client; used by several threads at once.
        name: Its name.
        prefix: Only keys that begin so are looked at.
        read: Reads an object's body; raises ``UnreadableObjectError`` for what is none of ours.
    """

    s3: Any = field(repr=False)
    name: str
    prefix: str
    read: Callable[[bytes], Sequence[Held]]

    def objects(self, since: datetime | None = None) -> Iterator[StoredObject]:
        """Read all objects, few at a time, nearly in the order of their arrival.

        Within each thousand that S3 lists, numbers in keys count as numbers.

        Args:
            since: Objects written before are not read: what is in them arrived before.

        Raises:
            botocore.exceptions.ClientError: S3 refused.
        """
        with ThreadPoolExecutor(PARALLEL_READS) as pool:
            for page in self._pages(since):
                entries = iter(sorted(page, key=lambda entry: natural(entry["Key"])))
                while chunk := list(islice(entries, READ_AHEAD)):
                    yield from filter(None, pool.map(self._object, chunk))

    def _pages(self, since: datetime | None) -> Iterator[list[dict[str, Any]]]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.prefix)
        for page in pages:
            yield [
                entry
                for entry in page.get("Contents", ())
                if since is None or entry["LastModified"] >= since - CLOCK_SLACK
            ]

    def _object(self, entry: dict[str, Any]) -> StoredObject | None:
        """Read one object; None if somebody else deleted it meanwhile."""
        key = entry["Key"]
        if entry["Size"] > MAX_OBJECT_BYTES:
            return StoredObject(self, key, None)
        try:
            body = self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None
        return StoredObject(self, key, body)

    def delete(self, keys: Sequence[str]) -> dict[str, str]:
        """Delete objects.

        Args:
            keys: 1 to 1,000.

        Returns:
            Key and error code of each that could not be deleted.
        """
        answer = self.s3.delete_objects(
            Bucket=self.name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        return {error["Key"]: error.get("Code", "unknown") for error in answer.get("Errors", ())}


def natural(key: str) -> list[tuple[str, int, str]]:
    """Give what sorts keys with the numbers in them as numbers: more digits go after fewer."""
    return [(text, len(digits), digits) for text, digits in re.findall(r"([^0-9]*)([0-9]*)", key)]
