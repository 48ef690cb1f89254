from __future__ import annotations

import tracemalloc

import pytest

from smartcat.cli.samples.rejected_records import RejectedPayload, rejected_payloads
from smartcat.wire_format.compression import DEFAULT_MAX_BYTES
from smartcat.wire_format.document import from_bytes
from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.kpl_aggregate import is_aggregate, unpack

PAYLOADS = rejected_payloads(11)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_wire_format_rejects_it_for_the_expected_reason(payload: RejectedPayload) -> None:
    """Each payload is rejected, and for what is wrong with it, not for something else on the way."""
    with pytest.raises(WireFormatError) as caught:
        unpack(payload.data) if is_aggregate(payload.data) else from_bytes(payload.data)
    assert caught.value.reason == Reason(payload.expected_reason)


def test_every_reason_that_can_reach_the_stream_is_there() -> None:
    """Not there: Kinesis does the base64, a producer sends no empty record, and tags come from a replay.

    Nor are claims: what becomes of one depends on a bucket too. Only the function counts parts.
    """
    reasons = {payload.expected_reason for payload in PAYLOADS}
    claims = {reason.value for reason in Reason if "claim" in reason.value}
    assert reasons == {reason.value for reason in Reason} - claims - {
        "bad_base64",
        "empty",
        "bad_replay_tags",
        "too_many_parts",
    }


def test_names_and_keys_are_unique() -> None:
    """A quarantined payload can be told from its fellows by its key."""
    assert len({payload.name for payload in PAYLOADS}) == len(PAYLOADS)
    assert len({payload.partition_key for payload in PAYLOADS}) == len(PAYLOADS)


def test_same_seed_gives_same_bytes() -> None:
    """The demo can count on the same poison each time, and another seed has keys of its own."""
    assert rejected_payloads(11) == PAYLOADS
    assert not {p.partition_key for p in rejected_payloads(12)} & {p.partition_key for p in PAYLOADS}


def test_every_payload_fits_into_one_record() -> None:
    """Kinesis takes the poison: data and key stay far below 1 MiB and the key below 256 characters."""
    assert all(0 < len(payload.data) < 100_000 for payload in PAYLOADS)
    assert all(len(payload.partition_key) <= 256 for payload in PAYLOADS)


def test_the_bomb_is_built_without_holding_it() -> None:
    """Making the bomb takes a fraction of what it unpacks to."""
    tracemalloc.start()
    try:
        rejected_payloads(1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < DEFAULT_MAX_BYTES / 8
