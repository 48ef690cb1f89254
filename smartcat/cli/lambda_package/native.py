"""Compiles the scoring engine for another platform."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.function_code import package_folder
from smartcat.distribution import install_command

if TYPE_CHECKING:
    from smartcat.cli.lambda_package.target import Target

ENGINE_FILE: Final = "smartcat/classifier/_native.abi3.so"

# Those of setup.py. CPython's limited API is the same on all 64-bit platforms, so this machine's headers do.
_FLAGS: Final = (
    "-shared",
    "-fPIC",
    "-std=c11",
    "-O3",
    "-g0",
    "-s",
    "-DNDEBUG",
    "-ffp-contract=off",
    "-fvisibility=hidden",
    "-DPy_LIMITED_API=0x030B0000",
)
_GLIBC: Final = re.compile(rb"GLIBC_2\.(\d+)")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler for a target.

    Attributes:
        command: First arguments of its command line.
        name: Its name for messages.
    """

    command: tuple[str, ...]
    name: str


def find_compiler(target: Target) -> Compiler:
    """Return the compiler: Zig's if installed, since it knows every platform, or else this machine's.

    Raises:
        PackageError: Neither can compile for the target.
    """
    if find_spec("ziglang"):
        command = (sys.executable, "-m", "ziglang", "cc", "-target", target.triple)
        return Compiler(command, f"zig {version('ziglang')} for {target.triple}")
    here = f"{platform.machine()} {platform.system()}"
    if (platform.system(), platform.machine()) != ("Linux", target.machine):
        raise PackageError(f"the C compiler of {here} cannot make it: {install_command('package')}")
    for name in filter(None, (os.environ.get("CC"), "cc", "gcc", "clang")):
        if path := shutil.which(name):
            return Compiler((path,), f"{name} of this machine")
    raise PackageError(f"there is no C compiler here: {install_command('package')}")


def compile_engine(target: Target, compiler: Compiler, folder: Path) -> None:
    """Compile the engine.

    Args:
        target: The platform.
        compiler: What compiles for it.
        folder: The root of the package's files.

    Raises:
        PackageError: It cannot be compiled, or requires a newer glibc than the target has.
    """
    sources = sorted(str(file) for file in (package_folder("smartcat.classifier") / "_engine").glob("*.c"))
    headers = sysconfig.get_path("include")
    if not sources:
        raise PackageError("the engine's C sources are not part of this installation")
    if not Path(headers, "Python.h").is_file():
        raise PackageError(f"Python's headers are not at {headers}: install python3-dev")
    output = folder / ENGINE_FILE
    command = [*compiler.command, *_FLAGS, f"-I{headers}", *sources, "-lm", "-o", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the compiler with our own arguments
    if done.returncode:
        problem = next(
            (line for line in done.stderr.splitlines() if "error" in line.lower()), "no error message"
        )
        raise PackageError(f"{compiler.name} cannot compile the engine: {problem}")
    check_glibc(output.read_bytes(), target, compiler.name)


def check_glibc(library: bytes, target: Target, compiler: str) -> None:
    """Reject a shared object that the target cannot load.

    Args:
        library: Its content.
        target: The platform.
        compiler: Name of the compiler.

    Raises:
        PackageError: It requires a newer glibc.
    """
    newest = max((int(minor) for minor in _GLIBC.findall(library)), default=0)
    if newest > target.glibc:
        raise PackageError(
            f"{compiler} requires glibc 2.{newest}, but {target} has 2.{target.glibc}:"
            f" for a compiler that can do it, {install_command('package')}"
        )
