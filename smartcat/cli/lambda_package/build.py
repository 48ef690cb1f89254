"""Builds a Lambda package: wheels, our modules, the compiled engine, a model, bytecode, one zip, its SBOM."""

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

from producers.atomic_file import replace_file
from smartcat.classifier.manifest import LEARNED_TEXTS
from smartcat.classifier.model_directory import read_model
from smartcat.cli.lambda_package.archive import replaced, write_zip
from smartcat.cli.lambda_package.bill_of_materials import SUFFIX, Component, bill_of_materials
from smartcat.cli.lambda_package.bytecode import compile_modules, find_python
from smartcat.cli.lambda_package.contents import distributions
from smartcat.cli.lambda_package.errors import PackageError
from smartcat.cli.lambda_package.function_code import own_modules
from smartcat.cli.lambda_package.locked_wheels import OWN_LOCK, differing, locked_wheels, own_lock
from smartcat.cli.lambda_package.native import ENGINE_FILE, compile_engine, find_compiler
from smartcat.cli.lambda_package.wheels import download, unpack
from smartcat.distribution import NAME, version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from smartcat.cli.lambda_package.contents import Engine
    from smartcat.cli.lambda_package.locked_wheels import LockedWheel
    from smartcat.cli.lambda_package.native import Compiler
    from smartcat.cli.lambda_package.target import Target
    from smartcat.cli.lambda_package.wheels import Fetched

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
        lock: A requirements file with versions and hashes; None for the one that came with smartcat.
    """

    target: Target
    engine: Engine = "compiled"
    with_boto3: bool = False
    model: Path | None = None
    bytecode: bool = True
    over_budget: bool = False
    lock: Path | None = None


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
        notes: What the caller should know, each in one sentence.
    """

    path: Path
    parts: tuple[Part, ...]
    zipped: int
    sha256: str
    compiler: str | None
    python: str | None
    notes: tuple[str, ...] = ()

    @property
    def sbom(self) -> Path:
        """The software bill of materials, beside the zip."""
        return self.path.with_suffix(SUFFIX)

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
    wanted = _locked(options)
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="smartcat-package-") as temp:
        root = Path(temp, "root")
        report(f"fetching wheels for {options.target}")
        fetched = _fetch(wanted, options.target, Path(temp, "wheels"))
        owners = _fill(options, fetched, compiler, root, report)
        if python:
            report("compiling the modules")
            compile_modules(python, root)
        report("zipping")
        with replaced(path) as new:
            sizes = write_zip(root, new)
            package = _described(new, path, _parts(sizes, owners), compiler, python, wanted)
            check_sizes(package, options)
            # First: the bill names the checksum of its zip, so a break between the two is seen.
            replace_file(package.sbom, _bill(package, options, fetched))
    return package


def _described(
    new: Path,
    path: Path,
    parts: tuple[Part, ...],
    compiler: Compiler | None,
    python: str | None,
    wanted: Sequence[LockedWheel],
) -> LambdaPackage:
    content = new.read_bytes()
    return LambdaPackage(
        path=path,
        parts=parts,
        zipped=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        compiler=compiler.name if compiler else None,
        python=python,
        notes=tuple(f"{wheel} is packaged; {other} is installed here" for wheel, other in differing(wanted)),
    )


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


def _locked(options: BuildOptions) -> list[LockedWheel]:
    names = distributions(options.engine, with_boto3=options.with_boto3)
    if options.lock is None:
        return locked_wheels(names, own_lock(), OWN_LOCK)
    try:
        return locked_wheels(names, options.lock.read_text("utf-8"), str(options.lock))
    except UnicodeDecodeError:
        raise PackageError(f"{options.lock}: expected a requirements file in UTF-8") from None


def _fetch(wanted: Sequence[LockedWheel], target: Target, folder: Path) -> list[Fetched]:
    folder.mkdir()
    return download(wanted, target, folder)


def _fill(
    options: BuildOptions,
    fetched: Iterable[Fetched],
    compiler: Compiler | None,
    root: Path,
    report: Callable[[str], None],
) -> dict[str, str]:
    """Put everything in its place but bytecode; return the part of each file."""
    root.mkdir()
    owners: dict[str, str] = {}
    for wheel in fetched:
        owners |= dict.fromkeys(unpack(wheel.path, root), f"{wheel.name} {wheel.version}")
        wheel.path.unlink()
    owners |= dict.fromkeys(_copy_own_modules(root), "smartcat")
    if compiler:
        report(f"compiling the engine with {compiler.name}")
        compile_engine(options.target, compiler, root)
        owners[ENGINE_FILE] = "smartcat: engine"
    if options.model:
        shutil.copytree(options.model, root / MODEL_FOLDER, ignore=shutil.ignore_patterns(LEARNED_TEXTS))
    return owners


def _bill(package: LambdaPackage, options: BuildOptions, fetched: Iterable[Fetched]) -> bytes:
    components = [
        Component(wheel.name, wheel.version, sha256=wheel.sha256, licence=wheel.licence) for wheel in fetched
    ]
    components.append(Component(NAME, version(), "generic", licence="MIT"))
    if options.model:
        model = read_model(options.model)
        components.append(
            Component(MODEL_FOLDER, model.model_version, "generic", kind="machine-learning-model")
        )
    properties: dict[str, str] = {
        "architecture": options.target.arch,
        "python": options.target.python,
        "engine": options.engine,
    }
    properties |= {"compiler": package.compiler} if package.compiler else {}
    return bill_of_materials(package.sha256, version(), components, properties)


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
