from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stream_processor.storage_format.quarantine_object import (
    RejectedRecord,
    object_body,
    object_key,
    read_object,
)
from stream_processor.storage_format.record_position import RecordPosition

POSITION = RecordPosition(
    "documents", "shardId-000000000002", "4955", None, "k\u00e4", datetime(2026, 1, 3, 4, 5, 6, 0, UTC)
)


def test_key_of_a_whole_record_and_of_a_part() -> None:
    """The key is made of prefix, day of arrival, shard, sequence number and part."""
    whole = RejectedRecord(POSITION, "bad_json", "why", data=b"x")
    assert object_key("q/", whole) == "q/2026/01/03/shardId-000000000002/4955-whole.json"
    part = replace(whole, position=replace(POSITION, sub_sequence_number=0))
    assert object_key("q/", part) == "q/2026/01/03/shardId-000000000002/4955-0.json"


def test_body_holds_origin_and_exact_bytes() -> None:
    """The body is JSON with the documented fields; the bytes come back exactly."""
    body = json.loads(object_body(RejectedRecord(POSITION, "bad_json", "why", data=b"\x00\xff")))
    assert base64.b64decode(body.pop("data")) == b"\x00\xff"
    assert body == {
        "reason": "bad_json",
        "detail": "why",
        "stream": "documents",
        "shard_id": "shardId-000000000002",
        "sequence_number": "4955",
        "sub_sequence_number": None,
        "partition_key": "k\u00e4",
        "arrived_at": "2026-01-03T04:05:06Z",
    }


def test_a_record_that_came_again_remembers_where_it_first_was() -> None:
    """The key is that of the record that brought it, and the body names both places."""
    first = replace(POSITION, shard_id="shardId-000000000001", sequence_number="17", sub_sequence_number=4)
    again = RejectedRecord(POSITION, "bad_json", "why", data=b"x", origin=first)
    assert object_key("q/", again) == "q/2026/01/03/shardId-000000000002/4955-whole.json"
    body = json.loads(object_body(again))
    assert (body["shard_id"], body["sequence_number"]) == ("shardId-000000000002", "4955")
    assert body["origin"] == {
        "shard_id": "shardId-000000000001",
        "sequence_number": "17",
        "sub_sequence_number": 4,
        "arrived_at": "2026-01-03T04:05:06Z",
    }


@given(st.text())
def test_bad_base64_is_kept_as_text(text: str) -> None:
    """What was not base64 is kept as the string it was, and the body is deterministic."""
    rejected = RejectedRecord(POSITION, "bad_base64", "why", data_text=text)
    body = json.loads(object_body(rejected))
    assert body["data_text"] == text
    assert "data" not in body
    assert object_body(rejected) == object_body(rejected)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
POSITIONS = st.builds(
    RecordPosition,
    st.just("documents"),
    TEXT,
    st.integers(0, 10**60).map(str),
    st.none() | st.integers(0, 10**6),
    TEXT,
    st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
)


@given(
    POSITIONS,
    st.sampled_from(["bad_json", "too_large"]),
    TEXT,
    st.binary(max_size=100),
    st.none() | POSITIONS,
)
def test_every_rejected_record_comes_back(
    position: RecordPosition, reason: str, detail: str, data: bytes, origin: RecordPosition | None
) -> None:
    """What the processor stores is read as it was: both positions, and the exact bytes."""
    if origin is not None:
        # A record comes back under the key it had.
        origin = RecordPosition(
            origin.stream,
            origin.shard_id,
            origin.sequence_number,
            origin.sub_sequence_number,
            position.partition_key,
            origin.arrived_at,
        )
    rejected = RejectedRecord(position, reason, detail, data=data, origin=origin)
    assert read_object(object_body(rejected)) == rejected
