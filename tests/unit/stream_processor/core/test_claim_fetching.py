from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.claim_check import from_bytes
from stream_processor.core import record_bounds
from stream_processor.core.process_batch import Limits
from support.processor_fakes import ARRIVED

KIB = 1024


def stored_by(world: Any) -> set[str]:
    """The ids of the documents in the table."""
    return set(world.table.items)


def test_a_claim_gives_the_result_of_the_document_itself(make: Any) -> None:
    """The same document, on the stream or claimed, gzip'd or not, gives the same item."""
    payload = make.payload("d", "invoice " * 5000)
    assert payload.startswith(b"\x1f\x8b")
    whole, claimed = make.world(), make.world()
    whole.process([make.entry(payload, 1)])
    assert claimed.process([make.entry(claimed.claim(payload, "d"), 1)]) == {"batchItemFailures": []}
    assert claimed.table.items == whole.table.items
    assert claimed.quarantine.stored == {}


def test_claims_documents_and_bad_records_of_a_batch_stay_in_order(world: Any, make: Any) -> None:
    """A later version of a document wins, whichever of the two is a claim."""
    first, second = make.payload("d", "old"), make.payload("d", "new")
    world.process([make.entry(world.claim(first, "d"), 1), make.entry(b"{", 2), make.entry(second, 3)])
    assert world.table.items["d"]["label"] == {"S": "new"}
    world.process([make.entry(first, 4), make.entry(world.claim(second, "d"), 5)])
    assert world.table.items["d"]["label"] == {"S": "new"}
    assert set(world.quarantine.reasons.values()) == {"bad_json"}


def test_claims_inside_an_aggregate(world: Any, make: Any) -> None:
    """Each part is read by itself, and a claim whose object is gone is kept with its own bytes."""
    gone = world.claim(make.payload("gone"), "gone")
    world.claimed.objects.pop(from_bytes(gone).key)
    parts = [
        world.claim(make.payload("a"), "a"),
        make.payload("b"),
        gone,
        world.claim(make.payload("c"), "c"),
    ]
    assert world.process([make.entry(make.aggregate(parts), 1)]) == {"batchItemFailures": []}
    assert stored_by(world) == {"a", "b", "c"}
    assert world.quarantine.reasons == {(make.number(1), 2): "claim_missing"}
    assert world.quarantine.stored[make.number(1), 2].data == gone
    assert [len(call) for call in world.claimed.calls] == [3]


def test_an_object_is_fetched_once_however_many_claims_lead_to_it(world: Any, make: Any) -> None:
    """Copies of a claim, in one record or in several, cost one request, and all of them are done."""
    claim, other = world.claim(make.payload("a"), "a"), world.claim(make.payload("b"), "b")
    entries = [make.entry(make.aggregate([claim, other, claim]), 1), make.entry(claim, 2)]
    assert world.process(entries) == {"batchItemFailures": []}
    assert [len(call) for call in world.claimed.calls] == [2]
    assert stored_by(world) == {"a", "b"}
    assert world.metrics.batches[0].stored == 4


def test_only_what_is_missing_is_fetched_again(world: Any, make: Any) -> None:
    """While the first record waits for one object, the others that it needs are not fetched again."""
    claims = [world.claim(make.payload(name), name) for name in "abc"]
    late = from_bytes(claims[1]).key
    world.claimed.fails = lambda call, claim: call < 2 and claim.key == late
    assert world.process([make.entry(make.aggregate(claims), 1)]) == {"batchItemFailures": []}
    assert [len(call) for call in world.claimed.calls] == [3, 1, 1]
    assert stored_by(world) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("fields", "reason", "fetched"),
    [
        ({"bucket": "model-bucket"}, "claim_outside", False),
        ({"key": "elsewhere/key"}, "claim_outside", False),
        ({"key": "claims/nothing"}, "claim_missing", True),
        ({"sha256": "0" * 64}, "claim_mismatch", True),
        ({"size": 1}, "claim_mismatch", True),
        ({"document_id": "other"}, "claim_mismatch", True),
        ({"size": 64 * KIB + 1}, "too_large", False),
        ({"expires_at": int(ARRIVED)}, "claim_expired", False),
        ({"key": "claims/../secret"}, "bad_claim", False),
        ({"smartcat_claim": 2}, "unsupported_version", False),
    ],
)
def test_a_claim_that_is_not_true_is_quarantined_whole(
    make: Any, fields: dict[str, Any], reason: str, *, fetched: bool
) -> None:
    """It is never a failure, its neighbour is stored, and what may not be fetched is not asked for."""
    world = make.world(limits=Limits(64 * KIB, 64 * KIB))
    data = world.claim(make.payload("d"), "d", **fields)
    entries = [make.entry(data, 1), make.entry(make.payload("neighbour"), 2)]
    assert world.process(entries) == {"batchItemFailures": []}
    assert world.quarantine.reasons == {(make.number(1), None): reason}
    assert world.quarantine.stored[make.number(1), None].data == data
    assert stored_by(world) == {"neighbour"}
    assert bool(world.claimed.calls) == fetched


def test_what_an_object_holds_is_judged_like_a_record(world: Any, make: Any) -> None:
    """A broken document and a claim inside an object are rejected, and the claim is what is kept."""
    broken, nested = world.claim(b"{", "d"), world.claim(world.claim(make.payload("d"), "d"), "d")
    world.process([make.entry(broken, 1), make.entry(nested, 2)])
    assert list(world.quarantine.reasons.values()) == ["bad_json", "invalid_document"]
    assert [kept.data for kept in world.quarantine.stored.values()] == [broken, nested]
    assert len(world.claimed.calls[0]) == 2


def test_a_claimed_document_that_cannot_be_classified_keeps_its_claim(world: Any, make: Any) -> None:
    """A document that is rejected later keeps the claim's bytes too, not the text."""
    claim = world.claim(make.payload("d", "explode now"), "d")
    world.process([make.entry(claim, 1)])
    assert world.quarantine.stored[make.number(1), None].data == claim


def test_without_a_bucket_claims_are_quarantined_and_say_so(world: Any, make: Any) -> None:
    """An unset SMARTCAT_CLAIMS_BUCKET has a reason of its own, so that they can be found and put back."""
    claim = world.claim(make.payload("d"), "d")
    world.claim_bucket = None
    world.restart()
    world.process([make.entry(claim, 1), make.entry(make.payload("a"), 2)])
    assert list(world.quarantine.reasons.values()) == ["claims_not_configured"]
    assert stored_by(world) == {"a"}


def test_an_outage_is_held_out_while_nothing_is_finished(world: Any, make: Any) -> None:
    """The first record's claim is tried again within the invocation; nothing is quarantined."""
    claim = world.claim(make.payload("d"), "d")
    world.claimed.fails = lambda call, _: call < 5
    assert world.process([make.entry(claim, 1)]) == {"batchItemFailures": []}
    assert stored_by(world) == {"d"}
    assert world.quarantine.stored == {}
    assert world.metrics.problems == ["GetObject failed with ServiceUnavailable"]
    (summary,) = world.metrics.batches
    assert world.clock.slept
    assert summary.waited_seconds == pytest.approx(sum(world.clock.slept))


def test_a_long_outage_gives_the_first_record_back_at_the_deadline(world: Any, make: Any) -> None:
    """The batch is not done yet: its shard, age and forecast are reported although nothing was read."""
    claim = world.claim(make.payload("d"), "d")
    world.claimed.fails = lambda _call, _: True
    start = world.clock.now()
    response = world.process([make.entry(claim, 1), make.entry(make.payload("a"), 2)], seconds=30)
    assert response == {"batchItemFailures": [{"itemIdentifier": make.number(1)}]}
    assert 27 < world.clock.now() - start < 29
    assert (world.table.items, world.quarantine.stored) == ({}, {})
    (summary,) = world.metrics.batches
    assert (summary.shard_id, summary.records, summary.not_done) == ("shardId-000000000000", 2, 2)
    assert summary.age_seconds == pytest.approx(1000.0)
    assert summary.hours_to_expiry is not None


def test_an_outage_after_the_first_record_is_given_back_at_once(world: Any, make: Any) -> None:
    """What comes before the claim is finished; the rest comes again, and is fetched then."""
    entries = [
        make.entry(make.payload("a"), 1),
        make.entry(world.claim(make.payload("b"), "b"), 2),
        make.entry(make.payload("c"), 3),
    ]
    world.claimed.fails = lambda call, _: call == 0
    assert world.process(entries) == {"batchItemFailures": [{"itemIdentifier": make.number(2)}]}
    assert stored_by(world) == {"a"}
    assert world.clock.slept == []
    assert world.process(entries[1:]) == {"batchItemFailures": []}
    assert stored_by(world) == {"a", "b", "c"}


def test_an_aggregate_waits_for_all_its_claims(world: Any, make: Any) -> None:
    """One part that cannot be fetched now keeps the whole record back; nothing of it is quarantined."""
    parts = [world.claim(make.payload(name), name) for name in "abc"]
    entries = [make.entry(make.payload("first"), 1), make.entry(make.aggregate(parts), 2)]
    late = from_bytes(parts[1]).key
    world.claimed.fails = lambda call, claim: call == 0 and claim.key == late
    assert world.process(entries) == {"batchItemFailures": [{"itemIdentifier": make.number(2)}]}
    assert stored_by(world) == {"first"}
    assert world.drain(entries[1:]) == 1
    assert stored_by(world) == {"first", "a", "b", "c"}


def test_several_claims_are_fetched_together_and_not_too_many(world: Any, make: Any) -> None:
    """Twenty small claims take three calls of at most eight, and none is fetched twice."""
    entries = [make.entry(world.claim(make.payload(f"d{n}"), f"d{n}"), n) for n in range(20)]
    assert world.process(entries) == {"batchItemFailures": []}
    assert [len(call) for call in world.claimed.calls] == [8, 8, 4]
    assert len(stored_by(world)) == 20


def test_fetching_leaves_time_for_the_rest(world: Any, make: Any) -> None:
    """Half of the spare time is for fetching what follows the first record; the rest is given back."""
    entries = [make.entry(world.claim(make.payload(f"d{n}"), f"d{n}"), n) for n in range(40)]
    world.claimed.seconds_each = 11.0
    start = world.clock.now()
    response = world.process(entries, seconds=42.0)
    assert response["batchItemFailures"]
    assert world.clock.now() - start <= 33.1
    assert stored_by(world)
    assert world.drain(entries, seconds=42.0) > 1
    assert len(stored_by(world)) == 40


def test_a_batch_of_large_claims_never_holds_much_more_than_its_limit(make: Any) -> None:
    """What is fetched at once, and what is read in one invocation, stay near the limit of a batch's text."""
    world = make.world(limits=Limits(64 * KIB, 64 * KIB))
    entries = [
        make.entry(world.claim(make.payload(f"d{n}", make_text(n, 20 * KIB)), f"d{n}"), n) for n in range(30)
    ]
    sizes = {key: len(data) for key, data in world.claimed.objects.items()}
    left = entries
    while left:
        before = len(world.claimed.calls)
        response = world.process(left)
        assert max(sum(sizes[key] for key in call) for call in world.claimed.calls[before:]) <= 64 * KIB
        failures = response["batchItemFailures"]
        done = (
            len(left)
            if not failures
            else [e["kinesis"]["sequenceNumber"] for e in left].index(failures[0]["itemIdentifier"])
        )
        assert 1 <= done <= 4
        left = left[done:]
    assert len(stored_by(world)) == 30
    assert sum(map(len, world.claimed.calls)) <= 60


def make_text(seed: int, size: int) -> str:
    """Text that gzip makes some two times smaller."""
    return "".join(f"{(seed + 1) * place * 2654435761 % 2**32:08x}" for place in range(size // 8))


def test_claims_of_one_aggregate_share_the_allowance_of_a_record(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the limit of a document; beyond it they are too large, unfetched, and can be put back alone."""
    monkeypatch.setattr(record_bounds, "LEAST_ALLOWANCE", 0)
    world = make.world(limits=Limits(64 * KIB, 64 * KIB))
    claims = [world.claim(json_of(f"d{n}", 50 * KIB), f"d{n}") for n in range(5)]
    assert world.process([make.entry(make.aggregate(claims), 1)]) == {"batchItemFailures": []}
    assert stored_by(world) == {"d0", "d1"}
    assert set(world.quarantine.reasons.values()) == {"too_large"}
    assert [rejected.data for rejected in world.quarantine.stored.values()] == claims[2:]
    assert [len(call) for call in world.claimed.calls] == [2]
    for number, claim in enumerate(claims[2:], 2):
        world.process([make.entry(make.replayed(claim, 1, sub=number), number)])
    assert len(stored_by(world)) == 5


def json_of(document_id: str, size: int) -> bytes:
    """A document's bytes, not gzip'd."""
    return json.dumps({"document_id": document_id, "text": "x" * size}).encode()


def test_a_bomb_in_an_object_is_too_large(make: Any) -> None:
    """The bound on what a document may unfold to holds for claimed bytes too."""
    world = make.world(limits=Limits(64 * KIB, 64 * KIB))
    claim = world.claim(make.payload("d", "x" * (65 * KIB)), "d")
    world.process([make.entry(claim, 1)])
    assert list(world.quarantine.reasons.values()) == ["too_large"]


@given(
    kinds=st.lists(st.sampled_from(["plain", "claim", "gone", "bad", "both"]), min_size=1, max_size=25),
    seed=st.randoms(),
)
def test_the_account_closes_through_any_outage(make: Any, kinds: list[str], seed: Any) -> None:
    """Whatever fails now and then, each part ends once, in the table or in the quarantine."""
    world = make.world()
    entries, good, bad = [], set(), {}
    for number, kind in enumerate(kinds):
        name, place = f"d{number}", (make.number(number), None)
        payload = make.payload(name)
        if kind == "plain":
            data = payload
        elif kind == "both":
            data = make.aggregate([payload, world.claim(make.payload(f"{name}-too"), f"{name}-too")])
            good.add(f"{name}-too")
        elif kind == "bad":
            data, bad[place] = b"{", "bad_json"
        else:
            data = world.claim(payload, name)
        if kind == "gone":
            world.claimed.objects.pop(from_bytes(data).key)
            bad[place] = "claim_missing"
        elif kind != "bad":
            good.add(name)
        entries.append(make.entry(data, number))
    world.claimed.fails = lambda _call, _claim: seed.random() < 0.3
    world.drain(entries, seconds=20.0)
    assert stored_by(world) == good
    assert world.quarantine.reasons == bad
