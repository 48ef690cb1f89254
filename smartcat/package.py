"""What of smartcat goes into the Lambda: three packages, zipped reproducibly, without third-party code."""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path

#: The rooms that the function needs; training, producers, local AWS and the command line stay at home.
FUNCTION_PACKAGES = ("classifier", "stream_processor", "wire_format")
HANDLER = "stream_processor.handler.handler"

# The earliest time a zip can hold: the same sources then give the same bytes.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def function_zip() -> bytes:
    """Zip the function's packages; the same sources give the same bytes.

    Returns:
        The zip's bytes (tens of kilobytes).
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in FUNCTION_PACKAGES:
            root = _package_folder(package)
            for source in sorted(root.rglob("*.py")):
                info = zipfile.ZipInfo(f"{package}/{source.relative_to(root).as_posix()}", _ZIP_EPOCH)
                info.external_attr = 0o644 << 16
                archive.writestr(info, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        message = f"package {package} is not installed"
        raise ModuleNotFoundError(message, name=package)
    return Path(spec.origin).parent
