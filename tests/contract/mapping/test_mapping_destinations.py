"""What becomes of records that are discarded: the message, and how it differs between the destinations."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.account import ACCOUNT_ID, REGION
from support.mapping_harness import FIRST_SHARD

if TYPE_CHECKING:
    from support.mapping_harness import Delivered, MappingHarness


def queue(harness: MappingHarness) -> str:
    """Make a queue under the harness's name, and return its ARN."""
    harness.clients["sqs"].create_queue(QueueName=harness.name)
    return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{harness.name}"


def messages(harness: MappingHarness) -> list[dict[str, Any]]:
    """The bodies in the queue of at most ten."""
    url = harness.clients["sqs"].get_queue_url(QueueName=harness.name)["QueueUrl"]
    found = harness.clients["sqs"].receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def bucket(harness: MappingHarness) -> str:
    """Make a bucket under the harness's name, and return its ARN."""
    where = {"LocationConstraint": REGION}
    harness.clients["s3"].create_bucket(Bucket=harness.name, CreateBucketConfiguration=where)
    return f"arn:aws:s3:::{harness.name}"


def objects(harness: MappingHarness) -> dict[str, dict[str, Any]]:
    """The bucket's objects by key."""
    s3 = harness.clients["s3"]
    listed = s3.list_objects_v2(Bucket=harness.name).get("Contents", [])
    return {
        each["Key"]: json.load(s3.get_object(Bucket=harness.name, Key=each["Key"])["Body"]) for each in listed
    }


def records(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of the event in an object, where it stands as JSON text."""
    event: dict[str, Any] = json.loads(body["payload"])
    return list(event["Records"])


def give_up(harness: MappingHarness, destination: str | None, **settings: Any) -> None:
    """Put a record, one that fails its batch, and one after it; wait until the mapping is through."""
    harness.put("good", "bad", "after")
    config = {"DestinationConfig": {"OnFailure": {"Destination": destination}}} if destination else {}
    harness.map(BatchSize=1, MaximumRetryAttempts=0, **config, **settings)
    harness.wait_for(delivered=2, discarded=1)


def test_records_discarded_in_one_second_are_objects_of_their_own(harness: MappingHarness) -> None:
    """Nothing is overwritten, though the invocations whose answers are lost have no id to tell them apart."""
    harness.local.set_faults([{"service": "lambda", "operation": "Invoke", "kind": "lost_answer"}])
    try:
        harness.put("one", "two", "three", "four")
        config = {"DestinationConfig": {"OnFailure": {"Destination": bucket(harness)}}}
        harness.map(BatchSize=1, MaximumRetryAttempts=0, **config)
        harness.wait_for(delivered=0, discarded=4)
    finally:
        harness.local.set_faults([])
    kept = [
        base64.b64decode(record["kinesis"]["data"])
        for body in objects(harness).values()
        for record in records(body)
    ]
    assert sorted(kept) == [b"four", b"one", b"three", b"two"]


def test_what_the_quarantine_refuses_is_kept_with_its_neighbours(harness: MappingHarness) -> None:
    """What a function cannot put aside it gives back; the destination, a bucket of its own, takes it."""
    s3, quarantine = harness.clients["s3"], f"{harness.name}-quarantine"
    s3.create_bucket(Bucket=quarantine, CreateBucketConfiguration={"LocationConstraint": REGION})
    refusal = {"service": "s3", "operation": "PutObject", "resource": quarantine, "kind": "error"}

    def put_aside(batch: list[Delivered]) -> object:
        for record in batch:
            if record.data == "poison":
                try:
                    s3.put_object(Bucket=quarantine, Key=record.number, Body=b"")
                except s3.exceptions.ClientError:
                    return {"batchItemFailures": [{"itemIdentifier": record.number}]}
        return {"batchItemFailures": []}

    harness.respond = put_aside
    harness.local.set_faults([{**refusal, "code": "AccessDenied", "status": 403}])
    try:
        harness.put("before", "poison", "after", "and after")
        config = {"DestinationConfig": {"OnFailure": {"Destination": bucket(harness)}}}
        harness.map(MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"], **config)
        harness.wait_for(delivered=1, discarded=3)
    finally:
        harness.local.set_faults([])
    (kept,) = objects(harness).values()
    data = [base64.b64decode(each["kinesis"]["data"]).decode() for each in records(kept)]
    assert data == ["poison", "after", "and after"]


def test_the_message_says_which_records_were_discarded_and_why(harness: MappingHarness) -> None:
    """All fields of the body, none more, for a batch whose retries are over."""
    destination = queue(harness)
    give_up(harness, destination)
    (message,) = messages(harness)
    arrivals = [
        message["KinesisBatchInfo"].pop(f"approximateArrivalOf{end}Record") for end in ("First", "Last")
    ]
    assert abs((datetime.fromisoformat(arrivals[0]) - datetime.now(UTC)).total_seconds()) < 60
    assert arrivals[0] == arrivals[1]
    assert datetime.fromisoformat(message.pop("timestamp")) >= datetime.fromisoformat(arrivals[0])
    assert re.fullmatch(r"[0-9a-f-]{36}", message["requestContext"].pop("requestId"))
    assert message == {
        "requestContext": {
            "functionArn": harness.function_arn,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "KinesisBatchInfo": {
            "shardId": FIRST_SHARD,
            "startSequenceNumber": "2",
            "endSequenceNumber": "2",
            "batchSize": 1,
            "streamArn": harness.stream_arn,
        },
    }


def test_a_queue_receives_metadata_only(harness: MappingHarness) -> None:
    """No record is in the message: a redrive must read the range from the stream, before it expires."""
    destination = queue(harness)
    give_up(harness, destination)
    (message,) = messages(harness)
    assert "payload" not in message
    assert base64.b64encode(b"bad").decode() not in json.dumps(message)


def test_a_topic_receives_metadata_only(harness: MappingHarness) -> None:
    """The same body as a queue's, to every subscriber."""
    subscriber = queue(harness)
    topic = harness.clients["sns"].create_topic(Name=harness.name)["TopicArn"]
    harness.clients["sns"].subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=subscriber, Attributes={"RawMessageDelivery": "true"}
    )
    give_up(harness, topic)
    (message,) = messages(harness)
    assert set(message) == {"requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo"}
    assert message["KinesisBatchInfo"]["startSequenceNumber"] == "2"


def test_a_bucket_receives_the_records_with_the_metadata(harness: MappingHarness) -> None:
    """The event as the function had it, as JSON text: it can be replayed when the stream has forgotten it."""
    destination = bucket(harness)
    give_up(harness, destination)
    (body,) = objects(harness).values()
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    (record,) = records(body)
    assert base64.b64decode(record["kinesis"]["data"]) == b"bad"
    assert (record["eventID"], record["kinesis"]["partitionKey"]) == (f"{FIRST_SHARD}:2", "bad")


def test_the_key_of_an_object_names_mapping_shard_and_time(harness: MappingHarness) -> None:
    """`aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`, by the message's own time."""
    destination = bucket(harness)
    give_up(harness, destination)
    ((key, body),) = objects(harness).items()
    moment = datetime.fromisoformat(body["timestamp"])
    folder = f"aws/lambda/{harness.uuid}/{FIRST_SHARD}/{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-"
    assert key.startswith(folder)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key.removeprefix(folder))


def test_records_given_up_together_are_one_message_with_their_range(harness: MappingHarness) -> None:
    """A redrive must read the whole range, and not the first record only."""
    destination = bucket(harness)
    harness.put("1", "bad", "3", "4")
    harness.map(
        BatchSize=3, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": destination}}
    )
    harness.wait_for(delivered=1, discarded=3)
    (body,) = objects(harness).values()
    info = body["KinesisBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == ("1", "3", 3)
    assert [each["kinesis"]["sequenceNumber"] for each in records(body)] == ["1", "2", "3"]
    assert body["requestContext"]["approximateInvokeCount"] == 2


def test_records_that_are_too_old_are_given_up_without_a_response(harness: MappingHarness) -> None:
    """RecordAgeExceeded: the same body, but no invocation belongs to it; newer records are delivered."""
    destination = queue(harness)
    harness.put("old", "older")
    harness.age(120)
    harness.put("new")
    harness.map(MaximumRecordAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": destination}})
    harness.wait_for(delivered=1, discarded=2)
    (message,) = messages(harness)
    assert set(message) == {"requestContext", "version", "timestamp", "KinesisBatchInfo"}
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    assert message["requestContext"]["approximateInvokeCount"] == 0
    assert message["KinesisBatchInfo"]["batchSize"] == 2
    assert harness.batches() == [["new"]]


def test_the_message_of_the_recorded_scenario_counts_four_invocations(harness: MappingHarness) -> None:
    """Recorded on AWS: five deliveries of the sixth record, four of them counted, and no function error."""
    destination = queue(harness)
    harness.put("1", "2", "3", "4", "5", "fail")
    harness.map(
        BatchSize=3,
        MaximumRetryAttempts=3,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    harness.wait_for(delivered=5, discarded=1)
    assert harness.batches() == [["1", "2", "3"], ["4", "5", "fail"], *[["fail"]] * 4]
    (message,) = messages(harness)
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 4
    assert message["responseContext"]["functionError"] is None
    assert message["KinesisBatchInfo"]["batchSize"] == 1


def test_halving_leaves_only_the_record_that_fails_in_the_destination(harness: MappingHarness) -> None:
    """Eight records, one of them bad: seven are delivered, one message."""
    destination = bucket(harness)
    harness.put("1", "2", "3", "4", "bad", "6", "7", "8")
    harness.map(
        BatchSize=8,
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    harness.wait_for(delivered=7, discarded=1)
    assert harness.batches()[-3:] == [["bad"], ["6"], ["7", "8"]]
    (body,) = objects(harness).values()
    assert [each["kinesis"]["partitionKey"] for each in records(body)] == ["bad"]


@pytest.mark.parametrize("missing", ["none", "bucket"])
def test_the_stream_goes_on_where_nothing_takes_the_message(harness: MappingHarness, missing: str) -> None:
    """Without a destination, and with one that does not exist."""
    give_up(harness, None if missing == "none" else "arn:aws:s3:::no-such-bucket")
    assert harness.batches() == [["good"], ["bad"], ["after"]]
