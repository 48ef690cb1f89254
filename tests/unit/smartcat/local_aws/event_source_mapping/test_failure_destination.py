"""Messages to failure destinations."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from smartcat.local_aws.event_source_mapping.batches import DiscardedRecords
from smartcat.local_aws.event_source_mapping.failure_destination import (
    Origin,
    failure_message,
    object_key,
    send_failure,
)
from smartcat.local_aws.event_source_mapping.records import Record
from smartcat.local_aws.lambda_runtime.host import InvokeResult

if TYPE_CHECKING:
    import pytest

STREAM = "arn:aws:kinesis:r:123456789012:stream/s"
ORIGIN = Origin("uuid-1", "arn:f", STREAM, "shardId-000000000000")
RECORDS = (Record(4, "k", 1795435200.5, b'{"n":4}'), Record(6, "k", 1795435201.25, b'{"n":6}'))
NOW = 1795435205.123


class FakeClients:
    """Takes the place of boto3 clients and remembers what they were asked."""

    def __init__(self, *, broken: bool = False) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.broken = broken

    def __call__(self, service: str) -> FakeClients:
        return self

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> dict[str, str]:
            if self.broken:
                raise ClientError({"Error": {"Code": "NoSuchBucket"}}, name)
            self.calls.append((name, arguments))
            return {"QueueUrl": "http://queue"}

        return call


def test_a_message_after_failed_invocations() -> None:
    """The body has request, response and batch information as AWS writes them."""
    last = InvokeResult(200, b"{}", "Unhandled", request_id="request-1")
    assert failure_message(ORIGIN, DiscardedRecords(RECORDS, "RetryAttemptsExhausted", 4), last, NOW) == {
        "requestContext": {
            "requestId": "request-1",
            "functionArn": "arn:f",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 4,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-11-23T12:00:05.123Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": "4",
            "endSequenceNumber": "6",
            "approximateArrivalOfFirstRecord": "2026-11-23T12:00:00.500Z",
            "approximateArrivalOfLastRecord": "2026-11-23T12:00:01.250Z",
            "batchSize": 2,
            "streamArn": STREAM,
        },
    }


def test_a_message_for_records_that_became_too_old_has_no_response() -> None:
    """RecordAgeExceeded is Lambda's own decision, so no response belongs to it."""
    message = failure_message(ORIGIN, DiscardedRecords(RECORDS, "RecordAgeExceeded", 0), None, NOW)
    assert "responseContext" not in message
    assert message["requestContext"]["requestId"]


def test_the_key_of_a_failure_object() -> None:
    """Mapping, shard, day and second, in UTC."""
    expected = "aws/lambda/uuid-1/shardId-000000000000/2026/11/23/2026-11-23T12.00.05-x"
    assert object_key(ORIGIN, NOW, "x") == expected


def sent(destination: str, clients: FakeClients) -> bool:
    """Send two records; whether they arrived."""
    discarded = DiscardedRecords(RECORDS, "RetryAttemptsExhausted", 1)
    return send_failure(clients, destination, {"version": "1.0"}, discarded=discarded, key="the/key")


def test_queues_and_topics_receive_metadata_only() -> None:
    """No record is in an SQS or SNS message."""
    clients = FakeClients()
    assert sent("arn:aws:sqs:r:1:q", clients)
    assert sent("arn:aws:sns:r:1:t", clients)
    assert clients.calls == [
        ("get_queue_url", {"QueueName": "q"}),
        ("send_message", {"QueueUrl": "http://queue", "MessageBody": '{"version": "1.0"}'}),
        ("publish", {"TopicArn": "arn:aws:sns:r:1:t", "Message": '{"version": "1.0"}'}),
    ]


def test_buckets_receive_the_records_too() -> None:
    """The object holds the metadata, and the event as escaped JSON text, so it can be replayed."""
    clients = FakeClients()
    assert sent("arn:aws:s3:::bucket", clients)
    ((name, arguments),) = clients.calls
    assert (name, arguments["Bucket"], arguments["Key"]) == ("put_object", "bucket", "the/key")
    body = json.loads(arguments["Body"])
    assert body == {"version": "1.0", "payload": body["payload"]}
    assert json.loads(body["payload"]) == {"Records": [{"n": 4}, {"n": 6}]}


def test_a_destination_that_fails_does_not_stop_the_stream(caplog: pytest.LogCaptureFixture) -> None:
    """The loss is logged with its size, and the caller goes on."""
    with caplog.at_level(logging.ERROR):
        assert not sent("arn:aws:s3:::bucket", FakeClients(broken=True))
    assert "lost 2 records" in caplog.text
