"""Third-party code for another platform: pip fetches the wheels, nothing of them is run here."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.contents import belongs
from smartcat.cli.lambda_package.errors import ArtifactError
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
    """Pin each distribution to the version installed here, which is the one that was tried here.

    Raises:
        ArtifactError: One of them is not installed.
    """
    return [f"{name}=={_installed(name)}" for name in names]


def download(requirements: Iterable[str], target: Target, folder: Path) -> list[Path]:
    """Fetch the wheels for a platform.

    Args:
        requirements: Pinned; what they require in turn is not looked at, since pip would judge that by this
            machine's Python.
        target: The platform.
        folder: Where to put them.

    Returns:
        The wheels, sorted by name.

    Raises:
        ArtifactError: No network, no such wheel, no pip, or no space.
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
        raise ArtifactError(_reason(done.stderr, target))
    return sorted(folder.glob("*.whl"))


def unpack(wheel: Path, folder: Path) -> Iterator[str]:
    """Extract what belongs into an artifact.

    Args:
        wheel: The wheel.
        folder: The root of the artifact's files.

    Yields:
        The path of each file below the root.
    """
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            # Wheels may keep modules aside, by kind; the other kinds are scripts, headers and data.
            info.filename = _DATA_FOLDER.sub("", info.filename)
            name = info.filename
            if not info.is_dir() and ".data/" not in name and belongs(name):
                archive.extract(info, folder)
                yield name


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        message = f"{name} is not installed, so its version is not known: {install_command('lambda')}"
        raise ArtifactError(message) from None


def _reason(said: str, target: Target) -> str:
    """Say in one line why pip failed."""
    if _NO_NETWORK.search(said):
        return "the package index cannot be reached: pip has no network, or no index that it trusts"
    if missing := _NO_MATCH.search(said):
        return f"there is no wheel of {missing[1]} for {target} (glibc 2.{target.glibc})"
    if "No space left" in said:
        return "no space left on the device while wheels were downloaded"
    if "No module named pip" in said:
        return f"pip is not installed in {sys.prefix}: python -m ensurepip"
    last = said.strip().splitlines()[-1:] or ["it said nothing"]
    return f"pip failed: {last[0]}"
