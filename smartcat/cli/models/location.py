"""Locations of published models in S3: keys and versions, composed and parsed. Pure."""

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
"""A key has at most 1,024 bytes (S3 user guide), up to 130 of which follow the prefix."""


@dataclass(frozen=True, slots=True)
class Location:
    """An S3 prefix that holds the versions of a model and the pointer to the promoted one.

    Attributes:
        bucket: The bucket.
        prefix: Prefix of all keys: empty, or with a slash at the end.
    """

    bucket: str
    prefix: str

    def __str__(self) -> str:
        """The location as a URL."""
        return f"{SCHEME}{self.bucket}/{self.prefix}"

    @property
    def pointer(self) -> str:
        """Key of the pointer."""
        return f"{self.prefix}{POINTER}"

    @property
    def versions(self) -> str:
        """Key prefix of all versions."""
        return f"{self.prefix}{_VERSIONS}"

    def folder(self, version: str) -> str:
        """Return the key prefix of a version."""
        return f"{self.versions}{version}/"

    def key(self, version: str, name: str) -> str:
        """Return the key of a file of a version."""
        return f"{self.folder(version)}{name}"

    def url(self, version: str) -> str:
        """Return the URL of a version, which is the value of a function's ``SMARTCAT_MODEL``."""
        return f"{SCHEME}{self.bucket}/{self.folder(version)}"

    def parts(self, key: str) -> tuple[str, str] | None:
        """Return version and file name of a key; None for a key that is not a file of a version."""
        version, slash, name = key.removeprefix(self.versions).partition("/")
        if not key.startswith(self.versions) or not slash or not name or "/" in name:
            return None
        return (version, name) if _VERSION.fullmatch(version) else None


def parse_location(text: str) -> Location:
    """Parse a location, such as ``s3://bucket/prefix/``; the slash at the end is optional.

    Raises:
        LocationError: It is malformed, or points inside of a location.
    """
    if not text.startswith(SCHEME):
        raise LocationError(f"{text}: expected s3://bucket/prefix")
    bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise LocationError(f"{text}: expected a bucket name of 3 to 63 characters after s3://")
    if _INSIDE.search(prefix):
        raise LocationError(f"{text}: expected the prefix that holds all versions, not a path inside of it")
    prefix = f"{prefix.removesuffix('/')}/" if prefix else ""
    if prefix.startswith("/") or "//" in prefix:
        raise LocationError(f"{text}: expected no empty part between two slashes")
    if not prefix.isprintable() or len(prefix.encode()) > _MAX_PREFIX_BYTES:
        raise LocationError(f"{text}: expected a prefix of at most {_MAX_PREFIX_BYTES} printable bytes")
    return Location(bucket, prefix)


def check_version(text: str) -> str:
    """Return the version if it is well-formed.

    Raises:
        LocationError: It is malformed.
    """
    if not _VERSION.fullmatch(text):
        raise LocationError(f"{text!r} is not a model version: expected 12 digits of 0-9 and a-f")
    return text
