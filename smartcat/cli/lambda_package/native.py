"""The compiled engine for another platform: C sources in, a shared object out."""

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

from smartcat.cli.lambda_package.errors import ArtifactError
from smartcat.cli.package import package_folder
from smartcat.distribution import install_command

if TYPE_CHECKING:
    from smartcat.cli.lambda_package.target import Target

ENGINE_FILE: Final = "smartcat/classifier/_native.abi3.so"

# Those of setup.py. CPython's limited API is one for all platforms of 64 bits, so this machine's headers do.
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
    """A command that compiles for a target.

    Attributes:
        command: Its first words.
        name: What to call it.
    """

    command: tuple[str, ...]
    name: str


def find_compiler(target: Target) -> Compiler:
    """Choose the compiler: Zig's where it is installed, for it knows every platform; else this machine's.

    Raises:
        ArtifactError: Neither can compile for the target.
    """
    if find_spec("ziglang"):
        command = (sys.executable, "-m", "ziglang", "cc", "-target", target.triple)
        return Compiler(command, f"zig {version('ziglang')} for {target.triple}")
    here = f"{platform.machine()} {platform.system()}"
    if (platform.system(), platform.machine()) != ("Linux", target.machine):
        raise ArtifactError(f"the C compiler of {here} cannot make it: {install_command('package')}")
    for name in filter(None, (os.environ.get("CC"), "cc", "gcc", "clang")):
        if path := shutil.which(name):
            return Compiler((path,), f"{name} of this machine")
    raise ArtifactError(f"there is no C compiler here: {install_command('package')}")


def compile_engine(target: Target, compiler: Compiler, folder: Path) -> None:
    """Compile the engine.

    Args:
        target: The platform.
        compiler: What compiles for it.
        folder: The root of the artifact's files.

    Raises:
        ArtifactError: It cannot be compiled, or asks for a newer glibc than the target's.
    """
    sources = sorted(str(file) for file in (package_folder("smartcat.classifier") / "_engine").glob("*.c"))
    headers = sysconfig.get_path("include")
    if not sources:
        raise ArtifactError("the engine's C sources are not part of this installation")
    if not Path(headers, "Python.h").is_file():
        raise ArtifactError(f"Python's headers are not at {headers}: install python3-dev")
    output = folder / ENGINE_FILE
    command = [*compiler.command, *_FLAGS, f"-I{headers}", *sources, "-lm", "-o", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the compiler with our own arguments
    if done.returncode:
        told = next((line for line in done.stderr.splitlines() if "error" in line.lower()), "it said nothing")
        raise ArtifactError(f"{compiler.name} cannot compile the engine: {told}")
    check_glibc(output.read_bytes(), target, compiler.name)


def check_glibc(library: bytes, target: Target, compiler: str) -> None:
    """Refuse a shared object that the target's loader would refuse.

    Args:
        library: Its content.
        target: The platform.
        compiler: What made it.

    Raises:
        ArtifactError: It asks for a newer glibc.
    """
    newest = max((int(minor) for minor in _GLIBC.findall(library)), default=0)
    if newest > target.glibc:
        raise ArtifactError(
            f"{compiler} asks for glibc 2.{newest}, and {target} has 2.{target.glibc}:"
            f" for a compiler that can do it, {install_command('package')}"
        )
