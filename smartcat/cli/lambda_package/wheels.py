"""Downloads third-party wheels for another platform with pip, and unpacks them; runs none of their code."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email.parser import BytesParser
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.contents import is_included
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.locked_wheels import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from smartcat.cli.lambda_package.locked_wheels import LockedWheel
    from smartcat.cli.lambda_package.target import Target

_NO_NETWORK: Final = re.compile(
    r"connection (error|broken|refused|timed out)|new.?connection|max retries|name resolution|unreachable"
    r"|read.?timed? ?out|proxyerror|sslerror|certificate",
    re.IGNORECASE,
)
_WRONG_HASH: Final = re.compile(r"DO NOT MATCH THE HASHES.*?^\s+(\S+)", re.DOTALL | re.MULTILINE)
_NO_MATCH: Final = re.compile(r"No matching distribution found for (\S+)")
_METADATA: Final = re.compile(r"[^/]+\.dist-info/METADATA")
_DATA_FOLDER: Final = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A wheel that was fetched.

    Attributes:
        path: The file.
        name: The distribution.
        version: Its version.
        sha256: The file's checksum in hexadecimal, which is one of those that were allowed.
        licence: Its licence as an SPDX expression; None where the wheel states none.
    """

    path: Path
    name: str
    version: str
    sha256: str
    licence: str | None


def download(wheels: Sequence[LockedWheel], target: Target, folder: Path) -> list[Fetched]:
    """Download wheels for a platform; no other file than one of the checksums is accepted.

    Args:
        wheels: What to fetch. Dependencies are not resolved, since pip would resolve them for this machine's
            Python.
        target: The platform.
        folder: Where to save them.

    Returns:
        The wheels, sorted by name.

    Raises:
        PackageError: No network, no such wheel, a wheel of another checksum, no pip, or a full disk.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(f"{wheel.to_line()}\n" for wheel in wheels), "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--quiet", "--disable-pip-version-check", "--retries", "2", "--dest", str(folder)]
    command += ["--require-hashes", "--requirement", str(requirements)]
    command += ["--implementation", "cp", "--python-version", target.python]
    for abi in ("cp" + target.python.replace(".", ""), "abi3", "none"):
        command += ["--abi", abi]
    for platform in target.wheel_platforms():
        command += ["--platform", platform]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pip with our own arguments
    if done.returncode:
        raise PackageError(_reason(done.stderr, target))
    versions = {wheel.name: wheel for wheel in wheels}
    return [_fetched(path, versions) for path in sorted(folder.glob("*.whl"))]


def _fetched(path: Path, wheels: Mapping[str, LockedWheel]) -> Fetched:
    locked = wheels[normalized(path.name.split("-")[0])]
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    if checksum not in locked.sha256:
        # Whatever pip was configured to do: this is what ends up in the package.
        raise PackageError(_other_file(str(locked)))
    return Fetched(path, locked.name, locked.version, checksum, _licence(path))


def _licence(wheel: Path) -> str | None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = [name for name in archive.namelist() if _METADATA.fullmatch(name)]
        if not metadata:
            return None
        stated = BytesParser().parsebytes(archive.read(metadata[0]), headersonly=True)["License-Expression"]
        return None if stated is None else str(stated)


def unpack(wheel: Path, folder: Path) -> Iterator[str]:
    """Extract the files that are included in the package.

    Args:
        wheel: The wheel.
        folder: The root of the package's files.

    Yields:
        The path of each file below the root.
    """
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            # Wheels may have modules in a .data folder; its other subfolders are scripts, headers and data.
            info.filename = _DATA_FOLDER.sub("", info.filename)
            name = info.filename
            if not info.is_dir() and ".data/" not in name and is_included(name):
                archive.extract(info, folder)
                yield name


def _other_file(requirement: str) -> str:
    return f"{requirement}: the package index has another file than the one that was locked (SHA-256 differs)"


def _reason(output: str, target: Target) -> str:
    """Return in one line why pip failed."""
    if wrong := _WRONG_HASH.search(output):
        return _other_file(wrong[1])
    if _NO_NETWORK.search(output):
        return "the package index cannot be reached: no network, or a certificate that pip does not trust"
    if missing := _NO_MATCH.search(output):
        return f"there is no wheel of {missing[1]} for {target} (glibc 2.{target.glibc})"
    if "No space left" in output:
        return "no space left on the device while downloading wheels"
    if "No module named pip" in output:
        return f"pip is not installed in {sys.prefix}: python -m ensurepip"
    last = output.strip().splitlines()[-1:] or ["no error message"]
    return f"pip failed: {last[0]}"
