import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.compression import compress
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.zstd_aggregate import (
    compress_aggregate,
    is_zstd_aggregate,
    unpack_zstd_aggregate,
)

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
RECORDS = st.lists(st.builds(UserRecord, KEYS, st.binary(max_size=200)), min_size=1, max_size=30)
SOME = compress_aggregate(pack([UserRecord("a", b"1"), UserRecord("b", b"2")]))


def reason(data: bytes, max_bytes: int = 1000) -> Reason:
    """Why the data is refused."""
    with pytest.raises(WireFormatError) as caught:
        unpack_zstd_aggregate(data, max_bytes=max_bytes)
    return caught.value.reason


@given(RECORDS)
def test_what_is_written_is_read(records: list[UserRecord]) -> None:
    """Every record comes back, in order, with its key."""
    data = compress_aggregate(pack(records))
    assert is_zstd_aggregate(data)
    assert unpack_zstd_aggregate(data) == records


@given(RECORDS)
def test_anybody_who_undoes_zstandard_has_a_public_aggregate(records: list[UserRecord]) -> None:
    """Any reader of the format skips the mark, and what comes out is the aggregate byte by byte."""
    assert zstd.decompress(compress_aggregate(pack(records))) == pack(records)


def test_the_same_aggregate_gives_the_same_bytes() -> None:
    """Neither time nor machine is in the header."""
    assert compress_aggregate(pack([UserRecord("a", b"1"), UserRecord("b", b"2")])) == SOME


@pytest.mark.parametrize("data", [b"", b"{}", b"\x1f\x8b", pack([UserRecord("a", b"")]), compress(b"{}")])
def test_other_data_is_not_taken_for_one(data: bytes) -> None:
    """JSON, gzip and aggregates are what they were before."""
    assert not is_zstd_aggregate(data)


def test_another_version_is_named() -> None:
    """A reader that is older than the writer says so, and reads nothing."""
    newer = SOME[:10] + b"\x02" + SOME[11:]
    assert is_zstd_aggregate(newer)
    assert reason(newer) == Reason.UNSUPPORTED_VERSION
    assert reason(SOME[:10]) == Reason.UNSUPPORTED_VERSION


def test_what_is_damaged_is_refused_whole() -> None:
    """A flipped bit, a truncated end, more behind it, or no aggregate inside."""
    assert reason(SOME[:30] + bytes([SOME[30] ^ 1]) + SOME[31:]) == Reason.BAD_AGGREGATE
    assert reason(SOME[:-1]) == Reason.BAD_AGGREGATE
    assert reason(SOME[:11]) == Reason.BAD_AGGREGATE
    assert reason(SOME + b"x") == Reason.BAD_AGGREGATE
    assert reason(SOME + SOME) == Reason.BAD_AGGREGATE
    assert reason(compress_aggregate(b"{}")) == Reason.BAD_AGGREGATE


def test_what_it_may_become_is_bounded() -> None:
    """A bomb is refused before it is held."""
    bomb = compress_aggregate(b"\0" * 10_000_000)
    assert len(bomb) < 20_000
    assert reason(bomb) == Reason.TOO_LARGE


def test_a_frame_cannot_ask_for_much_memory() -> None:
    """The window that a frame names is memory that its reader must have: above 8 MiB it is refused."""
    parameter = zstd.CompressionParameter
    writer = zstd.ZstdCompressor(options={parameter.window_log: 27, parameter.content_size_flag: 0})
    frame = writer.compress(b"x" * 1000) + writer.flush()
    assert reason(SOME[:11] + frame) == Reason.BAD_AGGREGATE


def test_a_flipped_bit_anywhere_is_never_read_as_something_else() -> None:
    """Either the very records come out, or nothing: the frame and the aggregate have checksums each."""
    records = unpack_zstd_aggregate(SOME)
    for index in range(11, len(SOME)):
        for bit in range(8):
            broken = SOME[:index] + bytes([SOME[index] ^ (1 << bit)]) + SOME[index + 1 :]
            try:
                assert unpack_zstd_aggregate(broken) == records
            except WireFormatError:
                continue
