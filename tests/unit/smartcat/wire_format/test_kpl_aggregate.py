import hashlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format import kpl_aggregate
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import (
    AGGREGATE_MAGIC,
    AggregateBuilder,
    UserRecord,
    is_aggregate,
    pack,
    unpack,
)

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)
HASH_KEYS = st.none() | st.integers(0, 2**128 - 1).map(str)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
TAGS = st.lists(st.tuples(TEXTS, TEXTS), max_size=4).map(tuple)
RECORDS = st.builds(UserRecord, KEYS | st.sampled_from("abc"), st.binary(max_size=300), HASH_KEYS, TAGS)


def framed(body: bytes) -> bytes:
    """Put magic and MD5 around a protobuf message."""
    return AGGREGATE_MAGIC + body + hashlib.md5(body, usedforsecurity=False).digest()


def detail_of(data: bytes, **bounds: int) -> str:
    """Unpack what must be refused, and return the detail."""
    with pytest.raises(WireFormatError) as caught:
        unpack(data, **bounds)
    assert caught.value.reason is Reason.BAD_AGGREGATE
    return caught.value.detail


def outcome(data: bytes) -> list[UserRecord] | Reason:
    """Return the records, or the reason there are none; any other exception is a failure of the test."""
    try:
        return unpack(data)
    except WireFormatError as error:
        return error.reason


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk over a protobuf message with field numbers below 16, without protobuf."""
    position = 0

    def varint() -> int:
        nonlocal position
        value = shift = 0
        more = True
        while more:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            more = byte > 127
        return value

    while position < len(message):
        tag = varint()
        length = varint()
        content = b""
        if tag & 7 == 2:
            content = message[position : position + length]
            position += length
        yield tag >> 3, content


def data_lengths(body: bytes) -> list[int]:
    """Return the bytes of data in each record of an aggregate's message."""
    return [
        sum(len(data) for inner, data in fields(record) if inner == 3)
        for number, record in fields(body)
        if number == 3
    ]


@given(st.lists(RECORDS, min_size=1, max_size=30))
def test_round_trip(records: list[UserRecord]) -> None:
    """Every record comes back, in order, with its own keys."""
    data = pack(records)
    assert is_aggregate(data)
    assert unpack(data) == records


@given(st.lists(RECORDS, min_size=1, max_size=30), st.integers(20, 3000))
def test_size_is_exact_and_never_over_the_bound(records: list[UserRecord], max_bytes: int) -> None:
    """The size is that of the bytes after every step, and a refusal changes nothing and was needed."""
    builder = AggregateBuilder(max_bytes)
    accepted: list[UserRecord] = []
    for record in records:
        if builder.add(record):
            accepted.append(record)
        else:
            assert len(pack([*accepted, record])) > max_bytes
        assert len(builder) == len(accepted)
        if accepted:
            assert builder.size == len(builder.build()) <= max_bytes
    assert not accepted or unpack(builder.build()) == accepted


def test_size_is_exact_while_index_and_length_varints_grow() -> None:
    """Beyond 127 and 16,383 table entries an index takes another byte, and the size counts it."""
    builder = AggregateBuilder()
    sizes = {}
    for i in range(16_390):
        builder.add(UserRecord(f"{i:05}", b"", str(i)))
        if i in {0, 126, 127, 128, 129, 16_383, 16_384, 16_389}:
            sizes[i] = (builder.size, len(builder.build()))
    assert all(counted == real for counted, real in sizes.values())


def test_size_by_hand() -> None:
    """One record: frame 20, key 1+1+1, record 1+1+(2+2+3): 32 bytes, checked against the format's page."""
    data = pack([UserRecord("k", b"x")])
    body = b"\x0a\x01k" + b"\x1a\x05" + b"\x08\x00" + b"\x1a\x01x"
    assert data == framed(body)
    assert AggregateBuilder().size == 20


def test_repeated_keys_are_stored_once() -> None:
    """A key in use costs one index, not its characters."""
    builder = AggregateBuilder()
    builder.add(UserRecord("k" * 200, b"x"))
    before = builder.size
    builder.add(UserRecord("k" * 200, b"y"))
    assert builder.size - before == 7


def test_nothing_cannot_be_packed() -> None:
    """An aggregate without records has no meaning and is refused."""
    with pytest.raises(ValueError, match="at least one record"):
        pack([])


@pytest.mark.parametrize(
    "record",
    [
        UserRecord("", b""),
        UserRecord("k" * 257, b""),
        UserRecord("k", b"", str(2**128)),
        UserRecord("k", b"", "-1"),
        UserRecord("k", b"", ""),
        UserRecord("k", b"", "٣"),
        UserRecord("k", b"", "9" * 5000),
        UserRecord("\ud800", b""),
        UserRecord("k", b"", None, (("n", "\ud800"),)),
    ],
)
def test_keys_kinesis_would_refuse_are_refused(record: UserRecord) -> None:
    """A wrong key is an error at once, and the builder stays as it was."""
    builder = AggregateBuilder()
    with pytest.raises(ValueError, match=r"key|surrogates"):
        builder.add(record)
    assert (len(builder), builder.size) == (0, 20)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"\x0a\x01k", "0 records"),
        (b"\x0a\x01k\x1a\x04\x08\x01\x1a\x00", "record 0 names partition key 1 of a table of 1"),
        (b"\x0a\x01k\x1a\x06\x08\x00\x10\x00\x1a\x00", "explicit hash key 0 of a table of 0"),
        (b"\x0a\x01k\x1a\x02\x08\x00", "lacks its partition key index or its data"),
        (b"\x0a\x01k\x1a\x02\x1a\x00", "lacks its partition key index or its data"),
        (b"\x0a\x01\xff\x1a\x04\x08\x00\x1a\x00", "not UTF-8"),
        (b"\x0a\x01k\x1a\x04\x08\x00\x1a\x00\x2a\x00", "fields the format does not know"),
        (b"\x0a\x01k\x1a\x06\x08\x00\x1a\x00\x2a\x00", "fields the format does not know"),
        (b"\x0a\x01k\x1a\x07\x08\x00\x1a\x01x\x1a\x00", "a field twice"),
        (b"\x0a\x01k\x1a\x09\x08\x00\x1a\x00\x22\x03\x0a\x01\xff", "a tag is not UTF-8"),
        (b"\x0a\x01k\x1a\x0c\x08\x00\x1a\x00\x22\x06\x0a\x01t\x12\x01\xff", "a tag is not UTF-8"),
        (b"\x0a\x01k\x1a\x0a\x08\x00\x1a\x00\x22\x04\x0a\x00\x1a\x00", "fields the format does not know"),
        (b"\x0a\x01k\x1a\x06\x08\x00\x1a\x00\x22\x00", "lacks its partition key index or its data"),
        (b"\x0a\x01k\x1a\x04\x08\x00\x1a", "cannot be parsed"),
        (b"\x0a\x01k\x1a\x04\x08\x00\x1a\x05", "cannot be parsed"),
    ],
)
def test_broken_messages_are_refused_whole(body: bytes, problem: str) -> None:
    """A right MD5 around a wrong message is an error that says what is wrong, never a shorter list."""
    assert problem in detail_of(framed(body))


@pytest.mark.parametrize("data", [b"", b"{}", AGGREGATE_MAGIC, AGGREGATE_MAGIC + b"\0" * 16])
def test_frame_is_checked(data: bytes) -> None:
    """Missing magic and missing content are errors."""
    assert detail_of(data)


def test_index_counts_from_the_shared_table() -> None:
    """One bad index among good records loses none of them in silence: all are refused."""
    good = b"\x1a\x05\x08\x00\x1a\x01x"
    assert "record 1 names partition key 9" in detail_of(
        framed(b"\x0a\x01k" + good + b"\x1a\x04\x08\x09\x1a\x00" + good)
    )


def test_record_bound() -> None:
    """One record more than the bound is refused, the bound itself is not."""
    data = pack([UserRecord("k", b"")] * 3)
    assert len(unpack(data, max_records=3)) == 3
    assert "more than 2 records" in detail_of(data, max_records=2)


ONE_KEY = b"\x0a\x01k"


@pytest.mark.parametrize("counted_above", [0, 1024 * 1024], ids=["counted before", "counted after"])
@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (ONE_KEY + b"\x1a\x04\x08\x00\x1a\x00" * 20_001, "more than 20000 records"),
        (b"\x0a\x00" * 40_001 + b"\x1a\x04\x08\x00\x1a\x00", "more than 40000 keys in its tables"),
        (
            b"\x0a\x81\x02" + b"k" * 257 + b"\x1a\x04\x08\x00\x1a\x00",
            "a key of more than 256 characters in its tables",
        ),
        (
            ONE_KEY + b"\x1a\x4c\x08\x00\x1a\x00" + b"\x22\x02\x0a\x00" * 18,
            "a record with more than 16 tags",
        ),
        (ONE_KEY + b"\x1a\x06\x08\x00\x1a\x00\x28\x00", "fields the format does not know"),
        (b"\x20\x00", "fields the format does not know"),
        (ONE_KEY + b"\x1a" + b"\xff" * 11, "cannot be parsed"),
    ],
)
def test_what_takes_memory_is_counted(
    body: bytes, detail: str, counted_above: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records, keys and tags are refused by their number, of a large message before it is parsed."""
    monkeypatch.setattr(kpl_aggregate, "_COUNTED_ABOVE", counted_above)
    parsed: list[bytes] = []
    parse = kpl_aggregate._parse

    def watched(body: bytes) -> object:
        parsed.append(body)
        return parse(body)

    monkeypatch.setattr(kpl_aggregate, "_parse", watched)
    assert detail in detail_of(framed(body))
    assert bool(parsed) == (counted_above > 0 or "characters" in detail)


def test_a_builder_makes_no_more_records_than_a_reader_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record that is one too many goes into the next aggregate."""
    monkeypatch.setattr(kpl_aggregate, "MAX_RECORDS", 2)
    builder = AggregateBuilder()
    assert [builder.add(UserRecord("k", b"")) for _ in range(3)] == [True, True, False]
    assert len(unpack(builder.build(), max_records=2)) == 2
    with pytest.raises(ValueError, match="at most 2 records, found 3"):
        pack([UserRecord("k", b"")] * 3)


def test_tags_are_read_with_their_names_and_values() -> None:
    """A tag without a value, which the format allows, reads as one whose value is empty."""
    body = b"\x0a\x01k\x1a\x10\x08\x00\x1a\x01x\x22\x03\x0a\x01t\x22\x04\x0a\x00\x12\x00"
    assert unpack(framed(body)) == [UserRecord("k", b"x", None, (("t", ""), ("", "")))]


def test_size_of_tags_by_hand() -> None:
    """A tag takes its own tag and length, and those of its name and value: 2 + (2 + 1) + (2 + 2) bytes."""
    data = pack([UserRecord("k", b"x", None, (("n", "vw"),))])
    body = b"\x0a\x01k" + b"\x1a\x0e" + b"\x08\x00" + b"\x1a\x01x" + b"\x22\x07\x0a\x01n\x12\x02vw"
    assert data == framed(body)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_our_error(data: bytes) -> None:
    """Whatever follows the magic is refused: no 16 bytes are the MD5 of the rest by chance."""
    detail_of(AGGREGATE_MAGIC + data)


@given(st.lists(RECORDS, min_size=1, max_size=5), st.data())
def test_any_changed_byte_is_noticed(records: list[UserRecord], draw: st.DataObject) -> None:
    """One byte changed anywhere behind the magic makes the MD5 wrong."""
    data = bytearray(pack(records))
    data[draw.draw(st.integers(4, len(data) - 1))] ^= draw.draw(st.integers(1, 255))
    detail_of(bytes(data))


@given(st.lists(RECORDS, min_size=1, max_size=5), st.data())
def test_changed_message_with_right_md5_drops_nothing(records: list[UserRecord], draw: st.DataObject) -> None:
    """A message that still parses gives as many records, with as much data, as a count by hand."""
    body = bytearray(pack(records)[4:-16])
    body[draw.draw(st.integers(0, len(body) - 1))] ^= draw.draw(st.integers(1, 255))
    read = outcome(framed(bytes(body)))
    assert read is Reason.BAD_AGGREGATE or [len(record.data) for record in read] == data_lengths(bytes(body))


def test_repr_shows_no_data() -> None:
    """A user record in a log line does not show the page text."""
    assert "secret" not in repr(UserRecord("k", b"secret"))


IMPORT_ASSERTIONS = """
import sys, types
mine = types.ModuleType("config_pb2")
if {shadow}:
    sys.modules["config_pb2"] = mine
path = list(sys.path)
from smartcat.wire_format.kpl_aggregate import aggregated_record_class
message = aggregated_record_class()()
message.partition_key_table.append("k")
assert message.SerializeToString() == b"\\n\\x01k"
assert sys.path == path
assert sys.modules.get("config_pb2") is (mine if {shadow} else None)
assert "aws_kinesis_agg.aggregator" not in sys.modules
import aws_kinesis_agg.aggregator, aws_kinesis_agg.deaggregator
"""


def run_fresh(code: str) -> None:
    """Run the code in a fresh interpreter, warnings being errors."""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_import_leaves_no_trace() -> None:
    """The message is imported without warnings, and neither sys.path nor the name config_pb2 is touched."""
    run_fresh(IMPORT_ASSERTIONS.format(shadow=False))


def test_import_survives_a_foreign_config_pb2() -> None:
    """A module of the user's with the same top-level name is neither used nor replaced."""
    run_fresh(IMPORT_ASSERTIONS.format(shadow=True))


def test_reading_documents_does_not_import_protobuf() -> None:
    """A cold start without aggregates does not pay for protobuf."""
    run_fresh(
        "import sys, smartcat.wire_format.document, smartcat.wire_format.kpl_aggregate as a;"
        "assert not a.is_aggregate(b'{}');"
        "assert not [m for m in sys.modules if 'protobuf' in m or m.startswith('aws_kinesis_agg')]"
    )
