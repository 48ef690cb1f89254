import io

from hypothesis import given
from hypothesis import strategies as st

from producers.spool.frames import frame, read_frame, whole_frames

RECORDS = st.lists(st.binary(max_size=40), max_size=6)


@given(RECORDS, st.data())
def test_a_cut_anywhere_gives_the_whole_frames_before_it(records: list[bytes], data: st.DataObject) -> None:
    """Of a file that ends anywhere, what was whole is read and nothing else."""
    frames = [frame(record) for record in records]
    whole = b"".join(frames)
    cut = data.draw(st.integers(0, len(whole)))
    expected = [n for n in range(len(frames) + 1) if sum(map(len, frames[:n])) <= cut][-1]
    stream = io.BytesIO(whole[:cut])
    assert whole_frames(stream) == (expected, sum(map(len, frames[:expected])))
    stream.seek(0)
    assert [read_frame(stream) for _ in range(expected)] == records[:expected]
    assert read_frame(stream) is None


@given(RECORDS.filter(bool), st.data())
def test_a_changed_bit_is_noticed(records: list[bytes], data: st.DataObject) -> None:
    """Whichever bit differs, its record is not given out as another one."""
    whole = bytearray(b"".join(map(frame, records)))
    place = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[place // 8] ^= 1 << place % 8
    stream = io.BytesIO(bytes(whole))
    found = []
    while (record := read_frame(stream)) is not None:
        found.append(record)
    assert found == records[: len(found)]
    assert len(found) < len(records)
