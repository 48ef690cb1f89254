"""Kinesis records as a Lambda event contains them, serialised once. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_EVENT_BYTES: Final = 6 * 1024 * 1024
"""Largest event of one invocation, in bytes of JSON."""

_HEAD: Final = b'{"Records":['
_TAIL: Final = b"]}"
EVENT_OVERHEAD: Final = len(_HEAD) + len(_TAIL)
"""Bytes of an event without records; each record after the first costs one more, its comma."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of one shard.

    Attributes:
        sequence_number: Position in the shard. It grows within a shard, compared as a number.
        partition_key: Records of one key stay in order.
        arrived_at: Seconds since the epoch at which the stream received it.
        event: The record's JSON inside the Lambda event.
    """

    sequence_number: int
    partition_key: str
    arrived_at: float
    event: bytes


class RecordFormat:
    """Formats records of GetRecords as records of a Lambda event.

    Args:
        source_arn: ARN of the event source: the stream, or a consumer of it.
        shard_id: The shard, for the event IDs.
    """

    def __init__(self, source_arn: str, shard_id: str) -> None:
        _, partition, _, region, account, _ = source_arn.split(":", 5)
        self._shard_id = shard_id
        self._common = {
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventName": "aws:kinesis:record",
            # AWS names the function's execution role; a local call has assumed none.
            "invokeIdentityArn": f"arn:{partition}:iam::{account}:role/local",
            "awsRegion": region,
            "eventSourceARN": source_arn,
        }

    def record(self, sequence_number: str, partition_key: str, data: bytes, arrived_at: datetime) -> Record:
        """Return one record, ready to go into an event."""
        arrival = round(arrived_at.timestamp(), 3)
        content = {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": partition_key,
                "sequenceNumber": sequence_number,
                "data": base64.b64encode(data).decode("ascii"),
                "approximateArrivalTimestamp": arrival,
            },
            "eventID": f"{self._shard_id}:{sequence_number}",
            **self._common,
        }
        event = json.dumps(content, separators=(",", ":")).encode("ascii")
        return Record(int(sequence_number), partition_key, arrival, event)


def event_of(records: Iterable[Record]) -> bytes:
    """Return the Lambda event for these records, as JSON bytes."""
    return _HEAD + b",".join(record.event for record in records) + _TAIL
