"""Downloads third-party wheels for another platform with pip, and unpacks them; runs none of their code."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.contents import is_included
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.distribution import install_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from smartcat.cli.lambda_package.target import Target

_NO_NETWORK: Final = re.compile(
    r"connection (error|broken|refused|timed out)|new.?connection|max retries|name resolution|unreachable"
    r"|read.?timed? ?out|proxyerror|sslerror|certificate",
    re.IGNORECASE,
)
_NO_MATCH: Final = re.compile(r"No matching distribution found for (\S+)")
_DATA_FOLDER: Final = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")


def pins(names: Iterable[str]) -> list[str]:
    """Return requirements pinned to the installed versions, which are the tested ones.

    Raises:
        PackageError: One of them is not installed.
    """
    return [f"{name}=={_installed(name)}" for name in names]


def download(requirements: Iterable[str], target: Target, folder: Path) -> list[Path]:
    """Download the wheels for a platform.

    Args:
        requirements: Pinned requirements. Dependencies are not resolved, since pip would resolve them for
            this machine's Python.
        target: The platform.
        folder: Where to save them.

    Returns:
        The wheels, sorted by name.

    Raises:
        PackageError: No network, no such wheel, no pip, or a full disk.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--quiet", "--disable-pip-version-check", "--retries", "2", "--dest", str(folder)]
    command += ["--implementation", "cp", "--python-version", target.python]
    for abi in ("cp" + target.python.replace(".", ""), "abi3", "none"):
        command += ["--abi", abi]
    for platform in target.wheel_platforms():
        command += ["--platform", platform]
    done = subprocess.run([*command, *requirements], capture_output=True, text=True, check=False)  # noqa: S603 - pip with our own arguments
    if done.returncode:
        raise PackageError(_reason(done.stderr, target))
    return sorted(folder.glob("*.whl"))


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


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        message = f"{name} is not installed, so its version is unknown: {install_command('lambda')}"
        raise PackageError(message) from None


def _reason(output: str, target: Target) -> str:
    """Return in one line why pip failed."""
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
