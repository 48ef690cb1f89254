"""A spool: a queue of records on disk. One process at a time, any number of threads; what waits and for what.

How the records are stored is the business of ``database``.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from producers.spool.database import Database, SpoolError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DEFAULT_LIMIT: Final = 1024**3
"""Bytes on disk a spool may take: 1 GiB."""

_NOTE_RECORDS: Final = 500
_NOTE_SECONDS: Final = 0.25
"""How often acknowledgements are noted on the disk: what a later process sends again, at most."""


class Record(NamedTuple):
    """A record and its number, which grows by one a record and never begins again."""

    number: int
    data: bytes


class SpoolFullError(SpoolError):
    """The spool holds as much as it may, and nothing was taken out of it for too long."""


class Spool:
    """Records on disk, first in, first out.

    Args:
        folder: Made if it is not there, readable by its owner alone.
        stream: The stream the records are for; a spool is for one stream.
        limit: Bytes on disk it may take, at least 64 KiB.

    Raises:
        SpoolError: Another process uses it, it is damaged, of another version, or for another stream.
        OSError: The folder cannot be used.

    Attributes:
        folder: Where it is.
        truncated: Bytes of an unfinished transaction that were put aside: a process was stopped while it
            wrote them.
    """

    def __init__(self, folder: Path, stream: str, *, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self._limit = limit
        self._process = os.getpid()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _lock(folder)
        try:
            _refuse_segments(folder)
            self._database = Database(folder, stream, limit)
        except BaseException:
            os.close(self._lock)
            raise
        self._closed = False
        self.truncated = self._database.truncated
        self._changed = threading.Condition()
        self._waiting = self._untaken = self._database.count
        self._last_taken = -1
        self._under_way: set[int] = set()
        self._acknowledged: list[int] = []
        self._noted_at = self._last_progress = time.monotonic()
        self._unsynced = False
        self._error: SpoolError | None = None
        self._complete = False

    def __enter__(self) -> Self:
        """Return the spool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it; what it holds stays."""
        self.close()

    @property
    def waiting(self) -> int:
        """Records that are not acknowledged."""
        with self._changed:
            return self._waiting

    @property
    def size(self) -> int:
        """Bytes on disk."""
        with self._changed:
            return self._database.size

    def append(self, data: bytes, *, give_up_after: float = 0.0) -> None:
        """Add a record: it survives the death of the process now, and a power cut after ``sync``.

        Args:
            data: The record.
            give_up_after: Seconds to wait for room while nothing is acknowledged.

        Raises:
            SpoolFullError: There is no room.
            SpoolError: The disk refuses, or what empties the spool has given up.
        """
        need = self._database.least_limit(len(data))
        if need > self._limit:
            raise SpoolFullError(
                f"{self.folder}: a document of {len(data)} bytes needs a spool of {need} bytes, and this one"
                f" may take {self._limit}"
            )
        with self._changed:
            since = time.monotonic()
            while self._error is None and not self._database.has_room(len(data)):
                self._note()
                if not self._database.has_room(len(data)):
                    self._wait_for_room(len(data), give_up_after, since)
            if self._error is not None:
                raise self._error
            self._database.insert(data)
            self._waiting += 1
            self._untaken += 1
            self._unsynced = True
            self._changed.notify_all()

    def sync(self) -> None:
        """Put all that was appended on the disk, and note what was acknowledged.

        Raises:
            SpoolError: The disk refuses.
        """
        with self._changed:
            self._note()
            if self._unsynced:
                self._database.sync()
                self._unsynced = False

    def take(self, records: int, size: int, *, timeout: float | None = None) -> list[Record]:
        """Take the next records; they stay in the spool until they are acknowledged.

        Args:
            records: How many at most.
            size: How many bytes, after which no further one is taken.
            timeout: Seconds to wait for the first; None for as long as it takes.

        Returns:
            The records in order; none after the time, or when no more will come.

        Raises:
            SpoolError: A record cannot be read again.
        """
        taken: list[Record] = []
        with self._changed:
            self._wait_for_records(timeout)
            if self._closed or not self._untaken:
                return taken
            with closing(self._database.read(self._last_taken + 1, records)) as found:
                for number, data in found:
                    taken.append(Record(number, data))
                    size -= len(data)
                    if size <= 0:
                        break
            self._under_way.update(record.number for record in taken)
            self._untaken -= len(taken)
            self._last_taken = taken[-1].number
        return taken

    def read_again(self, numbers: Iterable[int], size: int) -> list[Record]:
        """Return records that were taken and not acknowledged.

        Args:
            numbers: Their numbers.
            size: How many bytes, after which no further one is read.

        Raises:
            SpoolError: A record cannot be read again, or the spool is closed.
        """
        found: list[Record] = []
        with self._changed:
            if self._closed:
                raise SpoolError(f"{self.folder}: is closed")
            for number in numbers:
                with closing(self._database.read(number, 1)) as records:
                    found += [Record(*each) for each in records if number in self._under_way]
                size -= len(found[-1].data) if found else 0
                if size <= 0:
                    break
        return found

    def acknowledge(self, record: Record) -> None:
        """Let go of a record that need not be kept; noted on the disk soon, together with others.

        After the spool is closed this does nothing: the next process sends the record again.
        """
        with self._changed:
            if self._closed or record.number not in self._under_way:
                return
            self._under_way.remove(record.number)
            self._acknowledged.append(record.number)
            self._waiting -= 1
            self._last_progress = time.monotonic()
            late = self._last_progress - self._noted_at >= _NOTE_SECONDS
            if late or len(self._acknowledged) >= _NOTE_RECORDS:
                self._note()
            self._changed.notify_all()

    def fail(self, error: SpoolError) -> None:
        """Let nobody wait for room: nothing will be taken out any more, for this reason."""
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def finish(self) -> None:
        """Let nobody wait for records: nothing more will be appended."""
        with self._changed:
            self._complete = True
            self._changed.notify_all()

    def close(self) -> None:
        """Put everything on the disk and let go of the folder."""
        with self._changed:
            if self._closed or self._process != os.getpid():
                return
            try:
                self._note()
                if self._acknowledged and not self._waiting:
                    self._database.remove()
                elif self._unsynced:
                    self._database.sync()
            finally:
                self._closed = True
                self._database.close()
                os.close(self._lock)

    def _wait_for_records(self, timeout: float | None) -> None:
        def is_over() -> bool:
            return self._complete or self._untaken > 0

        soon = _NOTE_SECONDS if timeout is None else min(_NOTE_SECONDS, timeout)
        if not self._changed.wait_for(is_over, soon):
            self._note()
            self._changed.wait_for(is_over, None if timeout is None else timeout - soon)

    def _note(self) -> None:
        """Remove what was acknowledged; a full disk keeps it, and then it is sent again, not lost."""
        self._noted_at = time.monotonic()
        if not self._acknowledged:
            return
        with suppress(SpoolError):
            self._database.delete(self._acknowledged)
            self._acknowledged.clear()
            self._database.compact()

    def _wait_for_room(self, size: int, give_up_after: float, since: float) -> None:
        left = give_up_after - (time.monotonic() - max(self._last_progress, since))
        if not self._waiting or left <= 0:
            raise SpoolFullError(
                f"{self.folder}: full: {self._waiting} documents take {self._database.used} of {self._limit}"
                f" bytes, the next has {size}, and none was delivered for {give_up_after:.0f} s"
            )
        self._changed.wait(left)


def _lock(folder: Path) -> int:
    """Take the folder for this process, until the descriptor is closed or the process ends."""
    descriptor = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise SpoolError(f"{folder}: is in use by another process") from error
    return descriptor


def _refuse_segments(folder: Path) -> None:
    """Refuse the format of earlier versions, which kept records in segments: files of their own."""
    if any(path.stem.isdecimal() for path in folder.glob("*.spool")):
        raise SpoolError(
            f"{folder} holds a spool of an earlier version of smartcat: empty it first with that version"
            f" (smartcat produce --spool {folder}), then use it again"
        )
