"""Objects as they are put aside, without S3: bodies made by the code that really makes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.cli.replay.buckets import Bucket, StoredObject
from smartcat.cli.replay.failure_destination import read_failure_object
from smartcat.cli.replay.quarantine import read_quarantine_object
from stream_processor.storage_format.quarantine_object import RejectedRecord, object_body, object_key
from stream_processor.storage_format.record_position import RecordPosition

if TYPE_CHECKING:
    from collections.abc import Sequence

MOMENT = datetime(2026, 1, 3, 4, 5, 6, 7000, UTC)
QUARANTINE = Bucket(None, "quarantine", "quarantine/", read_quarantine_object)
FAILURES = Bucket(None, "failures", "aws/lambda/", read_failure_object)


@dataclass(frozen=True)
class Make:
    """Builders that the tests of this room use."""

    moment: datetime = MOMENT

    def source(
        self, number: int = 7, *, key: str = "k", sub: int | None = None, **more: Any
    ) -> RecordPosition:
        """A place on the stream."""
        fields = {"stream": "documents", "shard_id": "shardId-000000000001", "arrived_at": MOMENT, **more}
        return RecordPosition(
            sequence_number=str(number), sub_sequence_number=sub, partition_key=key, **fields
        )

    def rejected(
        self,
        source: RecordPosition,
        data: bytes | None = b"{}",
        *,
        reason: str = "bad_json",
        origin: RecordPosition | None = None,
        text: str | None = None,
    ) -> StoredObject:
        """An object of the quarantine."""
        rejected = RejectedRecord(source, reason, "why", data, text, origin)
        return StoredObject(QUARANTINE, object_key("quarantine/", rejected), object_body(rejected))

    def given_up(
        self, entries: Sequence[dict[str, Any]], condition: str = "RetryAttemptsExhausted"
    ) -> StoredObject:
        """An object of the failure destination."""
        body = {"requestContext": {"condition": condition}, "payload": json.dumps({"Records": entries})}
        return StoredObject(FAILURES, "aws/lambda/m/s/2026/01/03/x", json.dumps(body).encode())

    def entry(
        self, data: str, number: int = 7, *, key: str = "k", stream: str = "documents"
    ) -> dict[str, Any]:
        """A record of an event; the data is its base64."""
        return {
            "kinesis": {
                "partitionKey": key,
                "sequenceNumber": str(number),
                "data": data,
                "approximateArrivalTimestamp": MOMENT.timestamp(),
            },
            "eventID": f"shardId-000000000001:{number}",
            "eventSourceARN": f"arn:aws:kinesis:eu-central-1:000000000000:stream/{stream}",
        }


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders; of the session, so that property tests may use them."""
    return Make()
