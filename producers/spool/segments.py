"""The files of a spool: append-only segments, named by the number of their first record.

Policy: a record is with the operating system when ``append`` returns, and survives the death of the process;
it is on the disk, and survives a power cut, when ``sync`` returns. A torn end, which either can leave behind,
is put aside when the file is opened again. Damage before the end is an error, for it is not of our making.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from producers.atomic_file import sync_folder
from producers.errors import ProducersError
from producers.spool.frames import frame, whole_frames

if TYPE_CHECKING:
    from pathlib import Path

END = ".spool"


class SpoolError(ProducersError):
    """A spool cannot be used, or is full; what it holds is still in it."""


@dataclass(slots=True)
class Segment:
    """One file.

    Attributes:
        path: Where it is.
        first: The number of its first record.
        count: Its records.
        size: Its bytes.
    """

    path: Path
    first: int
    count: int = 0
    size: int = 0

    @property
    def behind(self) -> int:
        """The number of the first record behind it."""
        return self.first + self.count


class Appending:
    """The segment that is written."""

    def __init__(self, folder: Path, first: int) -> None:
        self.segment = Segment(folder / f"{first:020d}{END}", first)
        self._number = os.open(self.segment.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        sync_folder(folder)

    def append(self, record: bytes) -> None:
        """Hand a record to the operating system, whole or not at all.

        Raises:
            OSError: There is no room, or the disk refuses; the segment is as it was.
        """
        data = frame(record)
        try:
            written = os.write(self._number, data)
            while written < len(data):
                written += os.write(self._number, data[written:])
        except BaseException:
            os.ftruncate(self._number, self.segment.size)
            raise
        self.segment.size += len(data)
        self.segment.count += 1

    def sync(self) -> None:
        """Put what was appended on the disk."""
        os.fsync(self._number)

    def close(self) -> None:
        """End it."""
        os.close(self._number)


def find_segments(folder: Path) -> tuple[list[Segment], int]:
    """Open the segments that an earlier process left.

    Args:
        folder: The spool's folder.

    Returns:
        The segments with records, in order, checked; and the bytes of a torn end, which is now in a file
        beside them.

    Raises:
        SpoolError: A segment is damaged, or one is missing between others.
    """
    paths = sorted(path for path in folder.glob(f"*{END}") if path.stem.isdecimal())
    found: list[Segment] = []
    torn = 0
    for path in paths:
        segment = Segment(path, int(path.stem))
        with path.open("rb") as stream:
            segment.count, segment.size = whole_frames(stream)
        if found and segment.first != found[-1].behind:
            missing = f"{found[-1].behind} to {segment.first - 1}"
            raise SpoolError(f"{path}: records are missing before it: {missing}")
        torn = path.stat().st_size - segment.size
        if torn and path != paths[-1]:
            message = f"{path}: damaged at byte {segment.size}; move it away to go on without its records"
            raise SpoolError(message)
        if torn:
            _put_torn_end_aside(segment)
        if segment.count:
            found.append(segment)
        else:
            # A process was stopped before its first record was whole; the next one will want the name.
            path.unlink()
    return found, torn


def _put_torn_end_aside(segment: Segment) -> None:
    with segment.path.open("rb+") as stream:
        stream.seek(segment.size)
        segment.path.with_suffix(".torn").write_bytes(stream.read())
        stream.truncate(segment.size)
        stream.flush()
        os.fsync(stream.fileno())
