"""A spool: records on disk, in order, until each is done. One process at a time, any number of threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Self

from producers.low_watermark import LowWatermark
from producers.spool.folder import check_stream, drop_mark, lock, read_mark, write_mark
from producers.spool.frames import HEAD, read_frame
from producers.spool.segments import Appending, Segment, SpoolError, find_segments

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_LIMIT: Final = 1024**3
"""Bytes on disk a spool may take: 1 GiB."""

_SEGMENT_BYTES: Final = 16 * 1024 * 1024


class Record(NamedTuple):
    """A record and its number, which grows by one a record and never begins again."""

    number: int
    data: bytes


class SpoolFullError(SpoolError):
    """The spool holds as much as it may, and nothing was taken out of it for too long."""


class Spool:
    """Records on disk, first in, first out.

    Args:
        folder: Made if it is not there.
        stream: The stream they are for; a spool is for one stream.
        limit: Bytes on disk it may take, at least 64 KiB.

    Raises:
        SpoolError: Another process uses it, it is damaged, or it is for another stream.
        OSError: The folder cannot be used.

    Attributes:
        torn: Bytes of an unfinished record that were put aside: a process was stopped while it wrote them.
    """

    def __init__(self, folder: Path, stream: str, *, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self._limit = limit
        self._segment_bytes = min(_SEGMENT_BYTES, max(limit // 8, 4096))
        folder.mkdir(parents=True, exist_ok=True)
        self._guard = lock(folder)
        try:
            check_stream(folder, stream)
            segments, torn = find_segments(folder)
        except BaseException:
            self._guard.close()
            raise
        self.torn = torn
        self._segments = deque(segments)
        begin = self._segments[0].first if self._segments else read_mark(folder)
        self._next = self._segments[-1].behind if self._segments else begin
        mark = min(max(read_mark(folder), begin), self._next)
        self._changed = threading.Condition()
        self._done = LowWatermark(mark, mark)
        self._taken = mark
        self._reading: tuple[Segment, IO[bytes]] | None = None
        self._writing: Appending | None = None
        self._last_progress = time.monotonic()
        self._error: SpoolError | None = None
        self._complete = False
        # Before anything is appended: a mark beyond the records (after a power cut) would hide new ones.
        try:
            write_mark(folder, mark)
        except OSError:
            # No room even for that: what is kept must leave all the same, and no mark hides nothing.
            drop_mark(folder)
        self._drop_done()

    def __enter__(self) -> Self:
        """Give the spool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it; what it holds stays."""
        self.close()

    @property
    def waiting(self) -> int:
        """Records that are not done."""
        with self._changed:
            return self._next - self._done.reached[1]

    @property
    def size(self) -> int:
        """Bytes on disk."""
        with self._changed:
            return self._size()

    def append(self, data: bytes, *, patience: float = 0.0) -> None:
        """Add a record: it survives the death of the process now, and a power cut after ``sync``.

        Args:
            data: The record.
            patience: Seconds to wait for room while nothing is taken out.

        Raises:
            SpoolFullError: There is no room.
            SpoolError: The disk refuses, or what empties the spool has given up.
        """
        need = HEAD.size + len(data)
        if need > self._limit:
            raise SpoolFullError(
                f"{self.folder}: a document needs {need} bytes, and the spool may take {self._limit} in all"
            )
        with self._changed:
            since = time.monotonic()
            while self._size() + need > self._limit and self._error is None:
                self._drop_done(writing=True)
                if self._size() + need > self._limit:
                    self._wait_for_room(need, patience, since)
            if self._error is not None:
                raise self._error
            try:
                self._writable().append(data)
            except OSError as error:
                message = f"{self.folder}: cannot keep documents: {error.strerror or error}"
                raise SpoolError(message) from error
            self._next += 1
            self._changed.notify_all()

    def sync(self) -> None:
        """Put all that was appended on the disk.

        Raises:
            SpoolError: The disk refuses.
        """
        with self._changed:
            if self._writing is None:
                return
            try:
                self._writing.sync()
            except OSError as error:
                message = f"{self.folder}: cannot keep documents: {error.strerror or error}"
                raise SpoolError(message) from error

    def take(self, records: int, size: int, *, timeout: float | None = None) -> list[Record]:
        """Take the next records; they stay in the spool until they are done.

        Args:
            records: How many at most.
            size: How many bytes, after which no further one is taken.
            timeout: Seconds to wait for the first; None for as long as it takes.

        Returns:
            The records in order; none after the time, or when no more will come.
        """
        taken: list[Record] = []
        with self._changed:
            self._changed.wait_for(lambda: self._taken < self._next or self._complete, timeout)
            while not self._guard.closed and self._taken < self._next and len(taken) < records and size > 0:
                taken.append(self._read())
                self._done.begin(self._taken)
                size -= len(taken[-1].data)
        return taken

    def done(self, record: Record) -> None:
        """Say that a record need not be kept; it is gone once all before it are done, too.

        After the spool is closed this does nothing: the next process sends the record again.
        """
        with self._changed:
            if self._guard.closed:
                return
            self._done.done(record.number)
            self._last_progress = time.monotonic()
            self._drop_done()
            self._changed.notify_all()

    def fail(self, error: SpoolError) -> None:
        """Say that nothing will be taken out any more, so that nobody waits for room."""
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def finish(self) -> None:
        """Say that nothing more will be appended."""
        with self._changed:
            self._complete = True
            self._changed.notify_all()

    def write_mark(self) -> None:
        """Note on the disk how far all is done, so that a later process repeats less.

        Where the disk is full this does nothing, for an older mark loses nothing.
        """
        with self._changed, suppress(OSError):
            # Locked, for two threads that replace the file at once would take each other's new one.
            write_mark(self.folder, self._done.reached[1])

    def close(self) -> None:
        """Put everything on the disk and let go of the folder."""
        with self._changed:
            if self._guard.closed:
                return
            try:
                self._drop_done(writing=True)
                self.write_mark()
                if self._writing is not None:
                    self._writing.sync()
            finally:
                if self._writing is not None:
                    self._writing.close()
                if self._reading is not None:
                    self._reading[1].close()
                self._guard.close()

    def _size(self) -> int:
        return sum(segment.size for segment in self._segments)

    def _wait_for_room(self, need: int, patience: float, since: float) -> None:
        left = patience - (time.monotonic() - max(self._last_progress, since))
        if not self._segments or left <= 0:
            waiting = self._next - self._done.reached[1]
            raise SpoolFullError(
                f"{self.folder}: full: {waiting} documents take {self._size()} of {self._limit} bytes, the"
                f" next needs {need}, and none was delivered for {patience:.0f} s"
            )
        self._changed.wait(left)

    def _writable(self) -> Appending:
        writing = self._writing
        if writing is None or writing.segment.size >= self._segment_bytes:
            if writing is not None:
                writing.sync()
                writing.close()
                self._writing = None
            self._writing = writing = Appending(self.folder, self._next)
            self._segments.append(writing.segment)
        return writing

    def _read(self) -> Record:
        if self._reading is None or self._taken >= self._reading[0].behind:
            self._open_segment_of(self._taken)
        assert self._reading is not None  # noqa: S101 - for the type checker
        data = read_frame(self._reading[1])
        if data is None:
            raise SpoolError(f"{self._reading[0].path}: cannot be read again at record {self._taken}")
        record = Record(self._taken, data)
        self._taken += 1
        return record

    def _open_segment_of(self, number: int) -> None:
        if self._reading is not None:
            self._reading[1].close()
        segment = next(each for each in self._segments if each.first <= number < each.behind)
        # Unbuffered at its end: what another thread appends meanwhile must be seen.
        stream = segment.path.open("rb")
        for _ in range(number - segment.first):
            read_frame(stream)
        self._reading = segment, stream

    def _drop_done(self, *, writing: bool = False) -> None:
        """Remove segments that nobody needs; the one that is written stays until it is full, or on demand."""
        reached = self._done.reached[1]
        while self._segments and self._segments[0].behind <= reached:
            segment = self._segments[0]
            busy = self._writing is not None and self._writing.segment is segment
            if busy and not writing and segment.size < self._segment_bytes:
                return
            self._drop(segment)

    def _drop(self, segment: Segment) -> None:
        if self._writing is not None and self._writing.segment is segment:
            self._writing.close()
            self._writing = None
        if self._reading is not None and self._reading[0] is segment:
            self._reading[1].close()
            self._reading = None
        # First the mark: a folder without segments goes on counting behind it, or behind an older one.
        self.write_mark()
        segment.path.unlink(missing_ok=True)
        self._segments.popleft()
