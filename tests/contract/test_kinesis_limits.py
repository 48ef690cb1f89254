"""The limits of Kinesis shards as boto3 sees them, against local AWS with a clock that the tests move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from smartcat.local_aws.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_kinesis import KinesisClient

    from support.clock import Clock

LOWER, UPPER = "0", str(2**128 - 1)
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def local_aws(clock: Clock) -> Iterator[LocalAws]:
    """One local AWS for the module; every test has its own stream."""
    with LocalAws(clock=clock) as running:
        yield running


def records(count: int, *, size: int = 100, hash_key: str = LOWER) -> list[Any]:
    """Records of exactly `size` bytes with their four-byte partition key, all on one hash."""
    return [
        {"Data": b"x" * (size - 4), "PartitionKey": f"{number:04}", "ExplicitHashKey": hash_key}
        for number in range(count)
    ]


def read(kinesis: KinesisClient, stream: str) -> dict[str, list[str]]:
    """Partition keys of all records, by shard, in order."""
    found = {}
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        answer = kinesis.get_records(ShardIterator=iterator)
        found[shard["ShardId"]] = [record["PartitionKey"] for record in answer["Records"]]
    return found


def test_a_shard_takes_a_thousand_records_a_second(kinesis: KinesisClient, stream: str, clock: Clock) -> None:
    """Of 1,500 records 1,000 are accepted; after 0.2 s another 200 are; the other shard is not concerned."""
    failed = [
        kinesis.put_records(StreamName=stream, Records=records(500))["FailedRecordCount"] for _ in range(3)
    ]
    assert failed == [0, 0, 500]
    clock.now += 0.2
    assert kinesis.put_records(StreamName=stream, Records=records(500))["FailedRecordCount"] == 300
    other = kinesis.put_records(StreamName=stream, Records=records(500, hash_key=UPPER))
    assert other["FailedRecordCount"] == 0


def test_a_shard_takes_a_mebibyte_a_second(kinesis: KinesisClient, stream: str, clock: Clock) -> None:
    """Ten records of 128 KiB: eight fill the second; half a second later four more fit."""
    big = records(10, size=128 * 1024)
    assert kinesis.put_records(StreamName=stream, Records=big)["FailedRecordCount"] == 2
    clock.now += 0.5
    assert kinesis.put_records(StreamName=stream, Records=big)["FailedRecordCount"] == 6


def test_failures_are_told_record_by_record_in_the_order_sent(kinesis: KinesisClient, stream: str) -> None:
    """A full shard's records fail each with code and message; the others between them are stored."""
    kinesis.put_records(StreamName=stream, Records=records(8, size=128 * 1024))
    full, free = records(4), records(4, hash_key=UPPER)
    mixed = [record for pair in zip(full, free, strict=True) for record in pair]
    answer = kinesis.put_records(StreamName=stream, Records=mixed)
    assert answer["FailedRecordCount"] == 4
    for number, result in enumerate(answer["Records"]):
        if number % 2:
            assert result["ShardId"] == "shardId-000000000001"
            assert "ErrorCode" not in result
        else:
            assert result == {
                "ErrorCode": "ProvisionedThroughputExceededException",
                "ErrorMessage": f"Rate exceeded for shard shardId-000000000000 in stream {stream} "
                "under account 123456789012.",
            }
    assert read(kinesis, stream)["shardId-000000000001"] == ["0000", "0001", "0002", "0003"]


def test_put_record_on_a_full_shard_raises(kinesis: KinesisClient, stream: str) -> None:
    """The single call fails with the exception of its service model."""
    kinesis.put_records(StreamName=stream, Records=records(8, size=128 * 1024))
    with pytest.raises(kinesis.exceptions.ProvisionedThroughputExceededException, match="Rate exceeded"):
        kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="a", ExplicitHashKey=LOWER)


def test_keys_are_placed_by_md5_within_hash_ranges(kinesis: KinesisClient, stream: str) -> None:
    """``a`` (0x0cc1...) is in the full lower half, ``b`` (0x92eb...) in the upper one, which has room."""
    kinesis.put_records(StreamName=stream, Records=records(8, size=128 * 1024))
    answer = kinesis.put_records(
        StreamName=stream,
        Records=[{"Data": b"x", "PartitionKey": "a"}, {"Data": b"x", "PartitionKey": "b"}],
    )
    assert ["ErrorCode" in result for result in answer["Records"]] == [True, False]


def test_a_shards_very_last_hash_is_its_own(kinesis: KinesisClient, stream: str) -> None:
    """Ranges include both ends: the last hash of the lower half goes to the first shard."""
    last = str(2**127 - 1)
    answer = kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="a", ExplicitHashKey=last)
    assert answer["ShardId"] == "shardId-000000000000"


@pytest.mark.parametrize("call", ["put_record", "put_records"])
def test_a_record_above_the_streams_limit_is_rejected(kinesis: KinesisClient, stream: str, call: str) -> None:
    """One byte above 1 MiB with its partition key is a ValidationException; exactly 1 MiB is stored."""

    def put(size: int) -> None:
        record = {"Data": b"x" * (size - 1), "PartitionKey": "a"}
        if call == "put_record":
            kinesis.put_record(StreamName=stream, Data=record["Data"], PartitionKey="a")
        else:
            kinesis.put_records(StreamName=stream, Records=[record])  # type: ignore[list-item]

    with pytest.raises(ClientError, match=r"ValidationException.*less than or equal to 1048576"):
        put(MIB + 1)
    put(MIB)
    assert sum(len(keys) for keys in read(kinesis, stream).values()) == 1


def test_a_streams_record_limit_can_be_raised(kinesis: KinesisClient, stream: str, clock: Clock) -> None:
    """With 2 MiB allowed, a 1.5 MiB record is stored, and is paid for by the second after it."""
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=2048)
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert summary["MaxRecordSizeInKiB"] == 2048
    first, second, third = records(3, hash_key=LOWER)
    second["Data"] = b"x" * (MIB + MIB // 2)
    answer = kinesis.put_records(StreamName=stream, Records=[second])
    assert answer["FailedRecordCount"] == 0
    clock.now += 1.0
    assert kinesis.put_records(StreamName=stream, Records=[first, second])["FailedRecordCount"] == 1
    clock.now += 0.6
    answer = kinesis.put_records(StreamName=stream, Records=[third])
    assert answer["FailedRecordCount"] == 0
    assert read(kinesis, stream)["shardId-000000000000"] == ["0001", "0000", "0002"]


def test_a_record_limit_out_of_range_is_rejected(kinesis: KinesisClient, stream: str) -> None:
    """11 MiB is above what any stream may allow."""
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    with pytest.raises(ClientError, match="ValidationException"):
        kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=11 * 1024)


def test_more_than_500_records_are_rejected(kinesis: KinesisClient, stream: str) -> None:
    """501 records are a ValidationException, and nothing is stored."""
    with pytest.raises(ClientError, match=r"ValidationException.*less than or equal to 500"):
        kinesis.put_records(StreamName=stream, Records=records(501))
    assert set(map(len, read(kinesis, stream).values())) == {0}


def test_a_request_of_up_to_10_mib_is_accepted(kinesis: KinesisClient) -> None:
    """Ten records of 1 MiB on ten shards go in one call; an eleventh makes it an InvalidArgumentException."""
    kinesis.create_stream(StreamName="ten", ShardCount=10)
    step = 2**128 // 10
    full = [records(1, size=MIB, hash_key=str(number * step))[0] for number in range(10)]
    with pytest.raises(ClientError, match=r"InvalidArgumentException.*10 MB"):
        kinesis.put_records(StreamName="ten", Records=[*full, *records(1)])
    answer = kinesis.put_records(StreamName="ten", Records=full)
    assert answer["FailedRecordCount"] == 0
    shards = [result["ShardId"] for result in answer["Records"]]
    assert shards == [f"shardId-{number:012}" for number in range(10)]


def test_after_a_split_the_children_take_the_records_and_their_own_limits(
    kinesis: KinesisClient, stream: str
) -> None:
    """A full parent's children start fresh; the parent keeps what it has and gets nothing more."""
    kinesis.put_records(StreamName=stream, Records=records(8, size=128 * 1024))
    kinesis.split_shard(
        StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126)
    )
    answer = kinesis.put_records(StreamName=stream, Records=[*records(1), *records(1, hash_key=str(2**126))])
    children = [result["ShardId"] for result in answer["Records"]]
    assert children == ["shardId-000000000002", "shardId-000000000003"]
    sizes = {shard: len(keys) for shard, keys in read(kinesis, stream).items()}
    assert list(sizes.values()) == [8, 0, 1, 1]


def test_a_merge_doubles_no_record(kinesis: KinesisClient, stream: str) -> None:
    """The parents keep their records; the child holds only what comes after."""
    kinesis.put_records(StreamName=stream, Records=[*records(2), *records(3, hash_key=UPPER)])
    kinesis.merge_shards(
        StreamName=stream,
        ShardToMerge="shardId-000000000000",
        AdjacentShardToMerge="shardId-000000000001",
    )
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="late")
    found = read(kinesis, stream)
    assert [len(keys) for keys in found.values()] == [2, 3, 1]
    assert found["shardId-000000000002"] == ["late"]


def test_the_gauges_count_records_bytes_and_rejections(
    kinesis: KinesisClient, stream: str, local_aws: LocalAws
) -> None:
    """Ten records of 128 KiB: eight accepted, two rejected, in one request."""
    kinesis.put_records(StreamName=stream, Records=records(10, size=128 * 1024))
    assert local_aws.gauges()["streams"][stream] == {
        "records": 8,
        "bytes": MIB,
        "throttled_records": 2,
        "requests": 1,
        "throttled_requests": 1,
        "open_shards": 2,
    }


def test_a_missing_stream_gets_kinesis_own_error(kinesis: KinesisClient) -> None:
    """What cannot be placed is answered by the service itself."""
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.put_records(StreamName="missing", Records=records(1))
