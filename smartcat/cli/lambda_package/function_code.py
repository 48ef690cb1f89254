"""Our own modules of the Lambda function, and their zip for local AWS, which has the libraries installed.

The package for an account, with third-party code for its platform, is built by ``build``.
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

#: Packages that the function needs.
FUNCTION_PACKAGES = ("smartcat.classifier", "smartcat.wire_format", "stream_processor")
#: Modules of `smartcat` itself that it needs.
FUNCTION_MODULES = ("__init__.py", "aws_errors.py", "s3_integrity.py", "stream_names.py")
HANDLER = "stream_processor.handler.handler"
#: Libraries that the function imports from this machine, since the zip has our own modules alone.
FUNCTION_LIBRARIES = ("aws_lambda_powertools", "boto3", "tenacity")


def function_zip() -> bytes:
    """Return the zip of the function's packages; the same sources give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # The compiled engine, if it is built, is for this platform, on which local AWS runs it.
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
    """Yield the path in the zip and the file of each of our modules that the function needs."""
    for name in FUNCTION_MODULES:
        yield f"smartcat/{name}", package_folder("smartcat") / name
    for package in FUNCTION_PACKAGES:
        root = package_folder(package)
        for source in sorted(root.rglob("*.py")):
            yield f"{package.replace('.', '/')}/{source.relative_to(root).as_posix()}", source


def package_folder(package: str) -> Path:
    """Return the folder of one of our packages, wherever it is installed.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        message = f"package {package} is not installed"
        raise ModuleNotFoundError(message, name=package)
    return Path(spec.origin).parent
