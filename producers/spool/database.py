"""The file of a spool: an SQLite database in WAL mode, and what can be wrong with it. No waiting, no threads.

Policy: once ``insert`` returns, a record survives the death of the process, for its transaction is with the
operating system; once ``sync`` returns, it survives a power cut. Only a transaction that one of these cuts
short is undone. All else that differs from what was written is damage: it is reported, nothing is deleted. A
disk that failed to sync once has failed for good: it does not say a second time what it has lost.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from producers.atomic_file import sync_folder
from producers.errors import ProducersError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

FILE_NAME: Final = "spool.sqlite3"

_APPLICATION_ID: Final = int.from_bytes(b"smcs", "big")
_FORMAT: Final = 2
"""Format 1 was segments: files of their own."""

_SCHEMA: Final = (
    "CREATE TABLE records (number INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE spool (stream TEXT NOT NULL, next_number INTEGER NOT NULL, syncs INTEGER NOT NULL)",
)
_EMPTY_PAGES: Final = 3

_MAX_ASIDE_BYTES: Final = 32 * 1024 * 1024
"""What is set aside of the limit beside the database; a quarter of the limit, if that is less. Half of it is
for a transaction in the log, a quarter for what the log holds before it is emptied, a quarter is the reserve.
"""

_SMALL_BYTES: Final = 1024 * 1024
_LOG_HEADER: Final = 32
_FRAME_HEADER: Final = 24  # before each page in the log: https://www.sqlite.org/fileformat2.html#walformat

_FAILED_SYNCS: Final = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})
_READS: Final = ("SELECT", "PRAGMA page_count", "PRAGMA freelist_count")

_LEAST_NUMBER: Final = -(2**63)
_ALL: Final = -1


class SpoolError(ProducersError):
    """A spool cannot be used, or is full; what it holds is still in it."""


class Database:
    """Records by number. Not safe to use from several threads at once, nor in a forked process.

    Args:
        folder: Where the file is; the caller has locked it.
        stream: The stream the records are for.
        limit: Bytes that all files may take together, at least 64 KiB.

    Raises:
        SpoolError: The file is damaged, of another format, or for another stream.
        OSError: The folder cannot be used.

    Attributes:
        path: The database; its log has ``-wal`` behind the name.
        count: Records it held when it was opened.
        next_number: The number of the next record; numbers never begin again.
        truncated: Bytes at the end of the log that were no whole transaction, and were put aside.
    """

    def __init__(self, folder: Path, stream: str, limit: int) -> None:
        self.path = folder / FILE_NAME
        self._log = folder / f"{FILE_NAME}-wal"
        self._reserve = folder / "reserve"
        self._limit = limit
        self._aside = min(_MAX_ASIDE_BYTES, limit // 4)
        self._process = os.getpid()
        self._has_lost = False
        if not self.path.exists():
            self._create(stream)
        with self._errors("cannot be opened"):
            self._connection = _connect(self.path)
        try:
            with self._errors(f"is damaged, or {folder} is no spool"):
                self._check_format()
                self._configure()
            with self._errors("cannot be read"):
                self.truncated = self._put_unfinished_aside()
                self._check_pages()
                self._check_stream(stream)
                self.next_number, self.count = self._check_records()
                # Not asked of SQLite for each record: each question lets another thread in.
                self._most_pages, _ = self._pages()
            self._make_reserve()
        except BaseException:
            self._connection.close()
            raise

    @property
    def size(self) -> int:
        """Bytes on disk."""
        size = 0
        for path in (self.path, self._log, self._reserve):
            with suppress(FileNotFoundError):
                size += path.stat().st_size
        return size

    @property
    def used(self) -> int:
        """Bytes that count against the limit."""
        pages, free = self._pages()
        return (pages - free) * self._page + self._aside

    def has_room(self, size: int) -> bool:
        """Return whether a record of so many bytes fits."""
        if self._bytes_with(size, self._most_pages, 0) <= self._limit:
            return True
        self._most_pages, free = self._pages()
        return self._bytes_with(size, self._most_pages, free) <= self._limit

    def least_limit(self, size: int) -> int:
        """Return the limit in bytes from which on a record of so many bytes fits into an empty spool."""
        return self._bytes_with(size, _EMPTY_PAGES, 0)

    def insert(self, data: bytes) -> None:
        """Add a record with the next number.

        Raises:
            SpoolError: The disk is full, or refuses; the database is as it was.
        """
        number = self.next_number
        with self._errors("cannot keep documents"):
            self._run("INSERT INTO records VALUES (?, ?, ?)", number, _checksum(number, data), data)
        self.next_number += 1
        self._most_pages += (pages := self._pages_for(len(data)))
        if pages > self._checkpoint_pages:
            self._empty_log()
        else:
            self._empty_long_log()

    def read(self, number: int, records: int = _ALL) -> Generator[tuple[int, bytes]]:
        """Yield records in order, one in memory at a time; close the iterator before anything is written.

        Args:
            number: The least number.
            records: How many at most.

        Raises:
            SpoolError: A record is damaged, or the disk refuses.
        """
        query = "SELECT number, checksum, data FROM records WHERE number >= ? ORDER BY number LIMIT ?"
        with self._errors("cannot be read"), closing(self._run(query, number, records)) as rows:
            for each, checksum, data in rows:
                if not isinstance(data, bytes) or checksum != _checksum(each, data):
                    raise self._damaged(f"record {each} is not what was written")
                yield each, data

    def delete(self, numbers: Sequence[int]) -> None:
        """Remove records, those that are there; later ones use the room they took.

        Raises:
            SpoolError: The disk is full, or refuses; all or some are still there.
        """
        try:
            self._delete(numbers)
        except SpoolError:
            # To remove takes room in the log. Where the disk has none, the reserve gives enough to empty it.
            if not self._reserve.exists():
                raise
            self._reserve.unlink()
            self._empty_log()
            self._delete(numbers)

    def sync(self) -> None:
        """Put all that was written on the disk: one synced transaction, and with it all before it in the log.

        Raises:
            SpoolError: The disk is full, or refuses.
        """
        with self._errors("cannot keep documents"):
            self._pragma("synchronous = FULL")
            try:
                # Always another value: where nothing changes SQLite writes nothing, and syncs nothing.
                self._run("UPDATE spool SET syncs = syncs + 1")
            finally:
                with suppress(SpoolError):
                    self._pragma("synchronous = NORMAL")
        self._empty_long_log()

    def compact(self) -> None:
        """Give room back to the disk once a quarter of the file is used, and the log can take a copy of that.

        A full disk leaves it as it was.
        """
        pages, free = self._pages()
        file, used = pages * self._page, (pages - free) * self._page
        if file > min(_SMALL_BYTES, self._aside // 2) and used * 4 <= file and used <= self._aside // 2:
            with suppress(sqlite3.Error, SpoolError):
                self._run("VACUUM")
            self._empty_log()

    def close(self) -> None:
        """Close it; SQLite moves the log into the database."""
        self._reserve.unlink(missing_ok=True)
        self._connection.close()

    def remove(self) -> None:
        """Close and delete it: for a full disk, where no record is needed and none can be removed."""
        self.close()
        self._log.unlink(missing_ok=True)
        self.path.unlink()

    def _create(self, stream: str) -> None:
        """Make the file under another name, so that it is whole or not there."""
        if self._log.exists():
            raise SpoolError(f"{self._log}: is the log of a database that is gone; put {FILE_NAME} back")
        new = self.path.with_name(f"{FILE_NAME}.new")
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with self._errors("cannot be created"), closing(_connect(new)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY").fetchall()
            connection.execute(f"PRAGMA page_size = {4096 if self._limit >= _SMALL_BYTES else 512}")
            for statement in ("BEGIN", *_SCHEMA):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
            connection.execute("INSERT INTO spool VALUES (?, 0, 0)", (stream,))
            connection.execute("COMMIT")
        new.rename(self.path)
        sync_folder(self.path.parent)

    def _check_format(self) -> None:
        # Before anything is read: otherwise SQLite shares memory with others, in one more file.
        self._pragma("locking_mode = EXCLUSIVE")
        if self._pragma("application_id") != _APPLICATION_ID:
            raise SpoolError(f"{self.path}: is damaged, or {self.path.parent} is no spool")
        if (found := self._pragma("user_version")) != _FORMAT:
            raise SpoolError(f"{self.path.parent}: has format {found}, and this version knows {_FORMAT}")

    def _configure(self) -> None:
        self._page: int = self._pragma("page_size")
        self._checkpoint_pages = self._aside // 4 // (self._page + _FRAME_HEADER)
        self._pragma("journal_mode = WAL")
        # By our own hand: SQLite passes over a sync that fails in a checkpoint of its own.
        self._pragma("wal_autocheckpoint = 0")
        # So that the log ends where its last transaction ends, but for one that is unfinished.
        self._pragma("journal_size_limit = 0")
        self._pragma("synchronous = NORMAL")
        self._pragma("secure_delete = FAST")
        # No copy of a document is to lie among temporary files.
        self._pragma("temp_store = MEMORY")

    def _check_pages(self) -> None:
        if (found := self._pragma("quick_check(1)")) != b"ok":
            raise self._damaged(str(found, "utf-8", "replace").splitlines()[-1])
        schema = self._run("SELECT CAST(sql AS BLOB) FROM sqlite_master ORDER BY name").fetchall()
        if schema != [(each.encode(),) for each in _SCHEMA]:
            raise self._damaged("its tables are not those that were made")

    def _check_stream(self, stream: str) -> None:
        owner = str(self._run("SELECT CAST(stream AS BLOB) FROM spool").fetchone()[0], "utf-8", "replace")
        if owner != stream:
            raise SpoolError(
                f"{self.path.parent}: keeps documents for the stream {owner!r}, not for {stream!r}"
            )

    def _check_records(self) -> tuple[int, int]:
        """Read every record; return the next number and how many there are."""
        following: int = self._run("SELECT CAST(next_number AS INTEGER) FROM spool").fetchone()[0]
        count = 0
        for number, _ in self.read(_LEAST_NUMBER):
            following, count = max(following, number + 1), count + 1
        return max(following, 0), count

    def _put_unfinished_aside(self) -> int:
        """Copy what the log has behind its last whole transaction to a file; return how many bytes."""
        try:
            _, whole, _ = self._run("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            with self._log.open("rb") as log:
                log.seek(_LOG_HEADER + max(whole, 0) * (self._page + _FRAME_HEADER))
                rest = log.read()
            if rest:
                self._put_aside(rest)
        except (OSError, sqlite3.OperationalError):
            return 0  # There is no log; or the disk is full, and what is kept must leave all the same.
        self._empty_log()
        return len(rest)

    def _put_aside(self, rest: bytes) -> None:
        """Write bytes to a file of their own, which only its owner may read, whole or not at all."""
        aside = self.path.with_name(f"{self._log.stat().st_mtime_ns}.truncated")
        aside.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(rest)
        except OSError:
            aside.unlink(missing_ok=True)
            raise

    def _make_reserve(self) -> None:
        try:
            descriptor = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._aside // 4)
            finally:
                os.close(descriptor)
        except (OSError, AttributeError):  # The disk is full; or this is macOS, which has no such call.
            self._reserve.unlink(missing_ok=True)

    def _delete(self, numbers: Sequence[int]) -> None:
        step = self._checkpoint_pages
        for first in range(0, len(numbers), step):
            with self._errors("cannot remove documents"), self._connection:
                self._run("BEGIN IMMEDIATE")
                for number in numbers[first : first + step]:
                    self._run("DELETE FROM records WHERE number = ?", number)
                self._run("UPDATE spool SET next_number = ?", self.next_number)
            self._empty_long_log()

    def _pages_for(self, size: int) -> int:
        """Return the pages that a record adds at most: its own, a leaf, and two of the tree."""
        return size // (self._page - 4) + 4

    def _bytes_with(self, size: int, pages: int, free: int) -> int:
        """Return the bytes on disk at most when a record is added, which is in the log first."""
        added = self._pages_for(size)
        transaction = (added + 8) * (self._page + _FRAME_HEADER)
        log_and_reserve = max(self._aside, self._aside // 2 + transaction)
        return (pages + max(0, added - free)) * self._page + log_and_reserve

    def _empty_log(self) -> None:
        with suppress(sqlite3.Error, SpoolError):
            self._pragma("wal_checkpoint(TRUNCATE)")

    def _empty_long_log(self) -> None:
        """Move the log into the database once it has its full length; what is written next begins it anew."""
        with suppress(sqlite3.Error, SpoolError, FileNotFoundError):
            if self._log.stat().st_size > self._checkpoint_pages * (self._page + _FRAME_HEADER):
                self._pragma("wal_checkpoint(PASSIVE)")

    def _pages(self) -> tuple[int, int]:
        return self._pragma("page_count"), self._pragma("freelist_count")

    def _pragma(self, text: str) -> Any:
        row = self._run(f"PRAGMA {text}").fetchone()
        return row and row[0]

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        if self._process != os.getpid():
            raise SpoolError(f"{self.path}: was opened by another process")
        if self._has_lost and not statement.startswith(_READS):
            raise SpoolError(f"{self.path}: cannot keep documents: the disk has failed to sync before")
        try:
            return self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            self._has_lost = self._has_lost or getattr(error, "sqlite_errorcode", 0) in _FAILED_SYNCS
            raise

    @contextmanager
    def _errors(self, problem: str) -> Iterator[None]:
        """Turn errors of SQLite into one that names the file and the reason."""
        try:
            yield
        except UnicodeDecodeError as error:
            # From a message of SQLite that quotes damaged text.
            raise self._damaged("its tables cannot be read") from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if code == sqlite3.SQLITE_BUSY:
                raise SpoolError(f"{self.path}: is in use by another process") from error
            if code == sqlite3.SQLITE_CORRUPT:
                raise self._damaged(str(error)) from error
            raise SpoolError(f"{self.path}: {problem}: {error}") from error

    def _damaged(self, how: str) -> SpoolError:
        return SpoolError(f"{self.path}: is damaged: {how}; move it away to go on without its documents")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    connection.text_factory = bytes
    return connection


def _checksum(number: int, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(number.to_bytes(8, "big", signed=True)))
