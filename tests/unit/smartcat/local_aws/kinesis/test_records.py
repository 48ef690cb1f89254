from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.kinesis.records import Record, moto_parts, read_record, read_records, stream_name
from smartcat.local_aws.kinesis.shards import StreamCapacity
from smartcat.local_aws.server.rejected_requests import RejectedRequestError, UnmeteredError

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def stream() -> StreamCapacity:
    """A stream of one shard with the default record limit."""
    capacity = StreamCapacity("pages")
    capacity.set_shards(
        [
            {
                "ShardId": "shardId-000000000000",
                "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)},
                "SequenceNumberRange": {"StartingSequenceNumber": "0"},
            }
        ],
        0.0,
    )
    return capacity


def entry(size: int, key: str = "a") -> dict[str, str]:
    """A wire entry with so many bytes of data."""
    return {"Data": base64.b64encode(b"x" * size).decode(), "PartitionKey": key}


def test_a_record_is_its_data_and_the_utf8_of_its_key(stream: StreamCapacity) -> None:
    """Ten bytes of data under ``größe`` are 17 bytes."""
    assert read_record(stream, entry(10, "größe")).size == 17


def test_a_record_may_be_as_large_as_its_stream_allows(stream: StreamCapacity) -> None:
    """Exactly 1 MiB passes; one byte more is rejected by its place, counted from 1."""
    assert read_record(stream, entry(MIB - 1)).size == MIB
    with pytest.raises(RejectedRequestError, match=r"'data' failed"):
        read_record(stream, entry(MIB))
    with pytest.raises(RejectedRequestError, match=r"'records\.2\.member\.data' failed"):
        read_records(stream, [entry(1), entry(MIB)])


def test_a_request_has_at_most_500_records(stream: StreamCapacity) -> None:
    """500 pass, 501 are rejected."""
    assert len(read_records(stream, [entry(1)] * 500)) == 500
    with pytest.raises(RejectedRequestError, match="less than or equal to 500"):
        read_records(stream, [entry(1)] * 501)


@pytest.mark.parametrize(
    "entries",
    [None, {}, ["x"], [{}], [{"Data": 5, "PartitionKey": "a"}], [entry(1) | {"ExplicitHashKey": "x"}]],
)
def test_a_malformed_request_is_left_to_the_service(stream: StreamCapacity, entries: Any) -> None:
    """What cannot be placed or measured is not ours to judge."""
    with pytest.raises(UnmeteredError):
        read_records(stream, entries)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ({"StreamName": "pages"}, "pages"),
        ({"StreamARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/pages"}, "pages"),
    ],
)
def test_a_stream_is_named_or_given_by_arn(request_: dict[str, str], name: str) -> None:
    """Both ways name the same stream; neither is an error for the service to word."""
    assert stream_name(request_) == name
    with pytest.raises(UnmeteredError):
        stream_name({})


@given(st.lists(st.integers(1, 10 * MIB), max_size=60))
def test_parts_keep_order_and_moto_takes_each(sizes: list[int]) -> None:
    """Parts joined are the records; each is within 5 MiB, and a record above 1 MiB is alone."""
    shard: Any = None
    records = [Record(position, {}, size, shard) for position, size in enumerate(sizes)]
    parts = list(moto_parts(records))
    assert [record for part in parts for record in part] == records
    for part in parts:
        assert part
        assert len(part) == 1 or sum(record.size for record in part) <= 5 * MIB
        assert len(part) == 1 or all(record.size <= MIB for record in part)
