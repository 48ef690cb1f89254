import os
import signal
import sqlite3
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.spool import database
from producers.spool.database import SpoolError
from producers.spool.spool import Record, Spool, SpoolFullError

LIMIT = 64 * 1024


def open_spool(folder: Path, limit: int = LIMIT) -> Spool:
    """Open a spool for the stream that all these tests use."""
    return Spool(folder, "papers", limit=limit)


def contents(spool: Spool) -> list[bytes]:
    """Take all that is there."""
    return [record.data for record in spool.take(10_000, 1 << 30, timeout=0)]


def fill(spool: Spool, record: bytes) -> int:
    """Append a record until the spool is full, and return how often it was."""
    for count in range(10_000):
        try:
            spool.append(record)
        except SpoolFullError:
            return count
    raise AssertionError("a spool without a limit")


def test_first_in_first_out_over_processes(tmp_path: Path) -> None:
    """What was not acknowledged comes back in order after the spool is opened again; the others do not."""
    with open_spool(tmp_path) as spool:
        for number in range(5):
            spool.append(b"%d" % number)
        taken = spool.take(3, 1 << 20)
        assert [record.data for record in taken] == [b"0", b"1", b"2"]
        spool.acknowledge(taken[1])
        spool.acknowledge(taken[0])
        assert spool.waiting == 3
    with open_spool(tmp_path) as spool:
        assert spool.waiting == 3
        assert contents(spool) == [b"2", b"3", b"4"]
        spool.append(b"5")
        (last,) = spool.take(1, 1 << 20)
        assert last == (5, b"5")


def test_what_was_acknowledged_out_of_turn_does_not_come_back(tmp_path: Path) -> None:
    """A record that waits holds up nothing behind it, and an acknowledgement counts once."""
    with open_spool(tmp_path) as spool:
        for number in range(5):
            spool.append(b"%d" % number)
        taken = spool.take(4, 1 << 20)
        for _ in range(2):
            spool.acknowledge(taken[1])
            spool.acknowledge(taken[3])
        assert spool.waiting == 3
    spool.acknowledge(taken[0])  # too late: it is for the next process to send
    with open_spool(tmp_path) as spool:
        assert contents(spool) == [b"0", b"2", b"4"]


def test_what_is_acknowledged_leaves_the_disk(tmp_path: Path) -> None:
    """Room is given back when most is acknowledged, and an empty spool goes on counting."""
    with open_spool(tmp_path) as spool:
        for number in range(10):
            spool.append(bytes(3000) + b"%d" % number)
        assert spool.size > 30_000
        for record in spool.take(1000, 1 << 30):
            spool.acknowledge(record)
        assert spool.take(1, 1, timeout=0) == []
        assert spool.size < 9_000
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 5_000
    with open_spool(tmp_path) as spool:
        spool.append(b"next")
        assert spool.take(1, 1)[0].number == 10


class FullDisk(sqlite3.Connection):
    """A connection whose disk has room for nothing, not even for removing something."""

    error = sqlite3.SQLITE_FULL
    full = True

    def execute(self, statement: str, *arguments: object) -> sqlite3.Cursor:  # type: ignore[override]
        if self.full and statement.startswith(("INSERT", "DELETE", "UPDATE", "VACUUM", "PRAGMA wal_check")):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = self.error
            raise error
        return super().execute(statement, *arguments)  # type: ignore[arg-type]


class ForgetfulDisk(sqlite3.Connection):
    """A connection whose disk fails to sync, once, and says afterwards that all is well."""

    at = ""

    def execute(self, statement: str, *arguments: object) -> sqlite3.Cursor:  # type: ignore[override]
        if ForgetfulDisk.at and statement.startswith(ForgetfulDisk.at):
            ForgetfulDisk.at = ""
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        return super().execute(statement, *arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("at", ["UPDATE spool SET syncs", "PRAGMA wal_checkpoint", "VACUUM"])
def test_a_sync_that_failed_once_is_never_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """The system drops what it could not write, and the next sync has nothing to do: it must not say yes."""
    with_connections(monkeypatch, ForgetfulDisk)
    spool = open_spool(tmp_path, 1 << 20)
    for number in range(400):
        spool.append(bytes(1000) + b"%d" % number)
    monkeypatch.setattr(ForgetfulDisk, "at", at)
    for record in spool.take(390, 1 << 30):
        spool.acknowledge(record)
    with suppress(SpoolError):
        spool.sync()
    assert ForgetfulDisk.at == "", "it was not asked to sync"
    spool._unsynced = True
    for use in (spool.sync, lambda: spool.append(b"more"), spool.close):
        with pytest.raises(SpoolError, match="cannot keep documents: the disk has failed to sync before"):
            use()
    with open_spool(tmp_path) as spool:
        assert contents(spool)[-1][1000:] == b"399"


def no_room(*_: object) -> None:
    """Refuse, as a full disk does."""
    raise OSError(28, "No space left on device")


def with_connections(monkeypatch: pytest.MonkeyPatch, kind: type[sqlite3.Connection]) -> None:
    """Let spools use another kind of connection."""

    def connect(path: Path) -> sqlite3.Connection:
        found = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False, factory=kind)
        found.text_factory = bytes
        return found

    monkeypatch.setattr(database, "_connect", connect)


def test_a_full_disk_lets_out_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without any room keeps no document in, and hides none that comes later."""
    with open_spool(tmp_path, 1 << 20) as spool:
        for number in range(40):
            spool.append(bytes(1000) + b"%d" % number)
    with monkeypatch.context() as full:
        full.setattr(os, "posix_fallocate", no_room)
        with_connections(full, FullDisk)
        with open_spool(tmp_path, 1 << 20) as spool:
            taken = spool.take(1000, 1 << 30)
            assert [record.data[1000:] for record in taken] == [b"%d" % number for number in range(40)]
            for record in taken[:39]:
                spool.acknowledge(record)
        assert (tmp_path / database.FILE_NAME).exists()
        with open_spool(tmp_path, 1 << 20) as spool:
            for record in spool.take(1000, 1 << 30):
                spool.acknowledge(record)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    with open_spool(tmp_path) as spool:
        spool.append(b"next")
    with open_spool(tmp_path) as spool:
        assert contents(spool) == [b"next"]


def test_a_reserve_lets_a_full_disk_note_what_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room that was held back is given up for the acknowledgements, so that nothing is sent twice."""
    with_connections(monkeypatch, FullDisk)
    monkeypatch.setattr(FullDisk, "full", property(lambda _: full and (tmp_path / "reserve").exists()))
    full = False
    with open_spool(tmp_path) as spool:
        for number in range(4):
            spool.append(b"%d" % number)
        full = True
        with pytest.raises(SpoolError, match="cannot keep documents"):
            spool.append(b"4")
        for record in spool.take(2, 1 << 20):
            spool.acknowledge(record)
        assert spool.take(1, 1)[0].data == b"2"
        spool.sync()
        assert not (tmp_path / "reserve").exists()
        copy = sqlite3.connect(":memory:")
        spool._database._connection.backup(copy)
        assert copy.execute("SELECT data FROM records").fetchall() == [(b"2",), (b"3",)]
        copy.close()


def test_a_full_spool_says_so_after_the_wait(tmp_path: Path) -> None:
    """Nothing is written beyond the limit, and the error says how much is kept."""
    with open_spool(tmp_path) as spool:
        record = bytes(10_000)
        for _ in range(3):
            spool.append(record)
        with pytest.raises(
            SpoolFullError,
            match=rf"^{tmp_path}: full: 3 documents take \d+ of 65536 bytes, the next has 10000, and none was"
            " delivered for 0 s$",
        ):
            spool.append(record)
        assert spool.size <= LIMIT
        # Room again once the first is done.
        for each in spool.take(1, 1 << 20):
            spool.acknowledge(each)
        spool.append(record)
    with (
        open_spool(tmp_path / "other") as spool,
        pytest.raises(
            SpoolFullError, match=r"a document of 65536 bytes needs a spool of \d+ bytes, and this"
        ),
    ):
        spool.append(bytes(LIMIT), give_up_after=1000)


@settings(max_examples=25)
@given(
    st.sampled_from([LIMIT, 200_000, 1 << 20, 3 << 20]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9)), min_size=1, max_size=60),
)
def test_never_more_on_the_disk_than_the_limit(
    tmp_path_factory: pytest.TempPathFactory, limit: int, steps: list[tuple[float, int]]
) -> None:
    """Whatever is appended and acknowledged in whichever order, all files together stay within the limit."""
    folder = tmp_path_factory.mktemp("spool")
    with open_spool(folder, limit) as spool:
        under_way = []
        for share, done in steps:
            try:
                spool.append(bytes(int(share**3 * limit / 3)))
            except SpoolFullError:
                under_way += spool.take(1000, 1 << 30, timeout=0)
            assert sum(path.stat().st_size for path in folder.iterdir()) <= limit
            for _ in range(min(done, len(under_way))):
                spool.acknowledge(under_way.pop(done % len(under_way)))
            assert sum(path.stat().st_size for path in folder.iterdir()) <= limit


def test_after_everything_is_acknowledged_the_largest_document_fits(tmp_path: Path) -> None:
    """Room that many small documents left behind is room for a large one."""
    with open_spool(tmp_path, 1 << 20) as spool:
        assert fill(spool, bytes(500)) > 500
        for record in spool.take(10_000, 1 << 30):
            spool.acknowledge(record)
        largest = next(n for n in range(1 << 20, 0, -1000) if spool._database.least_limit(n) <= 1 << 20)
        assert largest > 400_000
        spool.append(bytes(largest))
        assert spool.size <= 1 << 20


def test_a_writer_waits_for_room(tmp_path: Path) -> None:
    """Somebody who appends to a full spool goes on as soon as something is acknowledged."""
    with open_spool(tmp_path) as spool:
        count = fill(spool, bytes(10_000))
        writer = threading.Thread(target=spool.append, args=(bytes(10_000),), kwargs={"give_up_after": 60})
        writer.start()
        for each in spool.take(count, 1 << 20):
            spool.acknowledge(each)
        writer.join(60)
        assert spool.waiting == 1


def test_nobody_waits_for_who_has_given_up(tmp_path: Path) -> None:
    """The reason of the one that empties the spool reaches the one that fills it."""
    with open_spool(tmp_path) as spool:
        spool.fail(SpoolError("no such stream"))
        with pytest.raises(SpoolError, match="no such stream"):
            spool.append(b"x", give_up_after=1000)


def test_taking_ends_when_nothing_more_comes(tmp_path: Path) -> None:
    """A reader that waits is told the end."""
    with open_spool(tmp_path) as spool:
        spool.append(b"x")
        spool.finish()
        assert [record.data for record in spool.take(9, 1 << 20)] == [b"x"]
        assert spool.take(9, 1 << 20) == []


def test_many_threads_share_a_spool(tmp_path: Path) -> None:
    """Each record is taken once, and those of one thread in the order in which it appended them."""
    taken: list[bytes] = []
    guard = threading.Lock()

    def write(name: int) -> None:
        for number in range(100):
            spool.append(b"%d %03d" % (name, number), give_up_after=60)

    def take() -> list[Record]:
        with guard:  # so that the order is that of taking
            records = spool.take(7, 1 << 20)
            taken.extend(record.data for record in records)
        return records

    def read() -> None:
        while records := take():
            for record in records:
                spool.acknowledge(record)

    with open_spool(tmp_path) as spool, ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write, name) for name in range(3)]
        readers = [pool.submit(read) for _ in range(2)]
        for running in writers:
            running.result(60)
        spool.finish()
        for running in readers:
            running.result(60)
        assert spool.waiting == 0
    assert len(taken) == 300
    for name in range(3):
        mine = [data for data in taken if data.startswith(b"%d " % name)]
        assert mine == [b"%d %03d" % (name, number) for number in range(100)]


def test_a_forked_process_leaves_the_spool_to_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's locks are not inherited: a child must write nothing, and its end must close nothing."""
    with open_spool(tmp_path) as spool:
        spool.append(b"x")
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: 1)
            with pytest.raises(SpoolError, match="was opened by another process"):
                spool.append(b"y")
            spool.close()
        spool.append(b"z")
        assert contents(spool) == [b"x", b"z"]


def test_one_process_and_one_stream_at_a_time(tmp_path: Path) -> None:
    """A second user is refused, and so is another stream."""
    with open_spool(tmp_path), pytest.raises(SpoolError, match="is in use by another process"):
        open_spool(tmp_path)
    with pytest.raises(SpoolError, match="keeps documents for the stream 'papers', not for 'others'"):
        Spool(tmp_path, "others")
    shell = sqlite3.connect(tmp_path / database.FILE_NAME, isolation_level=None)
    shell.execute("BEGIN IMMEDIATE")
    with pytest.raises(SpoolError, match="is in use by another process"):
        open_spool(tmp_path)
    shell.close()
    with open_spool(tmp_path) as spool:
        assert spool.waiting == 0


def test_a_full_disk_leaves_the_spool_as_it_was(tmp_path: Path) -> None:
    """Half a record is taken back, the error names file and reason, and the others are still there."""
    with open_spool(tmp_path, 1 << 20) as spool:
        spool.append(b"first")
        pages = spool._database._pragma("page_count")
        spool._database._pragma(f"max_page_count = {pages + 2}")
        with pytest.raises(
            SpoolError,
            match=rf"^{tmp_path}/spool\.sqlite3: cannot keep documents: database or disk is full$",
        ):
            spool.append(bytes(100_000))
        spool.append(b"second")
        assert contents(spool) == [b"first", b"second"]


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_READONLY])
def test_a_disk_that_refuses_is_one_error_with_the_name_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Appending and syncing raise it; what was kept is kept."""
    with open_spool(tmp_path) as spool:
        spool.append(b"first")
    with monkeypatch.context() as broken:
        with_connections(broken, FullDisk)
        broken.setattr(FullDisk, "error", code)
        with open_spool(tmp_path) as spool:
            with pytest.raises(SpoolError, match=rf"^{tmp_path}/spool\.sqlite3: cannot keep documents: "):
                spool.append(b"second")
            spool._unsynced = True
            with pytest.raises(SpoolError, match=rf"^{tmp_path}/spool\.sqlite3: cannot keep documents: "):
                spool.sync()
            spool._unsynced = False
    with open_spool(tmp_path) as spool:
        assert contents(spool) == [b"first"]


def test_a_spool_that_cannot_be_synced_is_closed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was appended may not survive a power cut: that is an error; the folder is free again."""
    with_connections(monkeypatch, FullDisk)
    monkeypatch.setattr(FullDisk, "full", False)
    spool = open_spool(tmp_path)
    spool.append(b"x")
    monkeypatch.setattr(FullDisk, "full", True)
    with pytest.raises(SpoolError, match=rf"^{tmp_path}/spool\.sqlite3: cannot keep documents: "):
        spool.close()
    monkeypatch.setattr(FullDisk, "full", False)
    with open_spool(tmp_path) as spool:
        assert contents(spool) == [b"x"]


def test_a_folder_that_cannot_be_made_is_named() -> None:
    """The error is that of the system, with the path."""
    with pytest.raises(OSError, match="/proc/nowhere"):
        open_spool(Path("/proc/nowhere"))


def test_only_the_owner_can_read_a_spool(tmp_path: Path) -> None:
    """Folder 0700 and files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        with open_spool(tmp_path / "new" / "spool") as spool:
            spool.append(bytes(5000))
            files = list(spool.folder.iterdir())
            assert {path.name for path in files} == {"lock", "reserve", "spool.sqlite3", "spool.sqlite3-wal"}
            assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
            assert spool.folder.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)


def test_a_spool_of_an_earlier_version_is_refused_until_it_is_empty(tmp_path: Path) -> None:
    """Segments of the earlier format are named, with what to do; what else it left does not matter."""
    (tmp_path / "spool.json").write_text('{"smartcat_spool": 1, "stream": "papers"}')
    (tmp_path / "done.json").write_text('{"done": 7}')
    (tmp_path / "lock").touch()
    segment = tmp_path / f"{7:020d}.spool"
    segment.write_bytes(b"\0\0\0\1")
    with pytest.raises(SpoolError) as refused:
        open_spool(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path} holds a spool of an earlier version of smartcat: empty it first with that version"
        f" (smartcat produce --spool {tmp_path}), then use it again"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"spool.json", "done.json", "lock", segment.name}
    segment.unlink()
    with open_spool(tmp_path) as spool:
        spool.append(b"x")
        assert contents(spool) == [b"x"]


def test_memory_does_not_grow_with_what_is_kept(tmp_path: Path) -> None:
    """Opening and taking hold what is taken, and one record more."""
    with open_spool(tmp_path, 1 << 28) as spool:
        for _ in range(30):
            spool.append(bytes(1 << 20))
    tracemalloc.start()
    try:
        with open_spool(tmp_path, 1 << 28) as spool:
            assert len(spool.take(1000, 2 << 20)) == 2
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()


def test_a_large_document_is_kept_whole(tmp_path: Path) -> None:
    """Tens of megabytes in a record; its transaction does not stay in the log."""
    data = bytes(range(256)) * (40 << 12)
    with open_spool(tmp_path, 1 << 28) as spool:
        spool.append(data)
        assert spool.size < 52 << 20
    with open_spool(tmp_path, 1 << 28) as spool:
        assert contents(spool) == [data]


KILLED = """
import sys
from pathlib import Path
from producers.spool.spool import Spool
spool = Spool(Path(sys.argv[1]), "papers")
for number in range(10**9):
    spool.append(b"%d" % number)
    if number % 10 == 9:
        spool.acknowledge(spool.take(1, 1)[0])
    if number == 500:
        print("now", flush=True)
"""


def test_kill_minus_nine_loses_and_reorders_nothing(tmp_path: Path) -> None:
    """Of a process that is killed while it appends, everything that was not done is there, in order."""
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    with open_spool(tmp_path) as spool:
        numbers = [int(data) for data in contents(spool)]
    assert len(numbers) > 400
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[0] <= 51 + len(numbers)
