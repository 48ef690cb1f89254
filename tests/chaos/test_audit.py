"""The account notices whatever is wrong, and only that."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from chaos.audit import audit
from chaos.cargo import Bad, Cargo
from chaos.evidence import Evidence, Held
from chaos.plan import Version
from smartcat.cli.demo.reconciliation import RecordIdentity
from smartcat.wire_format.aggregation import UserRecord, pack
from smartcat.wire_format.replay_tags import FirstPlace, to_tags

if TYPE_CHECKING:
    from chaos.audit import Verdict

OLD, NEW, OTHER = Version("a", 1), Version("a", 2), Version("b", 1)
BAD = Bad(b"poison", "bad_json")
CARGO = [
    Cargo("a", b"old", (OLD,)),
    Cargo("a", b"new", (NEW,)),
    Cargo("p", b"poison", (BAD,)),
    Cargo("k", b"aggregate", (OTHER, Bad(b"part", "invalid_document")), aggregated=True),
]
HELD = [
    Held(0, "s0", 1, b"old"),
    Held(1, "s1", 1, b"new"),
    Held(0, "s0", 2, b"poison"),
    Held(0, "s0", 3, b"aggregate"),
]
RECEIPTS = [RecordIdentity(held.shard_id, str(held.sequence_number)) for held in HELD]


def item(version: Version, shard: str, sequence_number: str, sub: str | None = None) -> dict[str, Any]:
    """Make what the table holds of a version."""
    made: dict[str, Any] = {
        "document_id": {"S": version.document_id},
        "label": {"S": "letter"},
        "metadata": {"M": {"version": {"S": str(version.number)}}},
        "shard_id": {"S": shard},
        "sequence_number": {"S": sequence_number},
    }
    return made | ({"sub_sequence_number": {"N": sub}} if sub else {})


def body(data: bytes, reason: str, sequence_number: str, sub: int | None = None) -> dict[str, Any]:
    """Make what the quarantine holds of a record."""
    return {
        "shard_id": "s0",
        "sequence_number": sequence_number,
        "sub_sequence_number": sub,
        "reason": reason,
        "data": base64.b64encode(data).decode(),
    }


ITEMS = [item(NEW, "s1", "1"), item(OTHER, "s0", "3", "0")]
OBJECTS = [body(b"poison", "bad_json", "2"), body(b"part", "invalid_document", "3", 1)]
GOOD = Evidence(HELD, RECEIPTS, ITEMS, OBJECTS)


def judged(evidence: Evidence, *, may_give_up: bool = False) -> Verdict:
    """Close the account of the cargo."""
    labels = dict.fromkeys((OLD, NEW, OTHER), "letter")
    return audit(CARGO, evidence, labels=labels, may_give_up=may_give_up)


def test_a_closed_account_has_no_problems() -> None:
    """Two versions of one document make one item; a part of an aggregate counts like a record."""
    verdict = judged(GOOD)
    assert verdict.problems == []
    assert (verdict.account.accepted, verdict.account.stored, verdict.account.quarantined) == (5, 3, 2)


def test_a_record_that_is_on_the_stream_twice_is_explained() -> None:
    """The producer's answer was lost and it put the record again: the item is the later one's."""
    held = [*HELD, Held(1, "s1", 2, b"new")]
    assert judged(replace(GOOD, held=held, items=[item(NEW, "s1", "2"), ITEMS[1]])).problems == []
    assert judged(replace(GOOD, held=held)).problems != []


def test_a_put_that_failed_may_or_may_not_be_on_the_stream() -> None:
    """The producer was told that it failed, which may be untrue; what the stream holds decides."""
    assert judged(replace(GOOD, receipts=[*RECEIPTS[:3], None])).problems == []
    without = Evidence(HELD[:3], [*RECEIPTS[:3], None], ITEMS[:1], OBJECTS[:1])
    assert judged(without).problems == []


@pytest.mark.parametrize(
    ("evidence", "complaint"),
    [
        (replace(GOOD, items=ITEMS[1:]), "lost: .* with a"),
        (replace(GOOD, quarantined=OBJECTS[1:]), "lost: .* with a bad record"),
        (replace(GOOD, items=[item(OLD, "s0", "1"), ITEMS[1]]), "the table has version 1"),
        (replace(GOOD, items=[item(NEW, "s0", "1"), ITEMS[1]]), "the table has version 2 of .*s0"),
        (replace(GOOD, items=[ITEMS[0], ITEMS[1] | {"label": {"S": "invoice"}}]), "b: labelled invoice"),
        (
            replace(GOOD, held=[*HELD, Held(1, "s1", 2, b"old")]),
            "a: version 2 is on the stream, and not last",
        ),
        (replace(GOOD, items=[*ITEMS, item(Version("c", 1), "s0", "9")]), "unexpected=1"),
        (replace(GOOD, quarantined=[*OBJECTS, OBJECTS[0]]), "unexpected=1"),
        (replace(GOOD, quarantined=[*OBJECTS, body(b"old", "bad_json", "1")]), "though it is no poison"),
        (replace(GOOD, quarantined=[body(b"other", "bad_json", "2"), OBJECTS[1]]), "other bytes"),
        (replace(GOOD, quarantined=[body(b"poison", "bad_gzip", "2"), OBJECTS[1]]), "the reason bad_gzip"),
        (replace(GOOD, held=[*HELD, Held(0, "s0", 9, b"?")]), "nobody put record 9"),
        (replace(GOOD, receipts=[RECEIPTS[1], *RECEIPTS[1:]]), "put 0 has the receipt"),
        (replace(GOOD, receipts=RECEIPTS[:3]), "3 were answered for"),
        (replace(GOOD, given_up=frozenset(RECEIPTS[:1])), "1 records were given up"),
        (replace(GOOD, given_up=frozenset([RecordIdentity("s9", "1")])), "given up, but never put"),
    ],
)
def test_what_is_wrong_is_named(evidence: Evidence, complaint: str) -> None:
    """Lost, stale, unexplained, doubled and falsified: each has its line."""
    problems = judged(evidence).problems
    assert any(re.search(complaint, problem) for problem in problems), problems


def put_back(place: RecordIdentity, sub: int | None, data: bytes, number: int) -> Held:
    """Make the record by which a replay puts a user record back."""
    first = FirstPlace(place.shard_id, place.sequence_number, sub, datetime(2026, 1, 1, tzinfo=UTC))
    return Held(1, "s1", number, pack([UserRecord("k", data, tags=to_tags(first))]))


def test_what_was_given_up_counts_where_it_is_after_the_replay() -> None:
    """The stream then holds it twice; its item and its object are those of the place that it first had."""
    given_up = frozenset(RECEIPTS[1:])
    held = [*HELD, put_back(RECEIPTS[1], None, b"new", 5), put_back(RECEIPTS[3], 1, b"part", 6)]
    again = OBJECTS[1] | {"shard_id": "s1", "sequence_number": "6", "sub_sequence_number": 0}
    again["origin"] = {key: OBJECTS[1][key] for key in ("shard_id", "sequence_number", "sub_sequence_number")}
    replayed = replace(GOOD, held=held, given_up=given_up)
    for objects in (OBJECTS, [OBJECTS[0], again], [*OBJECTS, again]):
        assert judged(replace(replayed, quarantined=objects), may_give_up=True).problems == []
    assert judged(replace(replayed, items=ITEMS[:1]), may_give_up=True).problems != []
    assert judged(replace(replayed, items=[item(OLD, "s0", "1"), ITEMS[1]]), may_give_up=True).problems != []
    nowhere = put_back(RecordIdentity("s0", "99"), None, b"new", 7)
    assert judged(replace(replayed, held=[*held, nowhere]), may_give_up=True).problems != []


def test_poison_that_no_replay_can_read_may_stay_in_the_failure_destination() -> None:
    """There it is accounted for; a document is not."""
    poison, aggregate = RECEIPTS[2], RECEIPTS[3]
    left = replace(
        GOOD, quarantined=OBJECTS[1:], given_up=frozenset([poison]), left_aside=frozenset([poison])
    )
    assert judged(left, may_give_up=True).problems == []
    assert judged(replace(left, left_aside=frozenset()), may_give_up=True).problems != []
    both = frozenset([poison, aggregate])
    lost = replace(left, items=ITEMS[:1], given_up=both, left_aside=both)
    assert judged(lost, may_give_up=True).problems != []
