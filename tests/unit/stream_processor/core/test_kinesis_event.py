from __future__ import annotations

import base64
import copy
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.zstd_aggregate import compress_aggregate
from stream_processor.core import record_bounds
from stream_processor.core.kinesis_event import read_event
from stream_processor.errors import RefuseInvocation

MIB = 1024 * 1024


def read(*entries: Any, max_document_bytes: int = MIB, max_batch_text: int = MIB) -> Any:
    """Read an event of these records."""
    return read_event(
        {"Records": list(entries)}, max_document_bytes=max_document_bytes, max_batch_text=max_batch_text
    )


def test_reads_identity_and_document(make: Any) -> None:
    """A record gives its stream, shard, sequence number, key, arrival, exact bytes and document."""
    data = make.payload("d1", "first page", "second page")
    (record,) = read(make.entry(data, 5, key="d1")).records
    assert record.position.stream == "documents"
    assert record.position.shard_id == "shardId-000000000000"
    assert record.position.sequence_number == make.number(5)
    assert record.position.sub_sequence_number is None
    assert record.position.partition_key == "d1"
    assert record.position.arrived_at == datetime(2023, 11, 14, 22, 13, 20, 250_000, UTC)
    (document,) = record.documents
    assert document.payload == data
    assert document.document.pages == ("first page", "second page")
    assert not record.rejected


def test_parts_of_an_aggregate_are_numbered_from_zero(make: Any) -> None:
    """Parts share the sequence number and carry their own place and partition key."""
    (record,) = read(make.entry(make.aggregate([make.payload("a"), make.payload("b")]), 5)).records
    places = [(part.position.sub_sequence_number, part.position.partition_key) for part in record.documents]
    assert places == [(0, "p0"), (1, "p1")]
    assert {part.position.sequence_number for part in record.documents} == {make.number(5)}


def test_a_compressed_aggregate_reads_as_the_aggregate_in_it(make: Any) -> None:
    """The same parts with the same places and keys, whether it was compressed as a whole or not."""
    aggregate = make.aggregate([make.payload("a"), make.payload("b")])
    (plain,) = read(make.entry(aggregate, 5)).records
    (compressed,) = read(make.entry(compress_aggregate(aggregate), 5)).records
    assert compressed == plain


def test_a_compressed_aggregate_of_another_version_is_rejected(make: Any) -> None:
    """It is kept whole, with a reason that names the version."""
    data = compress_aggregate(make.aggregate([make.payload("a")]))
    newer = data[:10] + b"\x09" + data[11:]
    (rejected,) = read(make.entry(newer, 5)).records[0].rejected
    assert (rejected.reason, rejected.data) == ("unsupported_version", newer)
    assert "version 9" in rejected.detail


def test_a_compressed_bomb_is_rejected(make: Any) -> None:
    """What would unfold to more than 16 MiB is one rejected record of the bytes as they came."""
    bomb = compress_aggregate(b"\0" * (17 * MIB))
    (rejected,) = read(make.entry(bomb, 5)).records[0].rejected
    assert (rejected.reason, rejected.data) == ("too_large", bomb)


def test_aggregate_inside_an_aggregate_is_rejected(make: Any) -> None:
    """De-aggregation goes one level deep; what is deeper is rejected with its exact bytes."""
    inner = make.aggregate([make.payload("a")])
    (record,) = read(make.entry(make.aggregate([inner]), 5)).records
    (rejected,) = record.rejected
    assert rejected.data == inner


def test_record_without_partition_key_is_read(make: Any) -> None:
    """A stream that distributes records without keys delivers none."""
    entry = make.entry(make.payload("a"), 5)
    del entry["kinesis"]["partitionKey"]
    (record,) = read(entry).records
    assert record.position.partition_key == ""
    assert len(record.documents) == 1


@pytest.mark.parametrize(
    "path",
    [
        ("eventID",),
        ("eventSourceARN",),
        ("kinesis",),
        ("kinesis", "data"),
        ("kinesis", "sequenceNumber"),
        ("kinesis", "approximateArrivalTimestamp"),
    ],
)
def test_missing_field_refuses_the_whole_event(make: Any, path: tuple[str, ...]) -> None:
    """A record without one of Lambda's fields is not Kinesis's; the error names its place."""
    broken = copy.deepcopy(make.entry(make.payload("a"), 2))
    target = broken
    for name in path[:-1]:
        target = target[name]
    del target[path[-1]]
    with pytest.raises(RefuseInvocation, match="record 1 of the event"):
        read(make.entry(make.payload("a"), 1), broken)


def test_data_that_is_no_string_refuses_the_event(make: Any) -> None:
    """Lambda delivers data as text; anything else is not a Kinesis event."""
    entry = make.entry(make.payload("a"), 2)
    entry["kinesis"]["data"] = 5
    with pytest.raises(RefuseInvocation, match="data is not a string"):
        read(entry)


def test_stops_reading_when_there_is_text_enough(make: Any) -> None:
    """Records beyond the allowance are left over, from the first unread one on; one is always read."""
    entries = [make.entry(make.payload(f"d{n}", "x" * 50), n) for n in range(4)]
    batch = read(*entries, max_batch_text=100)
    assert len(batch.records) == 2
    assert (batch.left_over, batch.left_over_count) == (make.number(2), 2)
    assert len(read(*entries, max_batch_text=1).records) == 1


def test_one_record_may_not_unfold_without_bound(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of an aggregate beyond twice a document's allowance are rejected as too large."""
    monkeypatch.setattr(record_bounds, "LEAST_ALLOWANCE", 0)
    bomb = gzip.compress(json.dumps({"document_id": "x", "text": "y" * 900}).encode())
    (record,) = read(make.entry(make.aggregate([bomb] * 8), 1), max_document_bytes=1000).records
    assert len(record.documents) == 2
    assert {rejected.reason for rejected in record.rejected} == {"too_large"}
    assert len(record.rejected) == 6


def test_unforeseen_decoding_error_is_a_rejected_record(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in decoding rejects its record by the error's type, without its message."""

    def defect(json: bytes) -> Any:
        raise KeyError("the secret page")

    monkeypatch.setattr(record_bounds, "from_json", defect)
    (record,) = read(make.entry(make.payload("a"), 1)).records
    (rejected,) = record.rejected
    assert (rejected.reason, rejected.detail) == ("unreadable", "decoding failed with KeyError")


def test_memory_error_in_decoding_passes_through(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running out of memory is not the record's fault."""

    def exhausted(json: bytes) -> Any:
        raise MemoryError

    monkeypatch.setattr(record_bounds, "from_json", exhausted)
    with pytest.raises(MemoryError):
        read(make.entry(make.payload("a"), 1))


def test_repr_shows_no_text(make: Any) -> None:
    """What ends in a traceback by its repr shows neither pages nor payloads."""
    batch = read(make.entry(make.payload("a", "secret page"), 1), make.entry(b"secret junk", 2))
    assert "secret" not in repr(batch)
    assert "secret" not in repr([part for record in batch.records for part in record.documents])


@given(st.binary(max_size=200))
def test_any_bytes_become_exactly_one_document_or_rejected_record(make: Any, data: bytes) -> None:
    """Whatever a record holds, reading it gives each part once; a rejected one keeps its exact bytes."""
    (record,) = read(make.entry(data, 1)).records
    assert len(record.documents) + len(record.rejected) >= 1
    for rejected in record.rejected:
        if rejected.position.sub_sequence_number is None:
            assert rejected.data == data


@given(st.text(max_size=60))
def test_any_text_in_place_of_base64_is_read_or_rejected_whole(make: Any, text: str) -> None:
    """A string that is not strict base64 is rejected with the string itself."""
    entry = make.entry(b"", 1)
    entry["kinesis"]["data"] = text
    (record,) = read(entry).records
    (rejected,) = record.rejected
    if rejected.reason == "bad_base64":
        assert rejected.data_text == text
    else:
        assert rejected.data == base64.b64decode(text)
