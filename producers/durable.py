"""Files that are whole or not there, whatever happens meanwhile: a crash, a full disk, a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in place of another in one step, and on the disk before this returns.

    Args:
        path: The file; one with ``.new`` behind its name is used meanwhile.
        data: All it is to hold.

    Raises:
        OSError: It cannot be written; the file that was there is untouched.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except BaseException:
        # On a full disk the half of a file would keep what little room there is.
        with suppress(OSError):
            new.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk: without it a new file may be lost with the power."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
