"""Each form of stored bytes is taken apart alike by everyone who reads it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from smartcat.cli.replay.failure_destination import read_failure_object
from smartcat.cli.replay.quarantine import read_quarantine_object
from smartcat.wire_format.claim_check import make_claim
from smartcat.wire_format.claim_check import to_bytes as claim_to_bytes
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags
from smartcat.wire_format.zstd_aggregate import compress_aggregate
from stream_processor.core.kinesis_event import read_event
from stream_processor.storage_format.quarantine_object import RejectedRecord, object_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartcat.cli.replay.replayable_record import ReplayableRecord
    from stream_processor.storage_format.record_position import RecordPosition

MIB = 1024 * 1024
NUMBER = 90
ARRIVED = datetime(2026, 1, 3, 4, 5, 6, 7000, UTC)

PLAIN: Final = to_bytes(Document(document_id="plain", text="invoice"))
GZIP: Final = to_bytes(Document(document_id="gzip", text="invoice " * 500))
CLAIM: Final = claim_to_bytes(make_claim(b"stored", document_id="claim", bucket="claims-bucket"))
MANY: Final = pack([UserRecord(key, data) for key, data in (("a", PLAIN), ("b", GZIP), ("c", CLAIM))])

Part = tuple[str, str, int | None, str, bytes]
"""Shard, sequence number and sub-sequence number at which it was first on the stream; key; bytes."""


def tagged(data: bytes, sub: int | None) -> bytes:
    """The record with which some bytes were put back; they were first at number 7."""
    return pack([UserRecord("k", data, tags=to_tags(OriginalPosition("shardId-9", "7", sub, ARRIVED)))])


def alone(data: bytes) -> list[Part]:
    """The one part of a record that is no aggregate."""
    return [("shardId-000000000001", str(NUMBER), None, "k", data)]


def parts(number: int = NUMBER) -> list[Part]:
    """The parts of the aggregate, in a record of this number."""
    datas = (("a", PLAIN), ("b", GZIP), ("c", CLAIM))
    return [("shardId-000000000001", str(number), sub, key, data) for sub, (key, data) in enumerate(datas)]


FORMS: Final[dict[str, tuple[bytes, list[Part]]]] = {
    "a document": (PLAIN, alone(PLAIN)),
    "a gzip'd document": (GZIP, alone(GZIP)),
    "a claim": (CLAIM, alone(CLAIM)),
    "an aggregate": (MANY, parts()),
    "a compressed aggregate": (compress_aggregate(MANY), parts()),
    "a record put back": (tagged(GZIP, None), [("shardId-9", "7", None, "k", GZIP)]),
    "a part put back": (tagged(CLAIM, 4), [("shardId-9", "7", 4, "k", CLAIM)]),
    "a part put back, compressed": (
        compress_aggregate(tagged(PLAIN, 4)),
        [("shardId-9", "7", 4, "k", PLAIN)],
    ),
}


def part_of(position: RecordPosition, data: bytes) -> Part:
    """A part at a position."""
    return (
        position.shard_id,
        position.sequence_number,
        position.sub_sequence_number,
        position.partition_key,
        data,
    )


def by_the_function(make: Any, data: bytes) -> list[Part]:
    """Read as the function does, where claims are not configured: each part with its own bytes."""
    entry = make.entry(base64.b64encode(data).decode(), NUMBER)
    (record,) = read_event({"Records": [entry]}, max_document_bytes=MIB, max_batch_text=MIB).records
    found = [(each.position, part_of(each.original_position, each.payload)) for each in record.documents]
    found += [
        (each.position, part_of(each.origin or each.position, each.data or b"")) for each in record.rejected
    ]
    return [part for _, part in sorted(found, key=lambda each: each[0].version)]


def replayed(records: Sequence[ReplayableRecord]) -> list[Part]:
    """The parts of records that can be put back."""
    assert {each.problem for each in records} == {None}
    return [part_of(each.original, each.data) for each in records]


def from_the_quarantine(make: Any, data: bytes) -> list[Part]:
    """Read as replay reads a whole record that was rejected."""
    rejected = RejectedRecord(make.source(NUMBER), "too_many_parts", "why", data=data)
    return replayed(read_quarantine_object(object_body(rejected)))


def from_the_failure_destination(make: Any, data: bytes) -> list[Part]:
    """Read as replay reads a batch that was discarded."""
    return replayed(
        read_failure_object(make.given_up([make.entry(base64.b64encode(data).decode(), NUMBER)]).body)
    )


def after_a_replay(make: Any, data: bytes) -> list[Part]:
    """Read as the function does what replay makes of the quarantine."""
    rejected = RejectedRecord(make.source(NUMBER), "too_many_parts", "why", data=data)
    found = []
    for record in read_quarantine_object(object_body(rejected)):
        entry = make.entry(base64.b64encode(record.to_record()).decode(), NUMBER + 100)
        (read,) = read_event({"Records": [entry]}, max_document_bytes=MIB, max_batch_text=MIB).records
        found += [part_of(each.original_position, each.payload) for each in read.documents]
        found += [part_of(each.origin or each.position, each.data or b"") for each in read.rejected]
    return found


@pytest.mark.parametrize(
    "read", [by_the_function, from_the_quarantine, from_the_failure_destination, after_a_replay]
)
@pytest.mark.parametrize("form", FORMS)
def test_each_reader_takes_each_form_apart_alike(
    make: Any, form: str, read: Callable[[Any, bytes], list[Part]]
) -> None:
    """The same parts with the same bytes, at the positions at which they were first on the stream."""
    data, expected = FORMS[form]
    assert read(make, data) == expected


@pytest.mark.parametrize("aggregate", [MANY, compress_aggregate(MANY)], ids=["plain", "compressed"])
def test_a_whole_aggregate_that_was_put_back_as_one_record_is_taken_apart_after_all(
    make: Any, aggregate: bytes
) -> None:
    """Earlier versions did so, and the function rejected it; its parts have their first positions."""
    first, carrier = make.source(7), make.source(NUMBER, sub=0)
    body = object_body(RejectedRecord(carrier, "bad_utf8", "why", data=aggregate, origin=first))
    records = read_quarantine_object(body)
    assert replayed(records) == parts(number=7)
    assert {each.latest for each in records} == {carrier}


def test_the_stream_of_a_consumer_s_arn_is_the_stream(make: Any) -> None:
    """With enhanced fan-out an event may name the consumer; replay still knows whose record it was."""
    entry = make.entry(base64.b64encode(PLAIN).decode(), NUMBER)
    entry["eventSourceARN"] += "/consumer/smartcat:1700000000"
    (record,) = read_event({"Records": [entry]}, max_document_bytes=MIB, max_batch_text=MIB).records
    assert record.position.stream == "documents"
    body = {"requestContext": {"condition": "RecordAgeExceeded"}, "payload": json.dumps({"Records": [entry]})}
    (held,) = read_failure_object(json.dumps(body).encode())
    assert held.original.stream == "documents"
