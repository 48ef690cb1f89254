"""Writes reproducible zips: the same files give the same bytes, and the zip is complete or absent."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The earliest time of the zip format.
ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEVEL: Final = 9
_ORDINARY_FILE: Final = 0o100644


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> zipfile.ZipInfo:
    """Add a file with a fixed time and mode, and without an owner."""
    info = zipfile.ZipInfo(name, ZIP_EPOCH)
    info.create_system = 3  # Unix, wherever it is built
    info.external_attr = _ORDINARY_FILE << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
    return info


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield the path of a new file, which takes the place of ``path`` where the block ends without an error.

    Args:
        path: The file; the new one has ``.new`` appended to its name, and is not there before and after.

    Raises:
        OSError: It cannot be written; an existing file is untouched.
    """
    new = path.with_name(f"{path.name}.new")
    # Of a run that was killed, or a link to somewhere else: what is made is made here.
    new.unlink(missing_ok=True)
    try:
        yield new
        new.replace(path)
    except OSError as error:
        if error.filename not in {None, str(new)}:
            raise
        # The error of a full disk does not name the file.
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        # After Ctrl-C, half of it would be left.
        with suppress(OSError):
            new.unlink()


def write_zip(folder: Path, path: Path) -> dict[str, tuple[int, int]]:
    """Zip all files of a folder, in the order of their names.

    Args:
        folder: The root of the files.
        path: The zip, which must not exist.

    Returns:
        Size and compressed size in bytes of each file.

    Raises:
        OSError: It cannot be written, or exists.
    """
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    with zipfile.ZipFile(path, "x") as archive:
        infos = [add(archive, name, (folder / name).read_bytes()) for name in names]
    return {info.filename: (info.file_size, info.compress_size) for info in infos}
