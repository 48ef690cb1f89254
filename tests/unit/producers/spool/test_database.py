import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.spool import database
from producers.spool.database import FILE_NAME, SpoolError
from producers.spool.spool import Spool

LOG_NAME = f"{FILE_NAME}-wal"


def contents(folder: Path) -> tuple[list[bytes], int]:
    """Open a spool, and return its records and how many bytes were put aside."""
    with Spool(folder, "papers") as spool:
        return [record.data for record in spool.take(10_000, 1 << 30, timeout=0)], spool.truncated


def copy(spool: Spool, to: Path) -> Path:
    """Copy the files as they are now, which is what a process that is killed now leaves."""
    to.mkdir(exist_ok=True)
    for name in (FILE_NAME, LOG_NAME):
        shutil.copy(spool.folder / name, to / name)
    return to


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes], list[int]]:
    """What a killed process left: a folder, its records, and where the log ended after each."""
    records = [bytes([number]) * (number * 700) for number in range(12)]
    ends = []
    with Spool(tmp_path_factory.mktemp("spool"), "papers") as spool:
        for record in records:
            spool.append(record)
            ends.append((spool.folder / LOG_NAME).stat().st_size)
        return copy(spool, tmp_path_factory.mktemp("killed")), records, ends


@settings(max_examples=40)
@given(st.data())
def test_a_torn_end_costs_what_was_not_whole_and_is_kept_aside(
    tmp_path_factory: pytest.TempPathFactory,
    killed: tuple[Path, list[bytes], list[int]],
    data: st.DataObject,
) -> None:
    """Cut the log anywhere, as a power cut does: every whole record is there, in order, before new ones."""
    source, records, ends = killed
    folder = tmp_path_factory.mktemp("cut")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    cut = data.draw(st.one_of(st.sampled_from(ends), st.integers(100, ends[-1])))
    log = folder / LOG_NAME
    log.write_bytes(log.read_bytes()[:cut])
    whole = [end for end in ends if end <= cut]
    with Spool(folder, "papers") as spool:
        taken = spool.take(100, 1 << 30, timeout=0)
        assert [record.data for record in taken] == records[: len(whole)]
        assert spool.truncated == cut - max(whole, default=32)
        aside = list(folder.glob("*.truncated"))
        assert sum(path.stat().st_size for path in aside) == spool.truncated
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in aside)
        spool.append(b"new")
        assert [record.data for record in spool.take(9, 9)] == [b"new"]
    assert contents(folder) == ([*records[: len(whole)], b"new"], 0)


@settings(max_examples=80)
@given(st.data())
def test_a_changed_bit_of_the_log_is_noticed(
    tmp_path_factory: pytest.TempPathFactory,
    killed: tuple[Path, list[bytes], list[int]],
    data: st.DataObject,
) -> None:
    """Whichever bit differs, what can no longer be read is put aside, and no record becomes another one."""
    source, records, ends = killed
    folder = tmp_path_factory.mktemp("flipped")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    flip(folder / LOG_NAME, data.draw(st.one_of(st.integers(0, 255), st.integers(0, ends[-1] * 8 - 1))))
    found, aside = contents(folder)
    assert found == records[: len(found)]
    assert len(found) < len(records)
    assert aside >= ends[-1] - max([32, *ends[: len(found)]])


def flip(file: Path, bit: int) -> None:
    """Change a bit of a file."""
    content = bytearray(file.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[bytes]]:
    """The database of a spool that was closed, some of it acknowledged, and the records in it."""
    records = [bytes([number]) * (number * number * 40) for number in range(20)]
    with Spool(tmp_path_factory.mktemp("spool"), "papers", limit=64 << 10) as spool:
        for record in records[:12]:
            spool.append(record)
        for each in spool.take(4, 1 << 20):
            spool.acknowledge(each)
    return (spool.folder / FILE_NAME).read_bytes(), records[4:12]


@settings(max_examples=150)
@given(st.data())
def test_a_changed_bit_of_the_database_is_one_error_or_no_harm(
    tmp_path_factory: pytest.TempPathFactory, closed: tuple[bytes, list[bytes]], data: st.DataObject
) -> None:
    """No record is lost in silence or becomes another; the error names the file, which stays as it was."""
    whole, records = closed
    file = tmp_path_factory.mktemp("flipped") / FILE_NAME
    file.write_bytes(whole)
    flip(file, data.draw(st.one_of(st.integers(0, 12_000), st.integers(0, len(whole) * 8 - 1))))
    damaged = file.read_bytes()
    found, problem = None, ""
    try:
        found, _ = contents(file.parent)
    except SpoolError as error:
        problem = str(error)
    assert found == records or (problem.startswith(str(file.parent)) and file.read_bytes() == damaged)
    assert "\n" not in problem


@pytest.mark.parametrize("size", [0, 1, 100, 511, 512, 2048, 3000, -512, -1])
def test_a_database_that_was_cut_is_one_error(
    tmp_path: Path, closed: tuple[bytes, list[bytes]], size: int
) -> None:
    """Wherever it ends: the file is named, and left alone; an empty file, too, was a spool once."""
    file = tmp_path / FILE_NAME
    file.write_bytes(closed[0][:size])
    before = file.read_bytes()
    with pytest.raises(SpoolError, match=rf"^{file}: is damaged"):
        contents(tmp_path)
    assert file.read_bytes() == before


def test_a_damaged_record_is_named_with_what_to_do(tmp_path: Path) -> None:
    """A page of a record that the disk changed: which record, and how to go on; without it all is well."""
    with Spool(tmp_path, "papers") as spool:
        for number in range(20):
            spool.append(bytes([65 + number]) * 1000)
    file = tmp_path / FILE_NAME
    content = file.read_bytes()
    file.write_bytes(content.replace(b"F" * 1000, b"F" * 999 + b"X"))
    with pytest.raises(SpoolError) as refused:
        contents(tmp_path)
    assert str(refused.value) == (
        f"{file}: is damaged: record 5 is not what was written; move it away to go on without its documents"
    )
    file.rename(tmp_path / "moved")
    assert contents(tmp_path) == ([], 0)


def test_damage_that_comes_later_is_noticed_when_the_record_is_taken(tmp_path: Path) -> None:
    """A record that differs from what was checked when the spool was opened is not given out."""
    with Spool(tmp_path, "papers") as spool:
        spool.append(b"first")
        spool.append(b"second")
        spool._database._run("UPDATE records SET data = x'00' WHERE number = 1")
        with pytest.raises(SpoolError, match="is damaged: record 1 is not what was written"):
            spool.take(9, 1 << 20)


@pytest.mark.parametrize("content", [b"not a database, but a letter of some length" * 40, b"x", bytes(5000)])
def test_a_file_of_something_else_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    """What smartcat has not written it neither reads nor deletes."""
    file = tmp_path / FILE_NAME
    file.write_bytes(content)
    with pytest.raises(SpoolError, match=rf"^{file}: is damaged, or {tmp_path} is no spool"):
        contents(tmp_path)
    assert file.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_kept(tmp_path: Path) -> None:
    """Another program's tables are told from a spool's, even where they are none yet."""
    file = tmp_path / FILE_NAME
    for statement in ("PRAGMA user_version = 2", "CREATE TABLE records (number)"):
        with closing(sqlite3.connect(file)) as other:
            other.execute(statement)
            other.commit()
        before = file.read_bytes()
        with pytest.raises(SpoolError, match=rf"^{file}: is damaged, or {tmp_path} is no spool$"):
            contents(tmp_path)
        assert file.read_bytes() == before


def test_a_spool_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """What it means is not guessed at."""
    contents(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as later:
        later.execute("PRAGMA user_version = 3")
    with pytest.raises(SpoolError, match=f"^{tmp_path}: has format 3, and this version knows 2$"):
        contents(tmp_path)


def test_a_process_that_was_stopped_while_it_made_the_file_is_no_obstacle(tmp_path: Path) -> None:
    """The file has its name only when it is whole; a beginning of it is replaced."""
    (tmp_path / f"{FILE_NAME}.new").write_bytes(b"SQLite format 3\0" + bytes(600))
    with Spool(tmp_path, "papers") as spool:
        spool.append(b"x")
    assert contents(tmp_path) == ([b"x"], 0)
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME, "lock"}


def test_a_log_without_its_database_is_refused(tmp_path: Path) -> None:
    """A new database beside it would take the old pages for its own."""
    with Spool(tmp_path / "a", "papers") as spool:
        spool.append(b"x")
        copy(spool, tmp_path)
    (tmp_path / FILE_NAME).rename(tmp_path / "moved")
    with pytest.raises(
        SpoolError, match=rf"{LOG_NAME}: is the log of a database that is gone; put {FILE_NAME}"
    ):
        contents(tmp_path)
    (tmp_path / "moved").rename(tmp_path / FILE_NAME)
    assert contents(tmp_path) == ([b"x"], 0)


def test_a_number_beyond_the_records_hides_nothing(tmp_path: Path) -> None:
    """Wherever the count stands, what is appended then is delivered, and behind what is there."""
    for number, old in ((-5, []), (99, [b"old"]), (-5, [b"old"])):
        with Spool(tmp_path, "papers") as spool:
            for record in old:
                spool.append(record)
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
            other.execute("UPDATE spool SET next_number = ?", (number,))
            other.commit()
        with Spool(tmp_path, "papers") as spool:
            spool.append(b"new")
        found, _ = contents(tmp_path)
        assert found[-len(old) - 1 :] == [*old, b"new"]


def test_what_was_appended_is_in_a_copy_made_at_any_moment(tmp_path: Path) -> None:
    """Files that are copied while a thread writes, torn as they are, hold all that was appended before."""
    appended = 0

    def write() -> None:
        nonlocal appended
        for number in range(200):
            spool.append(b"%d" % number)
            appended = number + 1

    with Spool(tmp_path / "spool", "papers") as spool:
        writer = threading.Thread(target=write)
        writer.start()
        for round_ in range(10):
            before = appended
            folder = copy(spool, tmp_path / str(round_))
            found, _ = contents(folder)
            assert len(found) >= before
            assert found == [b"%d" % number for number in range(len(found))]
        writer.join(60)


def test_a_torn_end_on_a_full_disk_locks_nothing(
    tmp_path: Path, killed: tuple[Path, list[bytes], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no room to put it aside: what is kept leaves all the same, and no half of a copy stays."""
    source, records, ends = killed
    folder = tmp_path / "cut"
    shutil.copytree(source, folder)
    log = folder / LOG_NAME
    log.write_bytes(log.read_bytes()[: ends[5] + 100])
    real = os.fdopen

    def full(descriptor: int, mode: str) -> Any:
        os.close(descriptor)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fdopen", full)
        with Spool(folder, "papers") as spool:
            assert spool.truncated == 0
            assert list(folder.glob("*.truncated")) == []
            taken = spool.take(100, 1 << 30, timeout=0)
            assert [record.data for record in taken] == records[:6]
            spool.acknowledge(taken[0])
    assert os.fdopen is real
    assert contents(folder)[0] == records[1:6]


def test_a_power_cut_takes_nothing_that_was_synced(tmp_path: Path) -> None:
    """All of the log that was not synced may be missing, or hold anything."""
    with Spool(tmp_path / "spool", "papers") as spool:
        log = spool.folder / LOG_NAME
        for round_ in range(4):
            for number in range(10):
                spool.append(b"%d" % number)
            spool.sync()
            synced = log.stat().st_size
            spool.append(b"not synced")
            folder = copy(spool, tmp_path / str(round_))
            rest = len((folder / LOG_NAME).read_bytes()) - synced
            for end in (b"", bytes(rest), b"\xa5" * rest):
                (folder / LOG_NAME).write_bytes(log.read_bytes()[:synced] + end)
                found = [data for data in contents(folder)[0] if data != b"not synced"]
                assert found == [b"%d" % number for number in range(10)] * (round_ + 1)
                copy(spool, folder)


def test_a_sync_writes_a_transaction_of_its_own_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else reaches the disk in time: a transaction that changes nothing would not be synced."""
    with Spool(tmp_path, "papers") as spool:
        counts = []
        for _ in range(3):
            spool.append(b"x")
            statements: list[str] = []
            spool._database._connection.set_trace_callback(statements.append)
            before = (tmp_path / LOG_NAME).stat().st_size
            spool.sync()
            assert (tmp_path / LOG_NAME).stat().st_size > before
            spool._database._connection.set_trace_callback(None)
            assert statements == [
                "PRAGMA synchronous = FULL",
                "UPDATE spool SET syncs = syncs + 1",
                "PRAGMA synchronous = NORMAL",
            ]
            counts.append(spool._database._run("SELECT syncs FROM spool").fetchone()[0])
        assert counts == [1, 2, 3]
        monkeypatch.setattr(database.Database, "sync", None)
        spool.sync()  # nothing was appended since
        spool._unsynced = False
