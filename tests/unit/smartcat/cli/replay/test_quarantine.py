from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.replay.quarantine import NO_BYTES, POSITION_UNKNOWN, read_quarantine_object
from smartcat.cli.replay.replayable_record import ReplayableRecord
from smartcat.wire_format.claim_check import is_claim, make_claim, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack, unpack
from stream_processor.storage_format.errors import UnreadableObjectError
from stream_processor.storage_format.quarantine_object import read_object


@given(st.text())
def test_what_was_not_base64_has_nothing_to_put_back(make: Any, text: str) -> None:
    """Its string, lone surrogates and all, is read, and the record says why it stays."""
    stored = make.rejected(make.source(), None, reason="bad_base64", text=text)
    assert read_object(stored.body).data_text == text
    (held,) = read_quarantine_object(stored.body)
    assert (held.reason, held.problem) == ("bad_base64", NO_BYTES)


def test_a_record_is_held_with_its_place(make: Any) -> None:
    """An ordinary rejection is one record, at the place it came from."""
    source = make.source(7, key="id")
    assert list(read_quarantine_object(make.rejected(source, b"x").body)) == [
        ReplayableRecord("bad_json", source, source, b"x")
    ]


def test_a_record_that_came_again_is_held_with_its_first_place(make: Any) -> None:
    """The second replay counts as the version that the first delivery was."""
    first, carrier = make.source(7), make.source(90, sub=0)
    (held,) = read_quarantine_object(make.rejected(carrier, b"x", origin=first).body)
    assert (held.original, held.latest) == (first, carrier)


def test_a_record_with_false_tags_stays(make: Any) -> None:
    """Put back as if this were its first place, it could replace newer results."""
    (held,) = read_quarantine_object(make.rejected(make.source(), b"x", reason="bad_replay_tags").body)
    assert held.problem == POSITION_UNKNOWN


def test_an_aggregate_that_can_be_read_today_is_put_back_one_by_one(make: Any) -> None:
    """Each of its records has its own place, which an aggregate put back whole would lose."""
    data = pack([UserRecord("a", b"1"), UserRecord("b", b"2")])
    helds = read_quarantine_object(make.rejected(make.source(7), data, reason="bad_aggregate").body)
    assert [(held.original.version, held.partition_key, held.data, held.problem) for held in helds] == [
        ((7, 0), "a", b"1", None),
        ((7, 1), "b", b"2", None),
    ]


def test_an_aggregate_that_still_cannot_be_read_stays(make: Any) -> None:
    """Its records have no places yet."""
    data = pack([UserRecord("a", b"1")])[:-1] + b"\0"
    (held,) = read_quarantine_object(make.rejected(make.source(7), data, reason="bad_aggregate").body)
    assert held.problem == "it still cannot be read (bad_aggregate)"


def test_an_aggregate_inside_an_aggregate_goes_back_as_it_is(make: Any) -> None:
    """It is a user's bytes: whether they can be read is for the processor to say, as at first."""
    data = pack([UserRecord("a", b"1")])
    (held,) = read_quarantine_object(make.rejected(make.source(7, sub=0), data).body)
    assert (held.data, held.problem) == (data, None)


def changed(body: bytes, **fields: Any) -> bytes:
    """The body with some of its fields replaced; None leaves a field out."""
    content = {**json.loads(body), **fields}
    return json.dumps({name: value for name, value in content.items() if value is not ...}).encode()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reason": ...}, "reason: required"),
        ({"reason": "no such\nthing"}, "reason: "),
        ({"sequence_number": "12a"}, "sequence_number: "),
        ({"sub_sequence_number": -1}, "sub_sequence_number: "),
        ({"arrived_at": "2026-01-01T00:00:00"}, "arrived_at: expected a time zone"),
        ({"data": "secret!"}, "data: expected base64"),
        ({"data": "sécret"}, "data: expected base64"),
        ({"data": 5}, "data: expected a string"),
        ({"origin": {"shard_id": "s"}}, "origin"),
        ({"partition_key": "k" * 257}, "partition_key: expected at most 256"),
    ],
)
def test_a_damaged_object_is_refused_without_its_content(
    make: Any, fields: dict[str, Any], problem: str
) -> None:
    """The error names the field and never what is in it."""
    with pytest.raises(UnreadableObjectError, match=problem) as caught:
        read_quarantine_object(changed(make.rejected(make.source()).body, **fields))
    assert "cret" not in str(caught.value)


@given(st.binary(max_size=100) | st.text(max_size=60).map(str.encode))
def test_other_people_s_objects_are_refused(body: bytes) -> None:
    """Whatever else lies in the bucket is an error of ours, and no crash."""
    with pytest.raises(UnreadableObjectError):
        read_quarantine_object(body)


@pytest.mark.parametrize(
    "reason", ["claims_not_configured", "claim_missing", "claim_mismatch", "claim_expired"]
)
def test_a_claim_goes_back_as_it_was(make: Any, reason: str) -> None:
    """What is put back is the claim, with its first place, and the function reads it as a claim again."""
    claim = to_bytes(make_claim(b"payload", document_id="d", bucket="claims-bucket"))
    source = make.source(7, key="d")
    (held,) = read_quarantine_object(make.rejected(source, claim, reason=reason).body)
    assert (held.problem, held.reason) == (None, reason)
    (part,) = unpack(held.to_record())
    assert (part.data, part.partition_key) == (claim, "d")
    assert is_claim(part.data)
