"""What is in a spool's folder beside the records: a lock, whose it is, and how far all is done."""

from __future__ import annotations

import fcntl
import json
from typing import IO, TYPE_CHECKING, Final

from producers.atomic_file import replace_file, sync_folder
from producers.spool.segments import SpoolError

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT: Final = 1
_MARK: Final = "done.json"


def lock(folder: Path) -> IO[bytes]:
    """Take the folder for this process, until the file that is given is closed or the process ends.

    Raises:
        SpoolError: Another process has it.
    """
    guard = (folder / "lock").open("ab")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        guard.close()
        raise SpoolError(f"{folder}: is in use by another process") from error
    return guard


def check_stream(folder: Path, stream: str) -> None:
    """Say for which stream a new spool is; make sure that an old one is for the same.

    Raises:
        SpoolError: It is for another stream, of another format, or no spool.
    """
    path = folder / "spool.json"
    if not path.exists():
        replace_file(path, json.dumps({"smartcat_spool": _FORMAT, "stream": stream}).encode())
        return
    try:
        found = json.loads(path.read_bytes())
        version, owner = found["smartcat_spool"], found["stream"]
    except (ValueError, TypeError, KeyError) as error:
        raise SpoolError(f"{path}: is damaged, or {folder} is no spool") from error
    if version != _FORMAT:
        raise SpoolError(f"{folder}: has format {version}, and this version knows {_FORMAT}")
    if owner != stream:
        raise SpoolError(f"{folder}: keeps documents for the stream {owner!r}, not for {stream!r}")


def write_mark(folder: Path, done: int) -> None:
    """Note up to which record, exclusive, all is done."""
    replace_file(folder / _MARK, json.dumps({"done": done}).encode())


def drop_mark(folder: Path) -> None:
    """Forget what was noted, which takes no room on the disk."""
    (folder / _MARK).unlink(missing_ok=True)
    sync_folder(folder)


def read_mark(folder: Path) -> int:
    """Read what was noted; 0 where nothing can be read, for then more is repeated and nothing lost."""
    try:
        return max(0, int(json.loads((folder / _MARK).read_bytes())["done"]))
    except (OSError, ValueError, TypeError, KeyError):
        return 0
