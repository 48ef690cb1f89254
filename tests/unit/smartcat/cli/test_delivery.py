from concurrent.futures import Future

import boto3
import pytest
from botocore.stub import Stubber

from producers.core.outcomes import Receipt
from smartcat.cli.aws import AwsError
from smartcat.cli.delivery import NAMED_FAILURES, DeliveryStopped, Watch, check_stream, failure_lines


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


@pytest.mark.parametrize("code", ["AccessDeniedException", "LimitExceededException"])
def test_a_producer_that_may_not_ask_may_still_send(code: str) -> None:
    """Rights to write only, or too many questions, say nothing about the stream."""
    answer_to_check(code)


def test_refused_credentials_are_said_before_anything_is_sent() -> None:
    """Who may not even ask with these keys may not send with them."""
    with pytest.raises(AwsError, match="UnrecognizedClientException: why; nothing was sent"):
        answer_to_check("UnrecognizedClientException")


def test_a_delivery_that_gets_nothing_through_is_stopped() -> None:
    """One wholly refused request ends the delivery; thousands of others would fare no better."""
    watch = Watch()
    watch.follow(answered())
    watch.check()
    for _ in range(500):
        watch.follow(answered(RuntimeError("no such stream")))
    with pytest.raises(DeliveryStopped, match="no such stream"):
        watch.check()


def test_a_delivery_that_gets_something_through_goes_on() -> None:
    """A record that fails among accepted ones stops nothing, and neither does waiting for an answer."""
    watch = Watch()
    watch.follow(Future())
    watch.check()
    watch.follow(answered(RuntimeError("one bad record")))
    watch.follow(answered())
    watch.check()


def test_thousands_of_failures_are_a_few_lines() -> None:
    """The first are named one by one, the others counted by their reason."""
    failed = [(f"d{number}", "Interrupted" if number % 2 else "Refused") for number in range(1000)]
    lines = list(failure_lines(failed))
    assert lines[0] == "not delivered: d0: Refused"
    assert lines[NAMED_FAILURES:] == [
        "not delivered: 495 more: Refused",
        "not delivered: 495 more: Interrupted",
    ]
    assert list(failure_lines([])) == []
