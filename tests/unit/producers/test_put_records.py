from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from producers.delivery import Backoff, Delivery, Receipt
from producers.errors import DeliveryError
from producers.packing import Entry
from producers.put_records import RecordSender

THROTTLED = "ProvisionedThroughputExceededException"
TIMEOUT = ReadTimeoutError(endpoint_url="http://kinesis")


class Sent:
    """A delivery of three entries after it was sent to a scripted Kinesis."""

    def __init__(self, client: Any, *, attempts: int = 4) -> None:
        self.client = client
        self.waits: list[float] = []
        self.delivery = Delivery([Entry(key, key.encode()) for key in "abc"])
        sender = RecordSender(
            client,
            "stream",
            backoff=Backoff(attempts=attempts),
            sleep=self.waits.append,
            chance=lambda: 1.0,
        )
        try:
            sender.send(self.delivery)
        finally:
            self.results = [self.delivery.result(position) for position in range(3)]

    @property
    def codes(self) -> list[str | None]:
        return [result.code if isinstance(result, DeliveryError) else None for result in self.results]


def test_one_request_when_all_is_well(fake_kinesis: Any) -> None:
    """Everything accepted at once: one request, no wait, receipts in place."""
    sent = Sent(fake_kinesis())
    assert sent.results == [
        Receipt(key, "shardId-000000000000", str(number)) for number, key in enumerate("abc", 1)
    ]
    assert (sent.delivery.requests, sent.delivery.retried_records, sent.waits) == (1, 0, [])


def test_only_failed_entries_are_sent_again(fake_kinesis: Any) -> None:
    """A request with one refused entry is followed by a request with that entry alone."""
    sent = Sent(fake_kinesis([{1: THROTTLED}, {0: "InternalFailure"}]))
    assert sent.client.requests == [["a", "b", "c"], ["b"], ["b"]]
    assert sent.client.accepted == [("a", b"a"), ("c", b"c"), ("b", b"b")]
    assert sent.results[1] == Receipt("b", "shardId-000000000000", "3")
    assert (sent.delivery.requests, sent.delivery.retried_records) == (3, 2)
    assert sent.waits == [0.1, 0.2]


def test_gives_up_after_fruitless_attempts(fake_kinesis: Any) -> None:
    """A dead shard is tried so many times, with growing waits, and then the entry has failed."""
    sent = Sent(fake_kinesis([{1: THROTTLED}] + [{0: THROTTLED}] * 99))
    assert sent.codes == [None, THROTTLED, None]
    assert sent.delivery.requests == 5
    assert sent.waits == [0.1, 0.2, 0.4, 0.8]


def test_progress_starts_the_count_again(fake_kinesis: Any) -> None:
    """A slow shard that takes a record now and then is waited for."""
    refuse = [{0: THROTTLED, 1: THROTTLED, 2: THROTTLED}, {0: THROTTLED, 1: THROTTLED}, {0: THROTTLED}]
    script = [refuse[0], refuse[1], refuse[1], refuse[2], refuse[2]]
    assert Sent(fake_kinesis(script), attempts=2).codes == [None, None, None]


def test_unknown_code_of_an_entry_is_final(fake_kinesis: Any) -> None:
    """Only codes known to pass are tried again."""
    sent = Sent(fake_kinesis([{2: "NeverHeardOf"}]))
    assert sent.codes == [None, None, "NeverHeardOf"]
    assert sent.delivery.requests == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda error: error(THROTTLED),
        lambda error: error("ThrottlingException"),
        lambda error: error("KMSThrottlingException"),
        lambda error: error("SomethingNew", 500),
        lambda error: error("503", 503),
        lambda error: error("Slow", 429),
        lambda _: TIMEOUT,
        lambda _: EndpointConnectionError(endpoint_url="http://kinesis"),
        lambda _: ResponseParserError("<html>"),
        lambda _: {"answer": {}},
        lambda _: {"answer": {"Records": []}},
        lambda _: {"answer": {"Records": [{"ShardId": "s", "SequenceNumber": "1"}] * 2}},
        lambda _: {"answer": {"Records": [{}] * 3}},
    ],
)
def test_passing_trouble_with_a_whole_request_is_retried(
    fake_kinesis: Any, client_error: Any, make: Callable[[Any], Any]
) -> None:
    """Throttling, server errors, broken connections and answers that make no sense are tried again."""
    sent = Sent(fake_kinesis([make(client_error)]))
    assert sent.codes == [None, None, None]
    assert sent.client.requests == [["a", "b", "c"]] * 2


@pytest.mark.parametrize(
    "code",
    ["ResourceNotFoundException", "AccessDeniedException", "ValidationException", "KMSDisabledException"],
)
def test_lasting_refusal_fails_at_once(fake_kinesis: Any, client_error: Any, code: str) -> None:
    """What will not pass is not tried again, and every entry has the code."""
    sent = Sent(fake_kinesis([client_error(code)]))
    assert sent.codes == [code] * 3
    assert sent.delivery.requests == 1


def test_trouble_of_the_sdk_itself_fails_at_once(fake_kinesis: Any) -> None:
    """Missing credentials do not appear by waiting."""
    assert Sent(fake_kinesis([NoCredentialsError()])).codes == ["NoCredentialsError"] * 3


def test_time_out_after_accepting_makes_duplicates_and_no_loss(fake_kinesis: Any) -> None:
    """At least once: what a lost answer had accepted is sent again and then on the stream twice."""
    sent = Sent(fake_kinesis([[TIMEOUT]]))
    assert sent.codes == [None, None, None]
    assert [key for key, _ in sent.client.accepted] == list("abcabc")


def test_messages_that_could_repeat_the_request_are_not_repeated(
    fake_kinesis: Any, client_error: Any
) -> None:
    """A refusal's message is shown for codes whose message names only resources, without line breaks."""
    hidden = Sent(fake_kinesis([client_error("ValidationException")]))
    shown = Sent(fake_kinesis([client_error("ResourceNotFoundException", message="Stream x\nnot found")]))
    throttled = Sent(fake_kinesis([{0: THROTTLED}] * 99))
    assert "secret" not in str(hidden.results[0])
    assert str(shown.results[0]).endswith("Kinesis refused the request: Stream x not found")
    assert "secret" not in str(throttled.results[0])


def test_interrupt_keeps_what_is_known(fake_kinesis: Any) -> None:
    """Stopped while the second request is out: accepted entries stay accepted, the other is unknown."""
    client = fake_kinesis([{1: THROTTLED}, KeyboardInterrupt()])
    delivery = Delivery([Entry(key, b"") for key in "abc"])
    with pytest.raises(KeyboardInterrupt):
        RecordSender(client, "stream", sleep=lambda _: None).send(delivery)
    results = [delivery.result(position) for position in range(3)]
    assert isinstance(results[0], Receipt)
    assert isinstance(results[2], Receipt)
    assert "Interrupted: sending was broken off before Kinesis answered" in str(results[1])


def test_error_answer_without_details(fake_kinesis: Any) -> None:
    """An error answer that says nothing still fails with a code."""
    assert Sent(fake_kinesis([ClientError({}, "PutRecords")])).codes == ["UnknownError"] * 3


def test_an_entry_with_a_hash_key_goes_where_it_says(fake_kinesis: Any) -> None:
    """The hash key is sent where there is one, and left to the partition key elsewhere."""
    sent: list[Any] = []

    class Kinesis(fake_kinesis):  # type: ignore[misc]
        def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's
            sent.extend(Records)
            answer: dict[str, Any] = super().put_records(StreamName=StreamName, Records=Records)
            return answer

    client: Any = Kinesis()
    RecordSender(client, "stream").send(Delivery([Entry("a", b"1"), Entry("b", b"2", "340")]))
    assert sent == [
        {"Data": b"1", "PartitionKey": "a"},
        {"Data": b"2", "PartitionKey": "b", "ExplicitHashKey": "340"},
    ]
