"""Where published models are: names of keys and versions, both ways. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from smartcat.cli.models.errors import LocationError

SCHEME: Final = "s3://"
MANIFEST: Final = "manifest.json"
POINTER: Final = "current.json"
_VERSIONS: Final = "versions/"

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_VERSION: Final = re.compile(r"[0-9a-f]{12}")
_INSIDE: Final = re.compile(r"(?:^|/)versions/[0-9a-f]{12}(?:/|$)|(?:^|/)(?:manifest|current)\.json$")
_MAX_PREFIX_BYTES: Final = 800
"""A key has at most 1,024 bytes (S3 user guide); what is behind the prefix takes up to 130 of them."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place that holds versions of a model, and the pointer to the promoted one.

    Attributes:
        bucket: The bucket.
        prefix: What all keys begin with: empty, or ends with a slash.
    """

    bucket: str
    prefix: str

    def __str__(self) -> str:
        """The place as people write it."""
        return f"{SCHEME}{self.bucket}/{self.prefix}"

    @property
    def pointer(self) -> str:
        """The key of the pointer."""
        return f"{self.prefix}{POINTER}"

    @property
    def versions(self) -> str:
        """What the keys of all versions begin with."""
        return f"{self.prefix}{_VERSIONS}"

    def folder(self, version: str) -> str:
        """Give what the keys of a version begin with."""
        return f"{self.versions}{version}/"

    def key(self, version: str, name: str) -> str:
        """Give the key of a file of a version."""
        return f"{self.folder(version)}{name}"

    def pin(self, version: str) -> str:
        """Give what a function's ``SMARTCAT_MODEL`` is set to, to serve the version."""
        return f"{SCHEME}{self.bucket}/{self.folder(version)}"

    def parts(self, key: str) -> tuple[str, str] | None:
        """Tell version and file of a key; None for a key that is no file of a version."""
        version, slash, name = key.removeprefix(self.versions).partition("/")
        if not key.startswith(self.versions) or not slash or not name or "/" in name:
            return None
        return (version, name) if _VERSION.fullmatch(version) else None


def parse_location(text: str) -> Location:
    """Read a location, such as ``s3://bucket/prefix/``; the slash at the end may be missing.

    Raises:
        LocationError: It is no such location, or that of something inside of one.
    """
    if not text.startswith(SCHEME):
        raise LocationError(f"{text}: expected s3://bucket/prefix")
    bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise LocationError(f"{text}: expected a bucket's name behind s3://, of 3 to 63 characters")
    if _INSIDE.search(prefix):
        raise LocationError(f"{text}: expected the place that holds all versions, not something inside of it")
    prefix = f"{prefix.removesuffix('/')}/" if prefix else ""
    if prefix.startswith("/") or "//" in prefix:
        raise LocationError(f"{text}: expected no empty part between two slashes")
    if not prefix.isprintable() or len(prefix.encode()) > _MAX_PREFIX_BYTES:
        raise LocationError(f"{text}: expected a prefix of at most {_MAX_PREFIX_BYTES} printable bytes")
    return Location(bucket, prefix)


def check_version(text: str) -> str:
    """Give the version back if it may be one.

    Raises:
        LocationError: It is none.
    """
    if not _VERSION.fullmatch(text):
        raise LocationError(f"{text!r} is no version of a model: expected 12 digits of 0-9 and a-f")
    return text
