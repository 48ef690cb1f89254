"""A directory for the files of one process, which a later process removes if the first was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_LOCK: Final = ".lock"


class TempDirectory:
    """A directory that lasts until `remove`, or until its process has ended and another one makes its own.

    A lock file beside the directory is locked while the process lives. The kernel releases the lock however
    the process ends; a process id could have been reused by then.

    Args:
        prefix: Prefix of the directory's name; left-over directories with the same prefix are removed.
    """

    def __init__(self, prefix: str) -> None:
        _sweep(prefix)
        self._descriptor, self._lock = _new_lock(prefix)
        self.path = self._lock.with_suffix("")
        self.path.mkdir(mode=0o700)

    def remove(self) -> None:
        """Remove the directory with all that is in it. Idempotent."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._descriptor >= 0:
            self._lock.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def _new_lock(prefix: str) -> tuple[int, Path]:
    while True:
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=_LOCK)
        if _take(descriptor) and Path(name).exists():  # a sweep may have been quicker
            return descriptor, Path(name)
        os.close(descriptor)


def _sweep(prefix: str) -> None:
    """Remove the directories of ended processes; what cannot be removed is left for the next sweep."""
    for lock in Path(tempfile.gettempdir()).glob(f"{prefix}*{_LOCK}"):
        try:
            descriptor = os.open(lock, os.O_RDWR)
        except OSError:  # gone meanwhile, or another user's
            continue
        if _take(descriptor):
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
