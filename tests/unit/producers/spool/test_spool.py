import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.spool import folder as spool_folder
from producers.spool.frames import HEAD
from producers.spool.segments import SpoolError
from producers.spool.spool import Spool, SpoolFullError

LIMIT = 64 * 1024


def open_spool(folder: Path, limit: int = LIMIT) -> Spool:
    """Open a spool for the stream that all these tests use."""
    return Spool(folder, "papers", limit=limit)


def contents(spool: Spool) -> list[bytes]:
    """Take all that is there."""
    return [record.data for record in spool.take(10_000, 1 << 30, timeout=0)]


def test_first_in_first_out_over_processes(tmp_path: Path) -> None:
    """What was not done comes back in order after the spool is opened again; what was done does not."""
    with open_spool(tmp_path) as spool:
        for number in range(5):
            spool.append(b"%d" % number)
        taken = spool.take(3, 1 << 20)
        assert [record.data for record in taken] == [b"0", b"1", b"2"]
        spool.done(taken[1])
        spool.done(taken[0])
        assert spool.waiting == 3
    with open_spool(tmp_path) as spool:
        assert spool.waiting == 3
        assert contents(spool) == [b"2", b"3", b"4"]
        spool.append(b"5")
        (last,) = spool.take(1, 1 << 20)
        assert last == (5, b"5")


def test_what_is_done_leaves_the_disk(tmp_path: Path) -> None:
    """Segments go when their records are done, and an empty spool goes on counting."""
    with open_spool(tmp_path) as spool:
        for number in range(40):
            spool.append(bytes(1000) + b"%d" % number)
        assert spool.size > 40_000
        for record in spool.take(1000, 1 << 30):
            spool.done(record)
        assert spool.size < 9_000
    assert not list(tmp_path.glob("*.spool"))
    with open_spool(tmp_path) as spool:
        spool.append(b"next")
        assert spool.take(1, 1)[0].number == 40


def test_a_full_disk_lets_out_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without room for the mark keeps no document in, and hides none that comes later."""
    with open_spool(tmp_path) as spool:
        for number in range(40):
            spool.append(bytes(1000) + b"%d" % number)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(spool_folder, "replace_file", refuse)
        with open_spool(tmp_path) as spool:
            taken = spool.take(1000, 1 << 30)
            assert [record.data[1000:] for record in taken] == [b"%d" % number for number in range(40)]
            for record in taken:
                spool.done(record)
    assert not list(tmp_path.glob("*.spool"))
    with open_spool(tmp_path) as spool:
        spool.append(b"next")
    with open_spool(tmp_path) as spool:
        assert contents(spool) == [b"next"]


def test_a_full_spool_says_so_after_the_wait(tmp_path: Path) -> None:
    """Nothing is written beyond the limit, and the error says how much is kept."""
    with open_spool(tmp_path) as spool:
        record = bytes(10_000)
        for _ in range(6):
            spool.append(record)
        with pytest.raises(SpoolFullError, match=r"full: 6 documents take 60048 of 65536 bytes"):
            spool.append(record)
        assert spool.size <= LIMIT
        # Room again once the first segment is done.
        for each in spool.take(2, 1 << 20):
            spool.done(each)
        spool.append(record)
    with open_spool(tmp_path / "other") as spool, pytest.raises(SpoolFullError, match="a document needs"):
        spool.append(bytes(LIMIT), patience=1000)


def test_a_writer_waits_for_room(tmp_path: Path) -> None:
    """Somebody who appends to a full spool goes on as soon as something is done."""
    with open_spool(tmp_path) as spool:
        for _ in range(6):
            spool.append(bytes(10_000))
        writer = threading.Thread(target=spool.append, args=(bytes(10_000),), kwargs={"patience": 60})
        writer.start()
        for each in spool.take(6, 1 << 20):
            spool.done(each)
        writer.join(60)
        assert spool.waiting == 1


def test_nobody_waits_for_who_has_given_up(tmp_path: Path) -> None:
    """The reason of the one that empties the spool reaches the one that fills it."""
    with open_spool(tmp_path) as spool:
        spool.fail(SpoolError("no such stream"))
        with pytest.raises(SpoolError, match="no such stream"):
            spool.append(b"x", patience=1000)


def test_taking_ends_when_nothing_more_comes(tmp_path: Path) -> None:
    """A reader that waits is told the end."""
    with open_spool(tmp_path) as spool:
        spool.append(b"x")
        spool.finish()
        assert [record.data for record in spool.take(9, 1 << 20)] == [b"x"]
        assert spool.take(9, 1 << 20) == []


@settings(max_examples=40)
@given(
    st.lists(st.binary(max_size=3000), max_size=25),
    st.lists(st.integers(0, 24), max_size=25),
    st.integers(0, 60),
)
def test_a_torn_end_costs_what_was_not_whole_and_is_kept_aside(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], done: list[int], torn: int
) -> None:
    """Cut anywhere in the last record after any acknowledgements: every whole record is there, in order."""
    folder = tmp_path_factory.mktemp("spool")
    with open_spool(folder) as spool:
        for record in records:
            spool.append(record)
        taken = spool.take(1000, 1 << 30, timeout=0)
        numbers = {number for number in done if number < len(records)}
        for number in numbers:
            spool.done(taken[number])
    first = next((number for number in range(len(records)) if number not in numbers), len(records))
    left = records[first:]
    segments = sorted(folder.glob("*.spool"))
    last_size = HEAD.size + len(records[-1]) if records else 0
    cut = min(torn, last_size) if segments else 0
    if cut:
        os.truncate(segments[-1], segments[-1].stat().st_size - cut)
        left = left[:-1]
    with open_spool(folder) as spool:
        assert contents(spool) == left
        assert spool.torn == (last_size - cut if cut else 0)
        assert bool(spool.torn) == bool(list(folder.glob("*.torn")))
        spool.append(b"new")
        assert [record.data for record in spool.take(9, 9)] == [b"new"]


@pytest.mark.parametrize("torn", [0, 5])
def test_a_segment_without_a_whole_record_is_no_obstacle(tmp_path: Path, torn: int) -> None:
    """A process that is killed right after it began a segment leaves nothing that the next one trips over."""
    with open_spool(tmp_path) as spool:
        spool.append(b"kept")
    (tmp_path / f"{1:020d}.spool").write_bytes(bytes(torn))
    with open_spool(tmp_path) as spool:
        assert spool.torn == torn
        spool.append(b"new")
        assert contents(spool) == [b"kept", b"new"]


def test_damage_in_the_middle_is_one_clear_error(tmp_path: Path) -> None:
    """What a crash cannot have done is not passed over: the file and the place are named."""
    with open_spool(tmp_path) as spool:
        for _ in range(20):
            spool.append(bytes(1000))
    first, *_, last = sorted(tmp_path.glob("*.spool"))
    data = bytearray(first.read_bytes())
    data[1500] ^= 1
    first.write_bytes(data)
    with pytest.raises(SpoolError, match=f"{first.name}: damaged at byte 1008; move it away"):
        open_spool(tmp_path)
    first.unlink()
    with open_spool(tmp_path) as spool:
        assert 0 < spool.waiting < 20
    min(tmp_path.glob("*.spool")).rename(tmp_path / f"{last.stem[:-1]}9.spool")
    with pytest.raises(SpoolError, match="records are missing before it"):
        open_spool(tmp_path)


def test_a_mark_beyond_the_records_hides_nothing(tmp_path: Path) -> None:
    """After a power cut the mark may be newer than the segments; what is appended then is still delivered."""
    with open_spool(tmp_path) as spool:
        spool.append(b"old")
    (tmp_path / "done.json").write_text('{"done": 99}')
    with open_spool(tmp_path) as spool:
        spool.append(b"new")
    with open_spool(tmp_path) as spool:
        assert b"new" in contents(spool)
    (tmp_path / "done.json").write_text("torn")
    with open_spool(tmp_path) as spool:
        assert b"new" in contents(spool)


def test_one_process_and_one_stream_at_a_time(tmp_path: Path) -> None:
    """A second user is refused, and so is another stream, a newer format, and a folder of something else."""
    with open_spool(tmp_path), pytest.raises(SpoolError, match="is in use by another process"):
        open_spool(tmp_path)
    with pytest.raises(SpoolError, match="keeps documents for the stream 'papers', not for 'others'"):
        Spool(tmp_path, "others")
    (tmp_path / "spool.json").write_text(json.dumps({"smartcat_spool": 2, "stream": "papers"}))
    with pytest.raises(SpoolError, match="has format 2, and this version knows 1"):
        open_spool(tmp_path)
    (tmp_path / "spool.json").write_text("[]")
    with pytest.raises(SpoolError, match="is damaged, or"):
        open_spool(tmp_path)


def test_a_full_disk_leaves_the_spool_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a record is taken back, the error names folder and reason, and the others are still there."""
    with open_spool(tmp_path) as spool:
        spool.append(b"first")
        real = os.write

        def half(number: int, data: bytes) -> int:
            if len(data) < 20:
                raise OSError(28, "No space left on device")
            return real(number, data[: len(data) // 2])

        with monkeypatch.context() as full:
            full.setattr(os, "write", half)
            with pytest.raises(
                SpoolError, match=f"{tmp_path}: cannot keep documents: No space left on device"
            ):
                spool.append(bytes(100))
        spool.append(b"second")
        assert contents(spool) == [b"first", b"second"]


KILLED = """
import sys
from pathlib import Path
from producers.spool.spool import Spool
spool = Spool(Path(sys.argv[1]), "papers")
for number in range(10**9):
    spool.append(b"%d" % number)
    if number % 10 == 9:
        spool.done(spool.take(1, 1)[0])
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
