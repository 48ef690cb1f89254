"""The artifact for the machine that the tests run on."""

import os
import platform
import sys
from pathlib import Path

import pytest

from support.cli import smartcat


def build_here(path: Path, *options: str) -> Path:
    """Build the zip for this machine and this Python; skip without a package index, but never in CI."""
    arch = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    done = smartcat("package", "--arch", arch, "--python", version, "--out", str(path), *options)
    if "package index cannot be reached" in done.stderr and not os.environ.get("CI"):
        pytest.skip("the package index, from which the wheels come, cannot be reached")
    if "for a compiler that can do it" in done.stderr:
        pytest.skip("needs ziglang: this machine's compiler asks for a newer glibc than the runtime has")
    assert done.returncode == 0, done.stderr
    return path
