"""Which wheels may be fetched: versions and SHA-256 checksums, from a requirements file. Fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.contents import (
    BOTO3_DISTRIBUTIONS,
    FUNCTION_DISTRIBUTIONS,
    SKLEARN_DISTRIBUTIONS,
)
from smartcat.cli.lambda_package.errors import PackageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OWN_LOCK: Final = "locked.txt"
"""The part of constraints.txt that a package may hold; it lies beside this module, in the wheel too."""

# name==version, a marker, and hashes, as pip, pip-tools and uv write them.
_NAMED: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*(?P<rest>.+)")
_PINNED: Final = re.compile(
    r"(?P<version>[A-Za-z0-9][A-Za-z0-9.+!_-]*)\s*(?:;[^\\]*?)?(?P<hashes>(?:\s+--hash=sha256:[0-9a-f]{64})+)"
)


@dataclass(frozen=True, slots=True)
class LockedWheel:
    """One version of a distribution, and the files of it that may be used.

    Attributes:
        name: The distribution, as the package index spells it: lower case, hyphens.
        version: Its version.
        sha256: Checksums of its files for every platform, in hexadecimal.
    """

    name: str
    version: str
    sha256: tuple[str, ...]

    def __str__(self) -> str:
        """The requirement."""
        return f"{self.name}=={self.version}"

    def to_line(self) -> str:
        """Return the requirement with its checksums, as a line of a requirements file."""
        return " ".join([str(self), *(f"--hash=sha256:{checksum}" for checksum in self.sha256)])


def own_lock() -> str:
    """Return the lock that this version of smartcat was tested with."""
    return files(__package__).joinpath(OWN_LOCK).read_text("utf-8")


def locked_wheels(names: Iterable[str], text: str, where: str) -> list[LockedWheel]:
    """Return the wheels of these distributions.

    Args:
        names: Distributions, in any spelling.
        text: A requirements file with hashes. What it says of others is not looked at.
        where: Names the file in errors.

    Raises:
        PackageError: A distribution is missing, has no SHA-256 checksum, or has two versions.
    """
    found: dict[str, LockedWheel] = {}
    wanted = [normalized(name) for name in names]
    for line in _logical_lines(text):
        named = _NAMED.fullmatch(line)
        name = normalized(named["name"]) if named else ""
        if named is None or name not in wanted:
            continue
        pinned = _PINNED.fullmatch(named["rest"])
        if pinned is None:
            raise PackageError(f"{where}: {name} has no SHA-256 checksum (--hash=sha256:...)")
        if name in found:
            raise PackageError(f"{where}: {name} is there twice; a package holds one version")
        checksums = re.findall(r"[0-9a-f]{64}", pinned["hashes"])
        found[name] = LockedWheel(name, pinned["version"], tuple(checksums))
    for name in wanted:
        if name not in found:
            raise PackageError(f"{where}: {name} is missing, with its version and SHA-256 checksums")
    return [found[name] for name in wanted]


def extract(text: str, where: str) -> str:
    """Return the part of a lock that a package may hold: what `make lock` writes beside this module."""
    names = sorted({*FUNCTION_DISTRIBUTIONS, *SKLEARN_DISTRIBUTIONS, *BOTO3_DISTRIBUTIONS})
    lines = [f"{wheel.to_line()}\n" for wheel in locked_wheels(names, text, where)]
    return "".join(
        ["# The part of constraints.txt that a Lambda package may hold; written by make lock.\n", *lines]
    )


def differing(wheels: Sequence[LockedWheel]) -> list[tuple[LockedWheel, str]]:
    """Return the wheels of which another version is installed here, with that version."""
    installed = [(wheel, _installed(wheel.name)) for wheel in wheels]
    return [(wheel, other) for wheel, other in installed if other is not None and other != wheel.version]


def normalized(name: str) -> str:
    """Return a distribution's name as the package index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _logical_lines(text: str) -> Iterable[str]:
    lines = (line.split(" #")[0].strip() for line in text.replace("\\\n", " ").splitlines())
    return (line for line in lines if line and not line.startswith(("#", "-")))


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
