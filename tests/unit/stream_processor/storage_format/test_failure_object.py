from __future__ import annotations

import json
from typing import Any

import pytest

from stream_processor.storage_format.errors import UnreadableObjectError
from stream_processor.storage_format.failure_object import read_object
from stream_processor.storage_format.kinesis_records import EncodedDocument
from stream_processor.storage_format.quarantine_object import RejectedRecord


def body_of(*entries: Any) -> bytes:
    """A failure object with these records."""
    message = {
        "requestContext": {"condition": "RetryAttemptsExhausted"},
        "payload": json.dumps({"Records": entries}),
    }
    return json.dumps(message).encode()


def test_a_discarded_batch_is_split_into_its_user_records(make: Any) -> None:
    """An aggregate gives its parts, and what cannot be read is a rejected record in its place."""
    aggregate = make.aggregate([make.payload("a"), make.payload("b")])
    batch = read_object(body_of(make.entry(aggregate, 7), make.entry("no base64!", 8)))
    assert batch.condition == "RetryAttemptsExhausted"
    assert [type(record) for record in batch.records] == [EncodedDocument, EncodedDocument, RejectedRecord]
    assert [record.position.sub_sequence_number for record in batch.records] == [0, 1, None]


def test_an_event_of_another_service_is_unreadable() -> None:
    """The error names the record and shows nothing of it."""
    with pytest.raises(UnreadableObjectError, match="record 0 of the event") as caught:
        read_object(body_of({"dynamodb": "secret"}))
    assert "secret" not in str(caught.value)
