"""From a folder to a zip: the same files give the same bytes, and the zip is whole or not there."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

# The earliest time a zip can hold.
ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEVEL: Final = 9
_ORDINARY_FILE: Final = 0o100644


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> zipfile.ZipInfo:
    """Add a file that has no time, no owner and the plainest mode."""
    info = zipfile.ZipInfo(name, ZIP_EPOCH)
    info.create_system = 3  # Unix, wherever it is built
    info.external_attr = _ORDINARY_FILE << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
    return info


def write_zip(folder: Path, path: Path) -> dict[str, tuple[int, int]]:
    """Zip all files of a folder, in the order of their names.

    Args:
        folder: The root of the files.
        path: The zip; one with ``.new`` behind its name is used meanwhile.

    Returns:
        The size of each file in bytes, and of what became of it in the zip.

    Raises:
        OSError: It cannot be written; the zip that was there is untouched.
    """
    new = path.with_name(f"{path.name}.new")
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    try:
        with zipfile.ZipFile(new, "w") as archive:
            infos = [add(archive, name, (folder / name).read_bytes()) for name in names]
        new.replace(path)
    except OSError as error:
        # A full disk does not say which file it was about.
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        # After success it is not there; after Ctrl-C half of it would be.
        with suppress(OSError):
            new.unlink()
    return {info.filename: (info.file_size, info.compress_size) for info in infos}
