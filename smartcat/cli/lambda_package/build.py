"""Builds a Lambda package: wheels, our own modules, the compiled engine, a model, bytecode, one zip."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from smartcat.cli.lambda_package.archive import write_zip
from smartcat.cli.lambda_package.bytecode import compile_modules, find_python
from smartcat.cli.lambda_package.contents import distributions
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.function_code import own_modules
from smartcat.cli.lambda_package.native import ENGINE_FILE, compile_engine, find_compiler
from smartcat.cli.lambda_package.wheels import download, pins, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from smartcat.cli.lambda_package.contents import Engine
    from smartcat.cli.lambda_package.target import Target

MAX_COMPILED_BYTES: Final = 8_000_000
"""Our own budget for a zip with the compiled engine, without its model."""
MAX_UNZIPPED_BYTES: Final = 250 * 1024 * 1024
"""AWS's limit on a function's files, layers included."""
MODEL_FOLDER: Final = "model"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What to build.

    Attributes:
        target: The platform.
        engine: The scoring engine of the function.
        with_boto3: Whether to include boto3, which Lambda's runtime already has.
        model: A model directory to include as ``model/``; None for none.
        bytecode: Whether to compile the modules, if an interpreter of the target's version is installed.
        over_budget: Whether to build a zip above :data:`MAX_COMPILED_BYTES`.
    """

    target: Target
    engine: Engine = "compiled"
    with_boto3: bool = False
    model: Path | None = None
    bytecode: bool = True
    over_budget: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the package with its size in bytes, unzipped and zipped."""

    name: str
    unzipped: int
    zipped: int


@dataclass(frozen=True, slots=True)
class LambdaPackage:
    """A built package.

    Attributes:
        path: The zip.
        parts: Its parts, largest first.
        zipped: Bytes of the zip.
        sha256: Its checksum in hexadecimal.
        compiler: What compiled the engine; None without it.
        python: What compiled the modules; None if they are not compiled.
    """

    path: Path
    parts: tuple[Part, ...]
    zipped: int
    sha256: str
    compiler: str | None
    python: str | None

    @property
    def unzipped(self) -> int:
        """Bytes of all files."""
        return sum(part.unzipped for part in self.parts)


def build(options: BuildOptions, path: Path, report: Callable[[str], None]) -> LambdaPackage:
    """Build a package.

    Args:
        options: What to build.
        path: The zip to write; its folder is created.
        report: Called with each step.

    Returns:
        The package.

    Raises:
        PackageError: It cannot be built.
        OSError: It cannot be written.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    compiler = find_compiler(options.target) if options.engine == "compiled" else None
    python = find_python(options.target) if options.bytecode else None
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="smartcat-package-") as temp:
        root = Path(temp, "root")
        report(f"fetching wheels for {options.target}")
        owners = _third_party(options, Path(temp, "wheels"), root)
        owners |= dict.fromkeys(_copy_own_modules(root), "smartcat")
        if compiler:
            report(f"compiling the engine with {compiler.name}")
            compile_engine(options.target, compiler, root)
            owners[ENGINE_FILE] = "smartcat: engine"
        if options.model:
            shutil.copytree(options.model, root / MODEL_FOLDER)
        if python:
            report("compiling the modules")
            compile_modules(python, root)
        report("zipping")
        sizes = write_zip(root, path)
    package = _artifact(path, _parts(sizes, owners), compiler.name if compiler else None, python)
    try:
        check_sizes(package, options)
    except PackageError:
        path.unlink()
        raise
    return package


def check_sizes(package: LambdaPackage, options: BuildOptions) -> None:
    """Check a package against AWS's limit and our own budget.

    Raises:
        PackageError: It is too large.
    """
    if package.unzipped > MAX_UNZIPPED_BYTES:
        raise PackageError(
            f"{package.unzipped:,} bytes unzipped; Lambda allows at most {MAX_UNZIPPED_BYTES:,}"
        )
    model = sum(part.zipped for part in package.parts if part.name == MODEL_FOLDER)
    without = package.zipped - model
    if (
        options.engine == "compiled"
        and not options.with_boto3
        and without > MAX_COMPILED_BYTES
        and not options.over_budget
    ):
        raise PackageError(
            f"{without:,} bytes zipped without the model, over the budget of {MAX_COMPILED_BYTES:,}:"
            " use --over-budget to build it anyway"
        )


def _third_party(options: BuildOptions, wheels: Path, root: Path) -> dict[str, str]:
    """Fetch and unpack the wheels; return the distribution of each file."""
    requirements = pins(distributions(options.engine, with_boto3=options.with_boto3))
    wheels.mkdir()
    root.mkdir()
    owners: dict[str, str] = {}
    for wheel in download(requirements, options.target, wheels):
        name, release = wheel.name.split("-")[:2]
        owners |= dict.fromkeys(unpack(wheel, root), f"{name} {release}")
        wheel.unlink()
    return owners


def _copy_own_modules(root: Path) -> Iterable[str]:
    for name, source in own_modules():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, root / name)
        yield name


def _parts(sizes: Mapping[str, tuple[int, int]], owners: Mapping[str, str]) -> tuple[Part, ...]:
    unzipped, zipped = Counter[str](), Counter[str]()
    for name, (before, after) in sizes.items():
        owner = owners.get(_source(name)) or PurePosixPath(name).parts[0]
        unzipped[owner] += before
        zipped[owner] += after
    return tuple(Part(name, unzipped[name], size) for name, size in zipped.most_common())


def _source(name: str) -> str:
    """Return the source of a bytecode file; any other file is returned as it is."""
    path = PurePosixPath(name)
    if path.parent.name != "__pycache__":
        return name
    return str(path.parent.parent / f"{path.name.split('.')[0]}.py")


def _artifact(path: Path, parts: tuple[Part, ...], compiler: str | None, python: str | None) -> LambdaPackage:
    content = path.read_bytes()
    return LambdaPackage(path, parts, len(content), hashlib.sha256(content).hexdigest(), compiler, python)
