from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stream_processor.kinesis_event import Rejection, Source
from stream_processor.quarantine_object import object_body, object_key

SOURCE = Source(
    "documents", "shardId-000000000002", "4955", None, "k\u00e4", datetime(2026, 1, 3, 4, 5, 6, 0, UTC)
)


def test_key_of_a_whole_record_and_of_a_part() -> None:
    """The key is made of prefix, day of arrival, shard, sequence number and part."""
    whole = Rejection(SOURCE, "bad_json", "why", data=b"x")
    assert object_key("q/", whole) == "q/2026/01/03/shardId-000000000002/4955-whole.json"
    part = replace(whole, source=replace(SOURCE, sub_sequence_number=0))
    assert object_key("q/", part) == "q/2026/01/03/shardId-000000000002/4955-0.json"


def test_body_holds_origin_and_exact_bytes() -> None:
    """The body is JSON with the documented fields; the bytes come back exactly."""
    body = json.loads(object_body(Rejection(SOURCE, "bad_json", "why", data=b"\x00\xff")))
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
    first = replace(SOURCE, shard_id="shardId-000000000001", sequence_number="17", sub_sequence_number=4)
    again = Rejection(SOURCE, "bad_json", "why", data=b"x", origin=first)
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
    rejection = Rejection(SOURCE, "bad_base64", "why", data_text=text)
    body = json.loads(object_body(rejection))
    assert body["data_text"] == text
    assert "data" not in body
    assert object_body(rejection) == object_body(rejection)
