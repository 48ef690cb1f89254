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

from producers.core.kinesis_limits import Entry
from producers.core.outcomes import Accepted, Failure
from producers.core.shards import ShardRange
from producers.kinesis import KinesisStream
from smartcat.aws_errors import THROTTLING_CODES
from support.scripted_kinesis import LAST_HASH, THROTTLED, ScriptedKinesis

ENTRIES = [Entry(key, key.encode()) for key in "abc"]
TIMEOUT = ReadTimeoutError(endpoint_url="http://kinesis")


def stream(client: Any) -> KinesisStream:
    """A stream behind a client."""
    return KinesisStream(client, "stream")


def failures(step: Any) -> list[Failure]:
    """Send three entries to a Kinesis that answers so; give the failures."""
    results = stream(ScriptedKinesis([step])).put_records(ENTRIES)
    assert len(results) == 3
    return [result for result in results if isinstance(result, Failure)]


def test_each_entry_has_its_result_at_its_index() -> None:
    """Accepted entries have shard and sequence number, the failed one between them its code."""
    results = stream(ScriptedKinesis([{1: THROTTLED}])).put_records(ENTRIES)
    assert results[0] == Accepted("shardId-000000000000", "1")
    assert results[2] == Accepted("shardId-000000000000", "2")
    refused = results[1]
    assert isinstance(refused, Failure)
    assert (refused.code, refused.retryable, refused.throttled) == (THROTTLED, True, True)


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
        lambda _: [TIMEOUT],
        lambda _: EndpointConnectionError(endpoint_url="http://kinesis"),
        lambda _: ResponseParserError("<html>"),
        lambda _: {"answer": {}},
        lambda _: {"answer": {"Records": []}},
        lambda _: {"answer": {"Records": [{"ShardId": "s", "SequenceNumber": "1"}] * 2}},
        lambda _: {"answer": {"Records": [{}] * 3}},
    ],
)
def test_temporary_errors_are_retryable(client_error: Any, make: Callable[[Any], Any]) -> None:
    """Another attempt may help after throttling, server errors, broken connections and senseless answers."""
    assert [failure.retryable for failure in failures(make(client_error))] == [True] * 3


@pytest.mark.parametrize(
    "code",
    ["ResourceNotFoundException", "AccessDeniedException", "ValidationException", "KMSDisabledException"],
)
def test_permanent_errors_are_not_retryable(client_error: Any, code: str) -> None:
    """They are not tried again, and every entry has the code."""
    assert [(f.code, f.retryable) for f in failures(client_error(code))] == [(code, False)] * 3


def test_an_unknown_code_of_an_entry_is_final() -> None:
    """Only codes known to be temporary are tried again."""
    assert [f.retryable for f in failures({2: "NeverHeardOf"})] == [False]


@pytest.mark.parametrize("error", [NoCredentialsError(), TypeError("secret"), ValueError("secret")])
def test_errors_of_the_client_are_final_and_only_named(error: Exception) -> None:
    """Missing credentials do not appear by waiting; a defect's message may hold what was sent."""
    found = failures(error)
    assert [(f.code, f.retryable) for f in found] == [(type(error).__name__, False)] * 3
    assert "secret" not in str(found)


def test_messages_that_could_repeat_the_request_are_not_repeated(client_error: Any) -> None:
    """A refusal's message is shown for codes whose message names only resources, without line breaks."""
    hidden = failures(client_error("ValidationException"))
    shown = failures(client_error("ResourceNotFoundException", message="Stream x\nnot found"))
    assert "secret" not in str(hidden + failures({0: THROTTLED}))
    assert shown[0].explanation == "Kinesis refused the request: Stream x not found"


def test_only_the_throughput_of_the_shard_is_throttling(client_error: Any) -> None:
    """A limit of the account or of KMS is worth another attempt, and says nothing of how fast a shard is."""
    throttled = {
        code: {failure.throttled for failure in failures(client_error(code))} for code in THROTTLING_CODES
    }
    assert {code for code, found in throttled.items() if found == {True}} == {
        THROTTLED,
        "LimitExceededException",
    }
    assert {f.retryable for code in THROTTLING_CODES for f in failures(client_error(code))} == {True}


def test_an_error_answer_without_details() -> None:
    """An error answer that says nothing still fails with a code."""
    assert [f.code for f in failures(ClientError({}, "PutRecords"))] == ["UnknownError"] * 3


def test_an_explicit_hash_key_is_sent() -> None:
    """The hash key is sent if there is one, and left to the partition key otherwise."""
    client = ScriptedKinesis()
    stream(client).put_records([Entry("a", b"1"), Entry("b", b"2", "340")])
    assert client.requests == [
        [
            {"Data": b"1", "PartitionKey": "a"},
            {"Data": b"2", "PartitionKey": "b", "ExplicitHashKey": "340"},
        ]
    ]


def test_only_open_shards_are_given() -> None:
    """A closed parent takes nothing, so its range means nothing; pages are joined."""
    found = stream(ScriptedKinesis(shards=2)).list_shards()
    assert found is not None
    assert found.shards == (
        ShardRange("shardId-000000000000", 0, 2**127 - 1),
        ShardRange("shardId-000000000001", 2**127, LAST_HASH),
    )


def test_without_permission_to_list_shards_none_are_known(client_error: Any) -> None:
    """No permission and no stream are permanent answers; a time-out or a throttled call is no answer."""
    for error, known in [("AccessDeniedException", ()), ("ResourceNotFoundException", ()), ("Slow", None)]:
        client = ScriptedKinesis()
        client.listing_steps = [client_error(error)]
        found = stream(client).list_shards()
        assert (None if found is None else found.shards) == known
    client.listing_steps = [TIMEOUT]
    assert stream(client).list_shards() is None


def test_the_stream_says_how_large_a_record_may_be(client_error: Any) -> None:
    """A raised limit is used, and 1 MiB where the stream says nothing or may not be asked."""
    assert stream(ScriptedKinesis(record_kib=10_240)).max_record_bytes() == 10 * 2**20
    assert stream(ScriptedKinesis()).max_record_bytes() == 2**20
    client = ScriptedKinesis()
    client.described = [client_error("AccessDeniedException"), client_error("Slow", 500), TIMEOUT]
    assert [stream(client).max_record_bytes() for _ in range(3)] == [2**20, None, None]


def test_an_answer_that_cannot_be_read_is_none() -> None:
    """What a proxy answers in place of Kinesis breaks nothing: it is asked again."""
    client = ScriptedKinesis()
    client.listing_steps = [ResponseParserError("<html>"), AttributeError("secret")]
    client.described = [ResponseParserError("<html>")]
    assert [
        stream(client).list_shards(),
        stream(client).list_shards(),
        stream(client).max_record_bytes(),
    ] == [None] * 3
