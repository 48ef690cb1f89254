"""Records as they stand in an event."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.event_source_mapping.records import RecordFormat, event_of

STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/papers"
FORMAT = RecordFormat(STREAM, "shardId-000000000001")


def test_a_record_has_the_fields_that_lambda_sends() -> None:
    """Names, nesting and types as in AWS's documented Kinesis event."""
    arrived = datetime(2026, 11, 23, 12, 0, 0, 987_654, tzinfo=UTC)
    event = json.loads(event_of([FORMAT.record("4960", "doc-1", b"\x00\xff", arrived)]))
    assert event == {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "doc-1",
                    "sequenceNumber": "4960",
                    "data": "AP8=",
                    "approximateArrivalTimestamp": 1795435200.988,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": "shardId-000000000001:4960",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/local",
                "awsRegion": "eu-central-1",
                "eventSourceARN": STREAM,
            }
        ]
    }


@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), st.binary(max_size=50)), max_size=5))
def test_events_are_json_whatever_the_keys_hold(records: list[tuple[str, bytes]]) -> None:
    """Keys of any characters come back unchanged, in order."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    made = [FORMAT.record(str(n), key, data, moment) for n, (key, data) in enumerate(records)]
    event = json.loads(event_of(made))
    assert [each["kinesis"]["partitionKey"] for each in event["Records"]] == [key for key, _ in records]
