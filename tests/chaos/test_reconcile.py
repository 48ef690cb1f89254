"""The reconciliation reports whatever is wrong, and only that."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from chaos.final_state import FinalState, StreamRecord
from chaos.plan import Version
from chaos.reconcile import reconcile
from chaos.records import ExpectedRejection, PutRecord
from smartcat.cli.demo.reconciliation import RecordIdentity
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.replay_tags import OriginalPosition, to_tags

if TYPE_CHECKING:
    from chaos.reconcile import Reconciliation

OLD, NEW, OTHER = Version("a", 1), Version("a", 2), Version("b", 1)
REJECTED = ExpectedRejection(b"poison", "bad_json")
RECORDS = [
    PutRecord("a", b"old", (OLD,)),
    PutRecord("a", b"new", (NEW,)),
    PutRecord("p", b"poison", (REJECTED,)),
    PutRecord("k", b"aggregate", (OTHER, ExpectedRejection(b"part", "invalid_document")), aggregated=True),
]
STREAM = [
    StreamRecord(0, "s0", 1, b"old"),
    StreamRecord(1, "s1", 1, b"new"),
    StreamRecord(0, "s0", 2, b"poison"),
    StreamRecord(0, "s0", 3, b"aggregate"),
]
RECEIPTS = [
    RecordIdentity(stream_records.shard_id, str(stream_records.sequence_number)) for stream_records in STREAM
]


def item(version: Version, shard: str, sequence_number: str, sub: str | None = None) -> dict[str, Any]:
    """Return the table's item of a version."""
    made: dict[str, Any] = {
        "document_id": {"S": version.document_id},
        "label": {"S": "letter"},
        "metadata": {"M": {"version": {"S": str(version.number)}}},
        "shard_id": {"S": shard},
        "sequence_number": {"S": sequence_number},
    }
    return made | ({"sub_sequence_number": {"N": sub}} if sub else {})


def body(data: bytes, reason: str, sequence_number: str, sub: int | None = None) -> dict[str, Any]:
    """Return the quarantine object of a record."""
    return {
        "shard_id": "s0",
        "sequence_number": sequence_number,
        "sub_sequence_number": sub,
        "reason": reason,
        "data": base64.b64encode(data).decode(),
    }


ITEMS = [item(NEW, "s1", "1"), item(OTHER, "s0", "3", "0")]
OBJECTS = [body(b"poison", "bad_json", "2"), body(b"part", "invalid_document", "3", 1)]
GOOD = FinalState(STREAM, RECEIPTS, ITEMS, OBJECTS)


def reconciled(final_state: FinalState, *, may_discard: bool = False) -> Reconciliation:
    """Return the reconciliation of the records."""
    labels = dict.fromkeys((OLD, NEW, OTHER), "letter")
    return reconcile(RECORDS, final_state, labels=labels, may_discard=may_discard)


def test_a_complete_reconciliation_has_no_problems() -> None:
    """Two versions of one document make one item; a part of an aggregate counts like a record."""
    reconciliation = reconciled(GOOD)
    assert reconciliation.problems == []
    assert (
        reconciliation.account.accepted,
        reconciliation.account.stored,
        reconciliation.account.quarantined,
    ) == (5, 3, 2)


def test_a_record_that_is_on_the_stream_twice_is_explained() -> None:
    """A lost response made the producer put the record again: the item is the later one's."""
    stream_records = [*STREAM, StreamRecord(1, "s1", 2, b"new")]
    assert (
        reconciled(
            replace(GOOD, stream_records=stream_records, items=[item(NEW, "s1", "2"), ITEMS[1]])
        ).problems
        == []
    )
    assert reconciled(replace(GOOD, stream_records=stream_records)).problems != []


def test_a_put_that_failed_may_or_may_not_be_on_the_stream() -> None:
    """A put that failed for the producer may have succeeded; the stream's records decide."""
    assert reconciled(replace(GOOD, receipts=[*RECEIPTS[:3], None])).problems == []
    without = FinalState(STREAM[:3], [*RECEIPTS[:3], None], ITEMS[:1], OBJECTS[:1])
    assert reconciled(without).problems == []


@pytest.mark.parametrize(
    ("final_state", "complaint"),
    [
        (replace(GOOD, items=ITEMS[1:]), "lost: .* with a"),
        (replace(GOOD, quarantined=OBJECTS[1:]), "lost: .* with a record to reject"),
        (replace(GOOD, items=[item(OLD, "s0", "1"), ITEMS[1]]), "the table has version 1"),
        (replace(GOOD, items=[item(NEW, "s0", "1"), ITEMS[1]]), "the table has version 2 of .*s0"),
        (replace(GOOD, items=[ITEMS[0], ITEMS[1] | {"label": {"S": "invoice"}}]), "b: labelled invoice"),
        (
            replace(GOOD, stream_records=[*STREAM, StreamRecord(1, "s1", 2, b"old")]),
            "a: version 2 is on the stream, and not last",
        ),
        (replace(GOOD, items=[*ITEMS, item(Version("c", 1), "s0", "9")]), "unexpected=1"),
        (replace(GOOD, quarantined=[*OBJECTS, OBJECTS[0]]), "unexpected=1"),
        (
            replace(GOOD, quarantined=[*OBJECTS, body(b"old", "bad_json", "1")]),
            "wrongly quarantined",
        ),
        (replace(GOOD, quarantined=[body(b"other", "bad_json", "2"), OBJECTS[1]]), "other bytes"),
        (replace(GOOD, quarantined=[body(b"poison", "bad_gzip", "2"), OBJECTS[1]]), "the reason bad_gzip"),
        (
            replace(GOOD, stream_records=[*STREAM, StreamRecord(0, "s0", 9, b"?")]),
            "9 of s0 was never put",
        ),
        (replace(GOOD, receipts=[RECEIPTS[1], *RECEIPTS[1:]]), "put 0 has the receipt"),
        (replace(GOOD, receipts=RECEIPTS[:3]), "there are 3 receipts"),
        (replace(GOOD, discarded=frozenset(RECEIPTS[:1])), "1 records were discarded"),
        (replace(GOOD, discarded=frozenset([RecordIdentity("s9", "1")])), "discarded, but never put"),
    ],
)
def test_what_is_wrong_is_named(final_state: FinalState, complaint: str) -> None:
    """Lost, stale, unexplained, duplicate and wrong: each has its line."""
    problems = reconciled(final_state).problems
    assert any(re.search(complaint, problem) for problem in problems), problems


def replayed_record(position: RecordIdentity, sub: int | None, data: bytes, number: int) -> StreamRecord:
    """Return the stream record of a replayed user record."""
    first = OriginalPosition(
        position.shard_id, position.sequence_number, sub, datetime(2026, 1, 1, tzinfo=UTC)
    )
    return StreamRecord(1, "s1", number, pack([UserRecord("k", data, tags=to_tags(first))]))


def test_discarded_records_count_where_they_are_after_the_replay() -> None:
    """The stream then holds it twice; its item and its object have its first position."""
    discarded = frozenset(RECEIPTS[1:])
    stream_records = [
        *STREAM,
        replayed_record(RECEIPTS[1], None, b"new", 5),
        replayed_record(RECEIPTS[3], 1, b"part", 6),
    ]
    again = OBJECTS[1] | {"shard_id": "s1", "sequence_number": "6", "sub_sequence_number": 0}
    again["origin"] = {key: OBJECTS[1][key] for key in ("shard_id", "sequence_number", "sub_sequence_number")}
    replayed = replace(GOOD, stream_records=stream_records, discarded=discarded)
    for objects in (OBJECTS, [OBJECTS[0], again], [*OBJECTS, again]):
        assert reconciled(replace(replayed, quarantined=objects), may_discard=True).problems == []
    assert reconciled(replace(replayed, items=ITEMS[:1]), may_discard=True).problems != []
    assert (
        reconciled(replace(replayed, items=[item(OLD, "s0", "1"), ITEMS[1]]), may_discard=True).problems != []
    )
    nowhere = replayed_record(RecordIdentity("s0", "99"), None, b"new", 7)
    assert (
        reconciled(replace(replayed, stream_records=[*stream_records, nowhere]), may_discard=True).problems
        != []
    )


def test_rejected_records_that_no_replay_can_read_may_stay_in_the_failure_destination() -> None:
    """There it is accounted for; a document is not."""
    rejected, aggregate = RECEIPTS[2], RECEIPTS[3]
    left = replace(
        GOOD,
        quarantined=OBJECTS[1:],
        discarded=frozenset([rejected]),
        left_in_destination=frozenset([rejected]),
    )
    assert reconciled(left, may_discard=True).problems == []
    assert reconciled(replace(left, left_in_destination=frozenset()), may_discard=True).problems != []
    both = frozenset([rejected, aggregate])
    lost = replace(left, items=ITEMS[:1], discarded=both, left_in_destination=both)
    assert reconciled(lost, may_discard=True).problems != []
