"""Atomic file replacement: after a crash or a power cut, either the old or the new file is whole."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file in one step; it is on the disk when this returns.

    Args:
        path: The file; meanwhile a second one, with ``.new`` appended to the name, is written.
        data: The whole content.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except BaseException:
        # On a full disk half a file would keep the little space that is left.
        with suppress(OSError):
            new.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Write the entries of a folder to the disk: without it a power cut may lose a new file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
