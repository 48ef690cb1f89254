import json
from collections.abc import Callable
from typing import Any

import boto3
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
from producers.core.shards import ShardMap, ShardRange
from producers.kinesis import KinesisStream
from smartcat.aws_errors import THROTTLING_CODES
from support.damaged_answers import HTML, answer_with, damaged
from support.scripted_kinesis import LAST_HASH, THROTTLED, ScriptedKinesis

ENTRIES = [Entry(key, key.encode()) for key in "abc"]
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/documents"
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


@pytest.mark.parametrize(
    ("error", "retryable"),
    [(NoCredentialsError(), False), (TypeError("secret"), True), (ValueError("secret"), True)],
)
def test_other_errors_are_only_named(error: Exception, *, retryable: bool) -> None:
    """Missing credentials do not appear by waiting; what a damaged answer raises may quote what was sent."""
    found = failures(error)
    assert [(f.code, f.retryable) for f in found] == [(type(error).__name__, retryable)] * 3
    assert "secret" not in str(found)


def test_messages_that_could_repeat_the_request_are_not_repeated(client_error: Any) -> None:
    """A refusal's message is shown for codes whose message names only resources, without line breaks."""
    hidden = failures(client_error("ValidationException"))
    shown = failures(client_error("ResourceNotFoundException", message="Stream x\nnot found"))
    assert "secret" not in str(hidden + failures({0: THROTTLED}))
    assert shown[0].explanation == "AWS refused the request: Stream x not found"


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
    assert [f.code for f in failures(ClientError({}, "PutRecords"))] == ["Unknown"] * 3


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
    assert isinstance(found, ShardMap)
    assert found.shards == (
        ShardRange("shardId-000000000000", 0, 2**127 - 1),
        ShardRange("shardId-000000000001", 2**127, LAST_HASH),
    )


def said(found: object) -> tuple[str, bool]:
    """Code and retryability of a failure."""
    assert isinstance(found, Failure)
    return found.code, found.retryable


FAULTS = [
    ("AccessDeniedException", 400, False),
    ("ResourceNotFoundException", 400, False),
    ("ThrottlingException", 400, True),
    ("ExpiredTokenException", 400, True),
    ("Slow", 500, True),
]


@pytest.mark.parametrize(("code", "status", "retryable"), FAULTS)
def test_a_question_without_an_answer_says_whether_to_ask_again(
    client_error: Any, code: str, status: int, *, retryable: bool
) -> None:
    """No permission and no stream stay, all else may pass; neither is a stream of no shards, or of 1 MiB."""
    client = ScriptedKinesis()
    client.listing_steps = [client_error(code, status), TIMEOUT]
    client.described = [client_error(code, status), TIMEOUT]
    assert said(stream(client).list_shards()) == (code, retryable)
    assert said(stream(client).max_record_bytes()) == (code, retryable)
    assert (
        said(stream(client).list_shards())
        == said(stream(client).max_record_bytes())
        == ("ReadTimeoutError", True)
    )


def test_the_stream_says_how_large_a_record_may_be() -> None:
    """A raised limit is used, and 1 MiB where a description of the stream names none."""
    assert stream(ScriptedKinesis(record_kib=10_240)).max_record_bytes() == 10 * 2**20
    assert stream(ScriptedKinesis()).max_record_bytes() == 2**20


# ---------------------------------------------------------------------------------------------- damaged
# answers
ANSWERS: dict[str, Any] = {
    "PutRecords": {
        "FailedRecordCount": 1,
        "Records": [
            {
                "SequenceNumber": "49543463076570308322303623326179887152428262250726293588",
                "ShardId": "shardId-0",
            },
            {"ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."},
            {
                "SequenceNumber": "49543463076570308322303623326179887152428262250726293589",
                "ShardId": "shardId-0",
            },
        ],
    },
    "ListShards": {
        "Shards": [
            {
                "ShardId": f"shardId-{number}",
                "HashKeyRange": {"StartingHashKey": str(first), "EndingHashKey": str(last)},
                "SequenceNumberRange": {"StartingSequenceNumber": "1"},
            }
            for number, (first, last) in enumerate([(0, 2**127 - 1), (2**127, LAST_HASH)])
        ]
    },
    "DescribeStreamSummary": {
        "StreamDescriptionSummary": {"StreamName": "stream", "MaxRecordSizeInKiB": 2048, "OpenShardCount": 1}
    },
}


@pytest.fixture(scope="module")
def answered() -> tuple[KinesisStream, dict[str, bytes]]:
    """A stream behind a real client, and the bytes that each operation is answered with."""
    client = boto3.client(
        "kinesis", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    bodies = {name: json.dumps(fields, separators=(",", ":")).encode() for name, fields in ANSWERS.items()}
    target = "X-Amz-Target"
    answer_with(client, lambda sent: ({}, bodies[sent.headers[target].decode().rpartition(".")[2]]))
    return KinesisStream(client, "stream"), bodies


def test_a_damaged_answer_to_put_records_is_no_receipt_and_no_refusal(
    answered: tuple[KinesisStream, dict[str, bytes]],
) -> None:
    """Cut, changed in a byte, empty or HTML: an entry is accepted with shard and number, or sent again."""
    stream, bodies = answered
    whole = bodies["PutRecords"]
    for body in damaged(whole):
        bodies["PutRecords"] = body
        for result in stream.put_records(ENTRIES):
            if isinstance(result, Accepted):
                # A character that became another one cannot be seen; the record itself is stored.
                assert len(result.shard_id) == len("shardId-0")
                assert len(result.sequence_number) == 56
            else:
                assert result.retryable or result.code not in ("InternalFailure", "MalformedResponse")
    for body in (b"", b"{}", b"[]", b"null", HTML, whole[:-2], whole[:100]):
        bodies["PutRecords"] = body
        assert all(isinstance(each, Failure) and each.retryable for each in stream.put_records(ENTRIES))
    bodies["PutRecords"] = whole
    assert [type(each) for each in stream.put_records(ENTRIES)] == [Accepted, Failure, Accepted]


def test_a_damaged_list_of_shards_is_none(answered: tuple[KinesisStream, dict[str, bytes]]) -> None:
    """Whatever became of it, the shards cover all hash keys or are not known now."""
    stream, bodies = answered
    whole = bodies["ListShards"]
    for body in damaged(whole):
        bodies["ListShards"] = body
        found = stream.list_shards()
        assert found.is_complete if isinstance(found, ShardMap) else found.retryable
        if body in (b"", b"{}", b"[]", b"null", HTML) or len(body) < len(whole):
            assert isinstance(found, Failure)
    bodies["ListShards"] = whole
    assert isinstance(stream.list_shards(), ShardMap)


def test_a_damaged_description_says_nothing_of_the_limit(
    answered: tuple[KinesisStream, dict[str, bytes]],
) -> None:
    """An answer that does not name the stream is none."""
    stream, bodies = answered
    whole = bodies["DescribeStreamSummary"]
    for body in damaged(whole):
        bodies["DescribeStreamSummary"] = body
        found = stream.max_record_bytes()
        if body in (b"", b"{}", b"[]", b"null", HTML) or len(body) < len(whole):
            assert isinstance(found, Failure)
            assert found.retryable
    bodies["DescribeStreamSummary"] = whole
    assert stream.max_record_bytes() == 2 * 2**20


@pytest.mark.parametrize(
    ("named", "parameter"),
    [
        ("stream", {"StreamName": "stream"}),
        (ARN, {"StreamARN": ARN}),
        (f"{ARN}/consumer/smartcat:17", {"StreamARN": ARN}),
    ],
)
def test_a_stream_is_named_as_the_api_wants_it(named: str, parameter: dict[str, str]) -> None:
    """A stream of another account can only be named by its ARN, in each of the three calls."""
    client = boto3.client(
        "kinesis", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    asked: list[dict[str, Any]] = []

    def answer(request: Any) -> tuple[dict[str, str], bytes]:
        asked.append(json.loads(request.body))
        return {}, b"{}"

    answer_with(client, answer)
    there = KinesisStream(client, named)
    there.put_records(ENTRIES)
    there.list_shards()
    there.max_record_bytes()
    assert [{name: sent[name] for name in sent if name.startswith("Stream")} for sent in asked] == [
        parameter
    ] * 3
