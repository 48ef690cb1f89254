"""Reading a shard, against a scripted client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.event_source_mapping.settings import MappingSettings
from smartcat.local_aws.event_source_mapping.shard_reader import ShardReader, next_limit

STREAM = "arn:aws:kinesis:r:123456789012:stream/s"


class ScriptedKinesis:
    """Gives iterators by name and answers GetRecords from a list."""

    def __init__(self, responses: list[Any]) -> None:
        self.responses = responses
        self.positions: list[dict[str, Any]] = []

    def get_shard_iterator(self, **arguments: Any) -> dict[str, str]:
        self.positions.append(
            {k: v for k, v in arguments.items() if k.startswith(("ShardIter", "Start", "Time"))}
        )
        return {"ShardIterator": f"iterator-{len(self.positions)}"}

    def get_records(self, **arguments: Any) -> Any:
        response = self.responses.pop(0)
        if isinstance(response, Exception):
            raise response
        return response


def response(*numbers: int, following: str | None = "next", behind: int = 0) -> dict[str, Any]:
    """What GetRecords answers."""
    records = [
        {
            "SequenceNumber": str(number),
            "PartitionKey": "k",
            "Data": b"x",
            "ApproximateArrivalTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
        }
        for number in numbers
    ]
    found: dict[str, Any] = {"Records": records, "MillisBehindLatest": behind}
    return {**found, "NextShardIterator": following} if following else found


def reader(client: Any, *, from_start: bool = False, **changes: Any) -> ShardReader:
    """A reader of the first shard."""
    chosen = MappingSettings(function_arn="f", stream_arn=STREAM, **changes)
    return ShardReader(client, chosen, "shardId-000000000000", from_start=from_start)


def test_reading_goes_on_after_the_last_record_when_an_iterator_fails() -> None:
    """An expired iterator is replaced by one after the last record that was returned."""
    expired = ClientError({"Error": {"Code": "ExpiredIteratorException"}}, "GetRecords")
    client = ScriptedKinesis([response(1, 2), expired, response(3)])
    here = reader(client)
    assert [each.sequence_number for each in here.read().records] == [1, 2]
    with pytest.raises(ClientError):
        here.read()
    assert [each.sequence_number for each in here.read().records] == [3]
    assert client.positions == [
        {"ShardIteratorType": "TRIM_HORIZON"},
        {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "2"},
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"starting_position": "LATEST"}, {"ShardIteratorType": "LATEST"}),
        ({"starting_position": "LATEST", "from_start": True}, {"ShardIteratorType": "TRIM_HORIZON"}),
        (
            {"starting_position": "AT_TIMESTAMP", "starting_timestamp": 0.0},
            {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": datetime(1970, 1, 1, tzinfo=UTC)},
        ),
    ],
)
def test_starting_positions(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    """A shard that came after the mapping is read from its start, whatever the position says."""
    client = ScriptedKinesis([])
    reader(client, **changes).open()
    assert client.positions == [expected]


def test_latest_is_fixed_once_even_if_nothing_could_be_read() -> None:
    """An iterator that is lost before its first record is replaced by the time at which it was made."""
    expired = ClientError({"Error": {"Code": "ExpiredIteratorException"}}, "GetRecords")
    client = ScriptedKinesis([expired, expired, response(1), expired, response(2)])
    here = reader(client, starting_position="LATEST")
    before = datetime.now(UTC)
    here.open()
    after = datetime.now(UTC)
    for _ in range(2):
        with pytest.raises(ClientError):
            here.read()
    assert [each.sequence_number for each in here.read().records] == [1]
    with pytest.raises(ClientError):
        here.read()
    here.read()
    first, second, third, fourth = client.positions
    assert (first, third) == ({"ShardIteratorType": "LATEST"}, second)
    assert second["ShardIteratorType"] == "AT_TIMESTAMP"
    assert before <= second["Timestamp"] <= after
    assert fourth == {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "1"}


def test_a_closed_shard_ends_at_its_first_empty_answer_at_the_tip() -> None:
    """Emulators never end iterators, so a known-closed shard ends when nothing is left, and not before."""
    client = ScriptedKinesis([response(), response(1), response(behind=5), response()])
    here = reader(client)
    assert not here.read().at_end
    here.closed = True
    assert [here.read().at_end for _ in range(3)] == [False, False, True]


def test_a_missing_next_iterator_ends_the_shard() -> None:
    """This is how Kinesis itself says that a closed shard is over; its last records still count."""
    read = reader(ScriptedKinesis([response(1, following=None)])).read()
    assert (len(read.records), read.at_end) == (1, True)


@given(limit=st.integers(1, 10_000), count=st.integers(0, 10_000), size=st.integers(0, 50_000_000))
def test_the_limit_stays_in_the_api_range(limit: int, count: int, size: int) -> None:
    """1 to 10,000, at most doubled, and such that like records fit 10 MiB."""
    following = next_limit(limit, count, size)
    assert 1 <= following <= min(10_000, 2 * limit)
    assert count == 0 or following == 1 or following * (size / count) <= 10 * 1024 * 1024


def test_large_records_lower_the_limit() -> None:
    """Ten records of 1 MiB are an answer's worth."""
    assert next_limit(500, 500, 500 * 1024 * 1024) == 10
