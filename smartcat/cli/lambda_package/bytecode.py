"""Compiles bytecode: Lambda cannot write it, so without it every cold start compiles all modules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.errors import PackageError

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.cli.lambda_package.target import Target

TASK_ROOT: Final = "/var/task"
"""Where Lambda unpacks the zip; tracebacks name it instead of this machine's folders."""

_VERSION: Final = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"


def find_python(target: Target) -> str | None:
    """Find an interpreter of the target's version: bytecode depends on it, but not on the platform.

    Returns:
        Its path; None if this machine has none.
    """
    for candidate in (sys.executable, shutil.which(f"python{target.python}")):
        if candidate and _version_of(candidate) == f"cpython {target.python}":
            return candidate
    return None


def compile_modules(python: str, folder: Path) -> None:
    """Write the bytecode of all modules next to them; Python uses it without checking the source.

    Args:
        python: The interpreter.
        folder: The root of the package's files.

    Raises:
        PackageError: A module cannot be compiled, or the disk is full.
    """
    command = [python, "-s", "-m", "compileall", "-q", "-f", "-s", str(folder), "-p", TASK_ROOT]
    command += ["--invalidation-mode", "unchecked-hash", str(folder)]
    # The order of sets depends on hashes of strings: fix it, for reproducible bytecode.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - Python with our own arguments
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no error message"]
        raise PackageError(f"the modules cannot be compiled: {lines[0]}")


def _version_of(python: str) -> str:
    # A version manager's shim may be on the path without the version that it stands for.
    done = subprocess.run([python, "-I", "-c", _VERSION], capture_output=True, text=True, check=False)  # noqa: S603 - the same
    return done.stdout.strip()
