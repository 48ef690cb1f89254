"""Where a record is on a stream, and how its times are written. Knows nothing of what the record holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """The position of a record; (stream, shard, sequence number, sub-sequence number) identifies it.

    Attributes:
        stream: Name of the stream.
        shard_id: Such as ``shardId-000000000003``.
        sequence_number: Decimal digits, increasing along the shard.
        sub_sequence_number: Index inside an aggregate, from 0; None for a record that is not part of one.
        partition_key: The one the producer gave; inside an aggregate, the user record's own.
        arrived_at: Kinesis's approximate arrival, UTC, to the millisecond.
    """

    stream: str
    shard_id: str
    sequence_number: str
    sub_sequence_number: int | None
    partition_key: str
    arrived_at: datetime

    @property
    def version(self) -> tuple[int, int]:
        """Orders the records of one partition key: Kinesis numbers them upwards, across shards too."""
        sub = self.sub_sequence_number
        return int(self.sequence_number), -1 if sub is None else sub


def iso_utc(moment: datetime) -> str:
    """Return a moment as ISO 8601 with a Z: to the millisecond where it has one, else to the second."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
