"""Atomic file replacement: after a crash or a power cut, either the old or the new file is whole."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""Nobody else's file is opened, whatever is put there under its name meanwhile."""


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file in one step; it is on the disk when this returns.

    A disk that refuses to keep the new file has refused it for good: a later call writes another one.

    Args:
        path: The file; meanwhile a second one, of a name of this process with ``.new`` at its end, is
            written.
        data: The whole content.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(
        missing_ok=True
    )  # of a process that was killed and had this number; a link, but not its target
    try:
        with os.fdopen(os.open(new, _NEW, 0o666), "wb") as stream:
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
