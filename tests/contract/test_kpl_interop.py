"""Our KPL aggregates against the reader and writer of aws-kinesis-agg, in both directions."""

import base64
import hashlib

from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.kpl_aggregate import (
    AGGREGATE_MAGIC,
    AggregateBuilder,
    UserRecord,
    aggregated_record_class,
    pack,
    unpack,
)
from smartcat.wire_format.zstd_aggregate import compress_aggregate, unpack_zstd_aggregate

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
DATA = st.binary(max_size=200)
HASH_KEYS = st.integers(0, 2**128 - 1).map(str)


def read_by_the_package(data: bytes) -> list[UserRecord]:
    """Take an aggregate apart as a Lambda using the package would."""
    record = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "sequenceNumber": "1",
            "approximateArrivalTimestamp": 0.0,
            "partitionKey": "outer",
            "data": base64.b64encode(data),
        }
    }
    return [
        UserRecord(
            found["kinesis"]["partitionKey"],
            base64.b64decode(found["kinesis"]["data"]),
            found["kinesis"]["explicitHashKey"],
        )
        for found in deaggregate_records([record])
    ]


def written_by_the_package(records: list[UserRecord]) -> tuple[int, bytes]:
    """Aggregate with the package; give the size it counted and the bytes it made."""
    aggregator = RecordAggregator()
    for record in records:
        # Keys as bytes: given text, the package counts every repetition of a key again.
        hash_key = None if record.explicit_hash_key is None else record.explicit_hash_key.encode()
        assert aggregator.add_user_record(record.partition_key.encode(), record.data, hash_key) is None
    size = aggregator.get_size_bytes()
    return size, aggregator.clear_and_get().get_contents()[2]


# The package cannot tell "no hash key" from "the first hash key", so here all records have one or none has.
RECORDS = st.lists(st.builds(UserRecord, KEYS, DATA), min_size=1, max_size=40) | st.lists(
    st.builds(UserRecord, KEYS, DATA, HASH_KEYS), min_size=1, max_size=40
)


@given(RECORDS)
def test_the_package_reads_what_we_write(records: list[UserRecord]) -> None:
    """Every record of ours is read by the package, in order, with its keys."""
    assert read_by_the_package(pack(records)) == records


@given(RECORDS)
def test_we_read_what_the_package_writes(records: list[UserRecord]) -> None:
    """Every record of the package is read by us, in order, with its keys."""
    assert unpack(written_by_the_package(records)[1]) == records


@given(RECORDS)
def test_both_write_the_same_bytes_and_count_the_same_size(records: list[UserRecord]) -> None:
    """The two writers agree byte by byte, and so do their size arithmetics."""
    builder = AggregateBuilder()
    assert all(builder.add(record) for record in records)
    assert (builder.size, builder.build()) == written_by_the_package(records)


def test_ours_keeps_apart_what_the_package_confuses() -> None:
    """A record without a hash key stays without one beside others; the package hands it another's."""
    records = [UserRecord("a", b"1", "123"), UserRecord("b", b"2")]
    assert unpack(pack(records)) == records
    assert read_by_the_package(pack(records))[1].explicit_hash_key == "123"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TAGGED = st.builds(
    UserRecord, KEYS, DATA, st.none(), st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4).map(tuple)
)


@given(st.lists(TAGGED, min_size=1, max_size=10))
def test_the_package_passes_over_our_tags(records: list[UserRecord]) -> None:
    """A consumer that uses the package gets the data of tagged records as if they had no tags."""
    untagged = [UserRecord(record.partition_key, record.data) for record in records]
    assert read_by_the_package(pack(records)) == untagged


@given(st.lists(TAGGED, min_size=1, max_size=10))
def test_the_messages_of_the_package_hold_our_tags(records: list[UserRecord]) -> None:
    """Its message class reads the tags we write, and writes tags that we read."""
    message = aggregated_record_class()()
    message.ParseFromString(pack(records)[4:-16])
    read = [tuple((tag.key, tag.value) for tag in record.tags) for record in message.records]
    assert read == [record.tags for record in records]
    body = message.SerializeToString()
    framed = AGGREGATE_MAGIC + body + hashlib.md5(body, usedforsecurity=False).digest()
    assert unpack(framed) == records


@given(RECORDS)
def test_what_undoing_zstandard_leaves_is_for_the_package(records: list[UserRecord]) -> None:
    """Inside an aggregate that is compressed as a whole is one that the package reads."""
    assert read_by_the_package(zstd.decompress(compress_aggregate(pack(records)))) == records


@given(RECORDS)
def test_the_packages_aggregates_may_be_compressed_too(records: list[UserRecord]) -> None:
    """Whoever wrote the aggregate, our reader takes it apart after it was compressed."""
    assert unpack_zstd_aggregate(compress_aggregate(written_by_the_package(records)[1])) == records
