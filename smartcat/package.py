"""What of smartcat goes into the Lambda: three packages. Zipped as they are, for local AWS on this machine.

What an account needs, third-party code and all, for its own platform: ``smartcat/artifact/``.
"""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from smartcat.artifact.archive import add

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The rooms that the function needs; training, producers, local AWS and the command line stay at home.
FUNCTION_PACKAGES = ("classifier", "stream_processor", "wire_format")
HANDLER = "stream_processor.handler.handler"


def function_zip() -> bytes:
    """Zip the function's packages; the same sources give the same bytes.

    Returns:
        The zip's bytes (some hundred kilobytes).
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for package in FUNCTION_PACKAGES:
            # The compiled engine where it is built: for this platform, on which local AWS runs it.
            engines = (
                (f"{package}/{file.name}", file) for file in package_folder(package).glob("_native*.so")
            )
            for name, source in sorted((*own_modules(package), *engines)):
                add(archive, name, source.read_bytes())
    return buffer.getvalue()


def own_modules(package: str) -> Iterator[tuple[str, Path]]:
    """Give the name in the zip and the file of each module of a package, sorted."""
    root = package_folder(package)
    for source in sorted(root.rglob("*.py")):
        yield f"{package}/{source.relative_to(root).as_posix()}", source


def package_folder(package: str) -> Path:
    """Give the folder of one of our packages, wherever it is installed.

    Raises:
        ModuleNotFoundError: It is not.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        message = f"package {package} is not installed"
        raise ModuleNotFoundError(message, name=package)
    return Path(spec.origin).parent
