"""The story of an artifact: wheels, our own rooms, the engine, a model, bytecode, one zip."""

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
from smartcat.cli.lambda_package.errors import ArtifactError
from smartcat.cli.lambda_package.native import ENGINE_FILE, compile_engine, find_compiler
from smartcat.cli.lambda_package.wheels import download, pins, unpack
from smartcat.cli.package import own_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from smartcat.cli.lambda_package.contents import Engine
    from smartcat.cli.lambda_package.target import Target

MAX_COMPILED_BYTES: Final = 8_000_000
"""Most bytes of a zip with the compiled engine, without its model: our own bar."""
MAX_UNZIPPED_BYTES: Final = 250 * 1024 * 1024
"""AWS's limit on a function's files, layers included."""
MODEL_FOLDER: Final = "model"


@dataclass(frozen=True, slots=True)
class Order:
    """What to build.

    Attributes:
        target: The platform.
        engine: Who computes in the function.
        with_boto3: Whether to pack boto3, which Lambda's runtime has.
        model: A model directory to pack as ``model/``; None for none.
        bytecode: Whether to compile the modules, where an interpreter of the target's version is here.
        over_budget: Whether a zip above :data:`MAX_COMPILED_BYTES` is built all the same.
    """

    target: Target
    engine: Engine = "compiled"
    with_boto3: bool = False
    model: Path | None = None
    bytecode: bool = True
    over_budget: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the artifact and its size in bytes, as files and in the zip."""

    name: str
    unzipped: int
    zipped: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """What was built.

    Attributes:
        path: The zip.
        parts: What is in it, the largest first.
        zipped: Bytes of the zip.
        sha256: Its checksum, in hexadecimal digits.
        compiler: What compiled the engine; None without it.
        python: What compiled the modules; None where they are not.
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


def build(order: Order, path: Path, say: Callable[[str], None]) -> Artifact:
    """Build an artifact.

    Args:
        order: What to build.
        path: The zip to write; its folder is made.
        say: Is told what is being done.

    Returns:
        What was built.

    Raises:
        ArtifactError: It cannot be built.
        OSError: It cannot be written.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    compiler = find_compiler(order.target) if order.engine == "compiled" else None
    python = find_python(order.target) if order.bytecode else None
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="smartcat-package-") as scratch:
        root = Path(scratch, "root")
        say(f"fetching wheels for {order.target}")
        owners = _third_party(order, Path(scratch, "wheels"), root)
        owners |= dict.fromkeys(_own_rooms(root), "smartcat")
        if compiler:
            say(f"compiling the engine with {compiler.name}")
            compile_engine(order.target, compiler, root)
            owners[ENGINE_FILE] = "smartcat: engine"
        if order.model:
            shutil.copytree(order.model, root / MODEL_FOLDER)
        if python:
            say("compiling the modules")
            compile_modules(python, root)
        say("zipping")
        sizes = write_zip(root, path)
    artifact = _artifact(path, _parts(sizes, owners), compiler.name if compiler else None, python)
    try:
        check_sizes(artifact, order)
    except ArtifactError:
        path.unlink()
        raise
    return artifact


def check_sizes(artifact: Artifact, order: Order) -> None:
    """Hold an artifact against AWS's limit and our own budget.

    Raises:
        ArtifactError: It is larger.
    """
    if artifact.unzipped > MAX_UNZIPPED_BYTES:
        raise ArtifactError(
            f"{artifact.unzipped:,} bytes unzipped, and Lambda takes at most {MAX_UNZIPPED_BYTES:,}"
        )
    model = sum(part.zipped for part in artifact.parts if part.name == MODEL_FOLDER)
    without = artifact.zipped - model
    if (
        order.engine == "compiled"
        and not order.with_boto3
        and without > MAX_COMPILED_BYTES
        and not order.over_budget
    ):
        raise ArtifactError(
            f"{without:,} bytes zipped without the model, over the budget of {MAX_COMPILED_BYTES:,}:"
            " --over-budget builds it all the same"
        )


def _third_party(order: Order, wheels: Path, root: Path) -> dict[str, str]:
    """Fetch and unpack the wheels; say of each file which distribution's it is."""
    requirements = pins(distributions(order.engine, with_boto3=order.with_boto3))
    wheels.mkdir()
    root.mkdir()
    owners: dict[str, str] = {}
    for wheel in download(requirements, order.target, wheels):
        name, release = wheel.name.split("-")[:2]
        owners |= dict.fromkeys(unpack(wheel, root), f"{name} {release}")
        wheel.unlink()
    return owners


def _own_rooms(root: Path) -> Iterable[str]:
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
    """Give the module that a file of bytecode is of; any other file is its own."""
    path = PurePosixPath(name)
    if path.parent.name != "__pycache__":
        return name
    return str(path.parent.parent / f"{path.name.split('.')[0]}.py")


def _artifact(path: Path, parts: tuple[Part, ...], compiler: str | None, python: str | None) -> Artifact:
    content = path.read_bytes()
    return Artifact(path, parts, len(content), hashlib.sha256(content).hexdigest(), compiler, python)
