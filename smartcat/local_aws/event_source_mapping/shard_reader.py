"""Reading one shard through the public Kinesis API: its iterators, the request size, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from smartcat.local_aws.event_source_mapping.records import Record, RecordFormat

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient

    from smartcat.local_aws.event_source_mapping.settings import MappingSettings

_MOST_RECORDS: Final = 10_000
_MOST_BYTES: Final = 10 * 1024 * 1024
# Bytes of a record in the response's JSON besides its data.
_RECORD_OVERHEAD: Final = 200


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The result of one GetRecords call.

    Attributes:
        records: In the order of the shard.
        behind_ms: Milliseconds behind the tip of the shard.
        more: More records can be read at once.
        at_end: The shard is closed and all of it was read.
    """

    records: tuple[Record, ...]
    behind_ms: int
    more: bool
    at_end: bool


def next_limit(limit: int, count: int, size: int) -> int:
    """Return how many records to request next, so that a response stays near GetRecords' 10 MiB.

    Args:
        limit: How many were requested.
        count: How many were returned.
        size: Bytes of those, as in the response.

    Returns:
        1 to 10,000; at most twice `limit`, since the next records may be larger.
    """
    if not count:
        return limit
    mean = max(1, -(-size // count))
    return max(1, min(2 * limit, _MOST_BYTES // mean, _MOST_RECORDS))


class ShardReader:
    """Reads one shard from its starting position to its end. Not for several threads.

    Args:
        client: Kinesis client.
        settings: Stream and starting position.
        shard_id: The shard.
        from_start: Read the shard from its first record whatever the starting position: it was created
            after the mapping.
    """

    def __init__(
        self, client: KinesisClient, settings: MappingSettings, shard_id: str, *, from_start: bool
    ) -> None:
        self._client = client
        self._stream_arn = settings.stream_arn
        self._name = settings.stream_name
        self._shard_id = shard_id
        self._start = _start(settings, from_start=from_start)
        self._opened_at: datetime | None = None
        self._format = RecordFormat(settings.source_arn, shard_id)
        self._iterator: str | None = None
        self._last: str | None = None
        self._limit = 500
        self.closed = False
        """Set once the shard is known to be closed; emulators do not end its iterators."""

    def open(self) -> str:
        """Fix the starting position and return its iterator; a second LATEST means the time of the first.

        Raises:
            botocore.exceptions.ClientError: The stream or the shard does not exist, or is throttled.
        """
        now = datetime.now(UTC)
        position: dict[str, Any] = self._start
        if self._last is not None:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": self._last}
        elif self._opened_at and position["ShardIteratorType"] == "LATEST":
            # A second LATEST would skip what arrived since the first.
            position = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._opened_at}
        response = self._client.get_shard_iterator(
            StreamARN=self._stream_arn, StreamName=self._name, ShardId=self._shard_id, **position
        )
        self._iterator = response["ShardIterator"]
        self._opened_at = self._opened_at or now
        return self._iterator

    def read(self) -> ReadResult:
        """Return the next records, possibly none.

        Raises:
            botocore.exceptions.ClientError: The stream does not exist or is throttled; the next read
                continues after the last record that was returned.
        """
        was_closed = self.closed
        iterator, limit = self._iterator or self.open(), self._limit
        try:
            response = self._client.get_records(
                ShardIterator=iterator, StreamARN=self._stream_arn, Limit=limit
            )
        except ClientError:
            self._iterator = None  # it may have expired
            raise
        following: str | None = response.get(
            "NextShardIterator"
        )  # None at a shard's end, which the type stub omits
        self._iterator = following
        found = tuple(
            self._format.record(
                raw["SequenceNumber"], raw["PartitionKey"], raw["Data"], raw["ApproximateArrivalTimestamp"]
            )
            for raw in response["Records"]
        )
        behind = int(response.get("MillisBehindLatest") or 0)
        if found:
            self._last = str(found[-1].sequence_number)
            size = sum(len(record.event) + _RECORD_OVERHEAD for record in found)
            self._limit = next_limit(self._limit, len(found), size)
        ended = following is None or (was_closed and not found and not behind)
        return ReadResult(found, behind, more=bool(behind) or len(found) == limit, at_end=ended)


def _start(settings: MappingSettings, *, from_start: bool) -> dict[str, Any]:
    if from_start:
        return {"ShardIteratorType": "TRIM_HORIZON"}
    if settings.starting_timestamp is None:
        return {"ShardIteratorType": settings.starting_position}
    moment = datetime.fromtimestamp(settings.starting_timestamp, UTC)
    return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": moment}
