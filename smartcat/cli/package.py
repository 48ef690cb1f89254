"""What of smartcat goes into the Lambda: three packages. Zipped as they are, for local AWS on this machine.

What an account needs, third-party code and all, for its own platform: ``smartcat/cli/lambda_package/``.
"""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from smartcat.cli.lambda_package.archive import add

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The rooms that the function needs; training, producers, local AWS and the command line stay at home.
FUNCTION_PACKAGES = ("smartcat.classifier", "smartcat.wire_format", "stream_processor")
HANDLER = "stream_processor.handler.handler"
#: Libraries that the function imports from this machine, since the zip has our own modules alone.
FUNCTION_LIBRARIES = ("aws_lambda_powertools", "boto3", "tenacity")


def function_zip() -> bytes:
    """Zip the function's packages; the same sources give the same bytes.

    Returns:
        The zip's bytes (some hundred kilobytes).

    Raises:
        ModuleNotFoundError: A library of the function is not installed.
    """
    check_function_libraries()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # The compiled engine where it is built: for this platform, on which local AWS runs it.
        engine = package_folder("smartcat.classifier").glob("_native*.so")
        engines = ((f"smartcat/classifier/{file.name}", file) for file in engine)
        for name, source in sorted((*own_modules(), *engines)):
            add(archive, name, source.read_bytes())
    return buffer.getvalue()


def check_function_libraries() -> None:
    """Refuse to go on where each start of the function would fail for a library that is not installed.

    Raises:
        ModuleNotFoundError: The first that is not.
    """
    for library in FUNCTION_LIBRARIES:
        if find_spec(library) is None:
            message = f"{library} is not installed"
            raise ModuleNotFoundError(message, name=library)


def own_modules() -> Iterator[tuple[str, Path]]:
    """Yield the name in the zip and the file of each module of ours that the function needs."""
    for name in ("__init__.py", "aws_errors.py"):
        yield f"smartcat/{name}", package_folder("smartcat") / name
    for package in FUNCTION_PACKAGES:
        root = package_folder(package)
        for source in sorted(root.rglob("*.py")):
            yield f"{package.replace('.', '/')}/{source.relative_to(root).as_posix()}", source


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
