from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.replay.failure_destination import read_failure_object
from smartcat.cli.replay.replayable_record import ReplayableRecord
from smartcat.local_aws.event_source_mapping.batches import RETRIES_EXHAUSTED, DiscardedRecords
from smartcat.local_aws.event_source_mapping.failure_destination import Origin, failure_message
from smartcat.local_aws.event_source_mapping.records import RecordFormat, event_of
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags
from stream_processor.storage_format.errors import UnreadableObjectError


def encoded(data: bytes) -> str:
    """The base64 of these bytes."""
    return base64.b64encode(data).decode()


def test_every_user_record_of_a_batch_is_held_with_its_own_place(make: Any) -> None:
    """A batch is given up whole: documents, the parts of aggregates, and what came again already."""
    tags = to_tags(OriginalPosition("shardId-000000000001", "3", None, make.moment))
    aggregate = pack([UserRecord("a", b"2"), UserRecord("b", b"3", tags=tags)])
    stored = make.given_up([make.entry(encoded(b"1"), 7, key="x"), make.entry(encoded(aggregate), 8)])
    helds = read_failure_object(stored.body)
    assert [(held.partition_key, held.original.version, held.data) for held in helds] == [
        ("x", (7, -1), b"1"),
        ("a", (8, 0), b"2"),
        ("b", (3, -1), b"3"),
    ]
    assert {held.reason for held in helds} == {"RetryAttemptsExhausted"}
    assert [held.latest.version for held in helds] == [(7, -1), (8, 0), (8, 1)]
    assert not any(held.problem for held in helds)


def test_what_local_aws_writes_is_read(make: Any) -> None:
    """The failure destination of local AWS, which writes what AWS documents, is understood."""
    arn = "arn:aws:kinesis:eu-central-1:000000000000:stream/documents"
    record = RecordFormat(arn, "shardId-000000000001").record("7", "k", b"x", make.moment)
    discarded = DiscardedRecords((record,), RETRIES_EXHAUSTED, 3)
    origin = Origin("m", "arn:f", arn, "shardId-000000000001")
    message = failure_message(origin, discarded, None, 0.0)
    body = json.dumps({**message, "payload": event_of(discarded.records).decode()}).encode()
    assert list(read_failure_object(body)) == [
        ReplayableRecord(RETRIES_EXHAUSTED, make.source(7), make.source(7), b"x")
    ]


def test_an_event_given_as_an_object_is_read_too(make: Any) -> None:
    """AWS writes the event's text; LocalStack writes the event itself, and that makes no difference."""
    content = json.loads(make.given_up([make.entry(encoded(b"1"))]).body)
    content["payload"] = json.loads(content["payload"])
    (held,) = read_failure_object(json.dumps(content).encode())
    assert held.data == b"1"


def test_what_cannot_be_taken_apart_is_held_with_its_problem(make: Any) -> None:
    """One broken record keeps none of its neighbours from going back."""
    broken = pack([UserRecord("a", b"2")])[:-1] + b"\0"
    entries = [make.entry("no base64!"), make.entry(encoded(broken)), make.entry(encoded(b"1"))]
    assert [held.problem for held in read_failure_object(make.given_up(entries).body)] == [
        "it still cannot be read (bad_base64)",
        "it still cannot be read (bad_aggregate)",
        None,
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"requestContext": {"condition": "RecordAgeExceeded"}}, "payload: required"),
        ({"requestContext": {}, "payload": {"Records": []}}, "requestContext: required"),
        ({"payload": {"Records": []}}, "requestContext: required"),
        ({"requestContext": {"condition": "c"}, "payload": "secret"}, "JSON object"),
        ({"requestContext": {"condition": "c"}, "payload": {}}, "no list 'Records'"),
        (
            {"requestContext": {"condition": "c"}, "payload": {"Records": [{"dynamodb": "secret"}]}},
            "record 0",
        ),
        ({"requestContext": {"condition": "c"}, "payload": "\ud800"}, "payload: "),
    ],
)
def test_other_objects_are_refused_without_their_content(content: dict[str, Any], problem: str) -> None:
    """Metadata alone, events of other services, and damaged objects are errors that name the place."""
    with pytest.raises(UnreadableObjectError, match=problem) as caught:
        read_failure_object(json.dumps(content).encode())
    assert "secret" not in str(caught.value)


@given(st.binary(max_size=100) | st.text(max_size=60).map(str.encode))
def test_any_other_bytes_are_refused(body: bytes) -> None:
    """Whatever else lies in the bucket is an error of ours, and no crash."""
    with pytest.raises(UnreadableObjectError):
        read_failure_object(body)
