import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.compression import compress, decompress, is_gzip
from smartcat.wire_format.errors import Reason, WireFormatError


def reason_of(data: bytes, max_bytes: int = 1000) -> Reason:
    """Decompress what must be refused, and give the reason."""
    with pytest.raises(WireFormatError) as caught:
        decompress(data, max_bytes=max_bytes)
    return caught.value.reason


@given(st.binary(max_size=500))
def test_round_trip(data: bytes) -> None:
    """What was compressed comes back, and any gzip reader can read it."""
    packed = compress(data)
    assert is_gzip(packed)
    assert decompress(packed) == data == gzip.decompress(packed)


def test_same_bytes_give_same_gzip_without_time() -> None:
    """The four bytes of the header's time are zero, so equal input gives equal output."""
    assert compress(b"page" * 99)[4:8] == b"\0\0\0\0"


@pytest.mark.parametrize("room", [0, 1, 99, 100])
def test_bound_is_exact(room: int) -> None:
    """Data of exactly the bound is accepted, one byte more is not."""
    assert decompress(compress(b"x" * room), max_bytes=room) == b"x" * room
    assert reason_of(compress(b"x" * (room + 1)), room) is Reason.TOO_LARGE


def test_bomb_is_refused_without_being_unpacked() -> None:
    """Fifty megabytes packed in fifty kilobytes cost no more memory than the bound."""
    bomb = compress(b"\0" * 50_000_000)
    tracemalloc.start()
    try:
        assert reason_of(bomb, 10_000) is Reason.TOO_LARGE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200_000


def test_members_are_joined_and_the_bound_counts_all() -> None:
    """Several members are one text, and the bound is for all of them together."""
    both = compress(b"abc") + compress(b"def") + b"\0\0"
    assert decompress(both, max_bytes=6) == b"abcdef"
    assert reason_of(both, 5) is Reason.TOO_LARGE


def test_too_many_members_are_refused() -> None:
    """A flood of empty members ends in an error, not in minutes of copying."""
    assert reason_of(compress(b"") * 1025) is Reason.BAD_GZIP
    assert decompress(compress(b"") * 1024) == b""


@given(st.binary(max_size=200), st.data())
def test_truncation_is_an_error(data: bytes, draw: st.DataObject) -> None:
    """Every proper beginning of a gzip file is refused."""
    packed = compress(data)
    size = draw.draw(st.integers(0, len(packed) - 1))
    assert reason_of(packed[:size]) is Reason.BAD_GZIP


@pytest.mark.parametrize("tail", [b"x", compress(b"b")[:-1], b"\x1f\x8b"])
def test_garbage_after_the_last_member_is_an_error(tail: bytes) -> None:
    """Bytes that are not a member are not dropped in silence."""
    assert reason_of(compress(b"a") + tail) is Reason.BAD_GZIP


@given(st.binary(max_size=200).map(lambda tail: b"\x1f\x8b" + tail))
def test_arbitrary_bytes_raise_only_our_error(data: bytes) -> None:
    """Whatever follows the magic, the answer is bytes or a WireFormatError."""
    outcome: Reason | int
    try:
        outcome = len(decompress(data, max_bytes=100))
    except WireFormatError as error:
        outcome = error.reason
    assert outcome in {Reason.BAD_GZIP, Reason.TOO_LARGE} or outcome in range(101)


def test_flipped_checksum_is_corrupt() -> None:
    """The CRC at the end is checked."""
    packed = bytearray(compress(b"abc"))
    packed[-6] ^= 1
    assert reason_of(bytes(packed)) is Reason.BAD_GZIP
