from concurrent.futures import Future

import boto3
import pytest
from botocore.stub import Stubber

from producers.core.outcomes import Receipt
from producers.errors import DeliveryError, RecordLimitUnknownError
from smartcat.cli.aws_clients import AwsError
from smartcat.cli.delivery_monitor import (
    DeliveryMonitor,
    DeliveryStopped,
    check_stream,
)


def answered(error: Exception | None = None) -> Future[Receipt]:
    """Make a future that Kinesis has answered."""
    future: Future[Receipt] = Future()
    if error is None:
        future.set_result(Receipt("d", "shard-0", "1"))
    else:
        future.set_exception(error)
    return future


def answer_to_check(code: str) -> None:
    """Check a stream that is answered with this error."""
    kinesis = boto3.client(
        "kinesis", region_name="eu-west-3", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(kinesis) as stub:
        stub.add_client_error("describe_stream_summary", service_error_code=code, service_message="why")
        check_stream(kinesis, "papers")


def test_a_missing_stream_is_named_with_the_place_where_it_was_looked_for() -> None:
    """The wrong region is the commonest reason, so the region is in the line."""
    with pytest.raises(AwsError, match=r"no stream 'papers' in eu-west-3 .*; nothing was sent"):
        answer_to_check("ResourceNotFoundException")


@pytest.mark.parametrize("code", ["AccessDeniedException", "LimitExceededException", "InternalFailure"])
def test_a_producer_that_may_not_ask_may_still_send(code: str) -> None:
    """Rights to write only, or too many questions, say nothing about the stream."""
    answer_to_check(code)


def test_refused_credentials_are_said_before_anything_is_sent() -> None:
    """Who may not even ask with these keys may not send with them."""
    with pytest.raises(AwsError, match="UnrecognizedClientException: why; nothing was sent"):
        answer_to_check("UnrecognizedClientException")


def test_a_delivery_that_gets_nothing_through_is_stopped() -> None:
    """One wholly refused request ends the delivery; thousands of others would fare no better."""
    monitor = DeliveryMonitor()
    monitor.follow(answered())
    monitor.check()
    for _ in range(500):
        monitor.follow(answered(RuntimeError("no such stream")))
    with pytest.raises(DeliveryStopped, match="no such stream"):
        monitor.check()


def test_a_delivery_that_gets_something_through_goes_on() -> None:
    """A record that fails among accepted ones stops nothing, and neither does waiting for an answer."""
    monitor = DeliveryMonitor()
    monitor.follow(Future())
    monitor.check()
    monitor.follow(answered(RuntimeError("one bad record")))
    monitor.follow(answered())
    monitor.check()


@pytest.mark.parametrize(
    "error",
    [
        DeliveryError("d", "InternalFailure", "refused", "shardId-3"),
        RecordLimitUnknownError("d", "ThrottlingException", "no answer"),
    ],
    ids=["one shard", "a large document"],
)
def test_what_concerns_only_some_documents_stops_nothing(error: Exception) -> None:
    """One ill shard, or a limit that is not known, whatever the number of documents: the others go on."""
    monitor = DeliveryMonitor()
    for _ in range(500):
        monitor.follow(answered(error))
        monitor.check()
    monitor.follow(answered(DeliveryError("d", "AccessDeniedException", "refused")))
    with pytest.raises(DeliveryStopped, match="AccessDeniedException"):
        monitor.check()
