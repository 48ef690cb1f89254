"""Failure destinations of an event source mapping: the message's body, the object's key, and sending it.

SQS and SNS receive metadata; S3 receives metadata and the whole event as JSON text, as AWS documents.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from smartcat.local_aws.event_source_mapping.batches import TOO_OLD
from smartcat.local_aws.event_source_mapping.records import event_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.local_aws.event_source_mapping.batches import DiscardedRecords
    from smartcat.local_aws.lambda_runtime.host import InvokeResult

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where discarded records come from: mapping UUID, function ARN, stream ARN and shard."""

    mapping: str
    function_arn: str
    stream_arn: str
    shard_id: str


def failure_message(
    origin: Origin, discarded: DiscardedRecords, last: InvokeResult | None, now: float
) -> dict[str, Any]:
    """Return the body that a destination receives, without the payload.

    Args:
        origin: Where the records come from.
        discarded: The records and the condition.
        last: The last invocation; None if there was none.
        now: Seconds since the epoch.
    """
    first, final = discarded.records[0], discarded.records[-1]
    message: dict[str, Any] = {
        "requestContext": {
            "requestId": last.request_id if last else str(uuid.uuid4()),
            "functionArn": origin.function_arn,
            "condition": discarded.condition,
            "approximateInvokeCount": discarded.invocations,
        }
    }
    if last and discarded.condition != TOO_OLD:
        message["responseContext"] = {
            "statusCode": last.status_code,
            "executedVersion": "$LATEST",
            "functionError": last.function_error,
        }
    message["version"] = "1.0"
    message["timestamp"] = _iso(now)
    message["KinesisBatchInfo"] = {
        "shardId": origin.shard_id,
        "startSequenceNumber": str(first.sequence_number),
        "endSequenceNumber": str(final.sequence_number),
        "approximateArrivalOfFirstRecord": _iso(first.arrived_at),
        "approximateArrivalOfLastRecord": _iso(final.arrived_at),
        "batchSize": len(discarded.records),
        "streamArn": origin.stream_arn,
    }
    return message


def object_key(origin: Origin, now: float, unique: str) -> str:
    """Return the key of a failure object.

    `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<unique>`, in UTC.

    Args:
        origin: Where the records come from.
        now: Seconds since the epoch.
        unique: Makes the keys of one second distinct.
    """
    moment = datetime.fromtimestamp(now, UTC)
    folder = f"aws/lambda/{origin.mapping}/{origin.shard_id}"
    return f"{folder}/{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-{unique}"


def send_failure(
    client: Callable[[str], Any],
    destination: str,
    message: dict[str, Any],
    *,
    discarded: DiscardedRecords,
    key: str,
) -> bool:
    """Send one failure message.

    Args:
        client: `client("sqs")` returns a boto3 client.
        destination: ARN of the queue, topic or bucket.
        message: The body.
        discarded: The records, for S3.
        key: The object's key, for S3.

    Returns:
        Whether the destination accepted it. If not, it is logged and the stream moves on, as on AWS.
    """
    service, name = destination.split(":")[2], destination.rpartition(":")[2]
    try:
        if service == "s3":
            payload = event_of(discarded.records).decode()
            body = json.dumps({**message, "payload": payload}).encode()
            client("s3").put_object(Bucket=name, Key=key, Body=body, ContentType="application/json")
        elif service == "sqs":
            url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
            client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(message))
        else:
            client("sns").publish(TopicArn=destination, Message=json.dumps(message))
    except (BotoCoreError, ClientError) as error:
        _log.error("failure destination %s lost %d records: %s", destination, len(discarded.records), error)
        return False
    return True


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
