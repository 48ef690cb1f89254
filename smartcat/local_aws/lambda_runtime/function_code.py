"""The code of functions: zip archives extracted and byte-compiled once, or a source directory used in place.

Code on disk only: no HTTP, no processes, no function configuration.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import py_compile
import threading
import zipfile
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smartcat.local_aws.lambda_runtime.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOT_RELOAD_BUCKET: Final = "hot-reload"
"""LocalStack's convention: with this S3Bucket, S3Key is an absolute path to a source directory.

It is used in place; new environments see changed files, running ones do not.
"""

MAX_UNZIPPED_BYTES: Final = 250 * 1024 * 1024
"""Largest unzipped deployment package (AWS: 262,144,000 bytes)."""


class CodeStore:
    """Provides the directory that is a function's task root.

    Args:
        directory: Where archives are extracted; the owner removes it.
        read_object: `read_object(bucket, key)` returns an archive from S3.
    """

    def __init__(self, directory: Path, read_object: Callable[[str, str], bytes]) -> None:
        self._directory = directory
        self._read_object = read_object
        self._lock = threading.Lock()

    def task_root(self, code: Mapping[str, Any]) -> Path:
        """Return the directory of the code that a CreateFunction or UpdateFunctionCode request names.

        Args:
            code: Holds `ZipFile` (base64), or `S3Bucket` and `S3Key`.

        Raises:
            InvalidParameterError: The directory or object does not exist, or is not a valid zip archive.
        """
        if code.get("ZipFile"):
            try:
                return self._extracted(base64.b64decode(code["ZipFile"], validate=True))
            except binascii.Error as error:
                raise InvalidParameterError("ZipFile: expected base64") from error
        bucket, key = code.get("S3Bucket"), code.get("S3Key")
        if not bucket or not key:
            raise InvalidParameterError("Code: expected ZipFile, or S3Bucket and S3Key (images are not run)")
        if bucket == HOT_RELOAD_BUCKET:
            return _source_directory(key)
        try:
            archive = self._read_object(bucket, key)
        except Exception as error:
            raise InvalidParameterError(
                f"Error occurred while GetObject s3://{bucket}/{key}: {error}"
            ) from error
        return self._extracted(archive)

    def _extracted(self, archive: bytes) -> Path:
        target = self._directory / hashlib.sha256(archive).hexdigest()[:20]
        with self._lock:
            if target.is_dir():
                return target
            partial = target.with_suffix(".partial")
            _extract(archive, partial)
            _compile(partial)
            partial.rename(target)
        return target


def _source_directory(key: str) -> Path:
    path = Path(key)
    if not path.is_absolute() or not path.is_dir():
        raise InvalidParameterError(f"S3Key: hot-reload expects an absolute path to a directory, not {key}")
    return path


def _compile(directory: Path) -> None:
    """Write the bytecode that the archive lacks, unchecked: extracted code never changes."""
    for source in directory.rglob("*.py"):
        if not Path(cache_from_source(source)).exists():
            py_compile.compile(
                str(source), quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )


def _extract(archive: bytes, target: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as content:
            size = sum(entry.file_size for entry in content.infolist())
            if size > MAX_UNZIPPED_BYTES:
                raise InvalidParameterError(
                    f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes, this archive has {size}"
                )
            target.mkdir(parents=True, exist_ok=True)
            content.extractall(target)
    except zipfile.BadZipFile as error:
        raise InvalidParameterError("Could not unzip uploaded file: it is not a zip archive") from error
