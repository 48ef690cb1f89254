"""Bytecode for the artifact: Lambda cannot write any, so without it every cold start compiles all modules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.errors import ArtifactError

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.cli.lambda_package.target import Target

TASK_ROOT: Final = "/var/task"
"""Where Lambda unpacks the zip; tracebacks name it, and not this machine's folders."""

_VERSION: Final = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"


def find_python(target: Target) -> str | None:
    """Find an interpreter of the target's version: bytecode depends on that, and not on the platform.

    Returns:
        Its path; None where this machine has none.
    """
    for candidate in (sys.executable, shutil.which(f"python{target.python}")):
        if candidate and _says(candidate) == f"cpython {target.python}":
            return candidate
    return None


def compile_modules(python: str, folder: Path) -> None:
    """Write the bytecode of all modules beside them; it is used without a look at the source.

    Args:
        python: The interpreter.
        folder: The root of the artifact's files.

    Raises:
        ArtifactError: A module cannot be compiled, or there is no space.
    """
    command = [python, "-s", "-m", "compileall", "-q", "-f", "-s", str(folder), "-p", TASK_ROOT]
    command += ["--invalidation-mode", "unchecked-hash", str(folder)]
    # Sets are ordered by hashes of strings, and would be in the bytecode in another order each time.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - Python with our own arguments
    if done.returncode:
        told = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["it said nothing"]
        raise ArtifactError(f"the modules cannot be compiled: {told[0]}")


def _says(python: str) -> str:
    # A version manager's stand-in may be on the path without the version it stands for.
    done = subprocess.run([python, "-I", "-c", _VERSION], capture_output=True, text=True, check=False)  # noqa: S603 - the same
    return done.stdout.strip()
