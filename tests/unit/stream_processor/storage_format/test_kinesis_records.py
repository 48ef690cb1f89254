from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags
from stream_processor.core.classification import ClassificationRules, classify_documents
from stream_processor.core.kinesis_event import read_event
from stream_processor.storage_format.kinesis_records import (
    EncodedDocument,
    event_records,
    split_data,
    split_record,
)
from stream_processor.storage_format.quarantine_object import RejectedRecord
from stream_processor.storage_format.record_position import RecordPosition
from stream_processor.storage_format.result_item import ResultItem

MOMENT = datetime(2026, 1, 3, 4, 5, 6, 0, UTC)
CARRIER = RecordPosition("documents", "shardId-000000000002", "500", None, "outer", MOMENT)
FIRST = OriginalPosition("shardId-000000000001", "17", 4, datetime(2026, 1, 1, tzinfo=UTC))


def tagged(*tags: tuple[str, str]) -> bytes:
    """An aggregate of an ordinary record and a tagged one."""
    return pack([UserRecord("a", b"1"), UserRecord("b", b"2", tags=tags)])


def test_a_part_without_tags_is_where_it_is() -> None:
    """A record that nobody put back has no origin."""
    assert split_data(b"1", CARRIER) == [EncodedDocument(CARRIER, b"1")]
    (first, second) = split_data(pack([UserRecord("a", b"1"), UserRecord("b", b"2")]), CARRIER)
    assert (first.origin, second.origin) == (None, None)


def test_tags_give_the_first_place_and_leave_the_carrier(make: Any) -> None:
    """The origin has shard, numbers and arrival of the tags, and stream and key of the record itself."""
    (_, part) = split_data(tagged(*to_tags(FIRST)), CARRIER)
    assert isinstance(part, EncodedDocument)
    assert (part.data, part.position.sequence_number, part.position.sub_sequence_number) == (b"2", "500", 1)
    assert part.origin == RecordPosition("documents", "shardId-000000000001", "17", 4, "b", FIRST.arrived_at)


def test_foreign_tags_change_nothing() -> None:
    """Tags of other people are neither an origin nor a reason to reject."""
    (_, part) = split_data(tagged(("smartcat", "x"), ("", "")), CARRIER)
    assert isinstance(part, EncodedDocument)
    assert part.origin is None


@pytest.mark.parametrize(
    "tags",
    [
        (("smartcat-shard-id", "s"),),
        to_tags(OriginalPosition("s", "500", None, MOMENT)),
        to_tags(OriginalPosition("s", "501", None, MOMENT)),
        to_tags(OriginalPosition("s", "9" * 129, None, MOMENT)),
    ],
)
def test_a_place_that_cannot_be_is_rejected_alone(tags: tuple[tuple[str, str], ...]) -> None:
    """Half a place, or one that is not before the record's own, rejects this part whole and no other.

    A later place would win against versions that the record itself could not have replaced.
    """
    (good, bad) = split_data(tagged(*tags), CARRIER)
    assert good == EncodedDocument(split_data(pack([UserRecord("a", b"1")]), CARRIER)[0].position, b"1")
    assert isinstance(bad, RejectedRecord)
    assert (bad.reason, bad.data, bad.position.sub_sequence_number) == ("bad_replay_tags", b"2", 1)
    assert bad.origin is None


def test_an_arrival_after_the_carriers_counts_as_the_carriers() -> None:
    """Arrival is approximate: the later moment is no reason to reject, but no result lives longer for it."""
    late = OriginalPosition("s", "17", None, datetime(9000, 1, 1, tzinfo=UTC))
    (_, part) = split_data(tagged(*to_tags(late)), CARRIER)
    assert isinstance(part, EncodedDocument)
    assert part.origin is not None
    assert part.origin.arrived_at == MOMENT


@given(st.integers(0, 10**60), st.integers(0, 10**60))
def test_an_origin_is_always_before_its_carrier(claimed: int, number: int) -> None:
    """Whatever place is claimed, only one before the record's own becomes an origin."""
    carrier = RecordPosition("documents", "s", str(number), None, "k", MOMENT)
    data = pack([UserRecord("k", b"x", tags=to_tags(OriginalPosition("s", str(claimed), None, MOMENT)))])
    (part,) = split_data(data, carrier)
    assert isinstance(part, EncodedDocument) == (claimed < number)
    assert isinstance(part, RejectedRecord) or (part.origin and part.origin.version < part.position.version)


@given(
    st.lists(st.tuples(st.sampled_from([name for name, _ in to_tags(FIRST)]), st.text()), max_size=5),
    st.text(max_size=30),
)
def test_whatever_tags_say_reading_does_not_fail(tags: list[tuple[str, str]], number: str) -> None:
    """No tags, and no sequence number, make more of an aggregate than one part or rejected record each."""
    carrier = RecordPosition("documents", "s", number, None, "k", MOMENT)
    clean = tuple((name, value.encode(errors="ignore").decode()) for name, value in tags)
    (part,) = split_data(pack([UserRecord("k", b"x", tags=clean)]), carrier)
    assert part.data == b"x"


def test_the_item_of_a_replayed_document_is_that_of_its_first_delivery(make: Any) -> None:
    """Byte for byte the item that the first delivery would have given, and conditional."""
    payload = make.payload("a")
    results = []
    for entry in (
        make.entry(payload, 17, key="k"),
        make.entry(make.replayed(payload, 17), 500, shard="shardId-000000000009"),
    ):
        batch = read_event({"Records": [entry]}, max_document_bytes=1000, max_batch_text=1000)
        (item,) = classify_documents(
            batch.records[0].documents, make.classifier(), ClassificationRules(ttl_days=1)
        ).results
        assert isinstance(item, ResultItem)
        results.append(item)
    first, again = results
    # The tests number records with leading zeros, which Kinesis does not.
    first.attributes["sequence_number"] = {"S": "17"}
    assert first.attributes == again.attributes
    assert (first.conditional, again.conditional) == (False, True)


def test_a_replayed_record_that_is_rejected_again_keeps_its_first_place(make: Any) -> None:
    """On reading as on classifying, so that a third time is the same version still."""
    entries = [make.entry(make.replayed(data, 17), 500) for data in (b"junk", make.payload("a", "explode"))]
    batch = read_event({"Records": entries}, max_document_bytes=1000, max_batch_text=1000)
    junk, broken = batch.records
    (failed,) = classify_documents(broken.documents, make.classifier(), ClassificationRules()).results
    for rejected in (*junk.rejected, failed):
        assert isinstance(rejected, RejectedRecord)
        assert rejected.position.sequence_number == make.number(500)
        assert rejected.origin is not None
        assert rejected.origin.sequence_number == "17"


def test_records_of_an_event_are_taken_apart_in_order(make: Any) -> None:
    """What was not base64 is a rejected record with its text; everything else keeps its bytes."""
    entries = [make.entry(b"1", 1), make.entry("no base64!", 2)]
    ((one, text), (two, broken)) = event_records({"Records": entries})
    assert split_record(text, one) == [EncodedDocument(one, b"1")]
    (rejected,) = split_record(broken, two)
    assert isinstance(rejected, RejectedRecord)
    assert (rejected.reason, rejected.data_text) == ("bad_base64", "no base64!")
