from typing import Any

import pytest
from botocore.exceptions import CredentialRetrievalError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.core.actions import ListShards, Send, Wait
from producers.core.backoff import Backoff
from producers.core.kinesis_limits import Limits
from producers.core.options import SchedulerOptions
from producers.core.outcomes import Failure, Receipt
from producers.core.record_packing import LANES, Aggregation
from producers.errors import DeliveryError
from smartcat.aws_errors import CREDENTIALS_CODES
from smartcat.wire_format.compression import decompress, is_gzip
from support.played_delivery import PlayedDelivery
from support.scripted_kinesis import THROTTLED, ScriptedKinesis, md5, users

TIMEOUT = ReadTimeoutError(endpoint_url="x")
PLAIN = SchedulerOptions(aggregation=None)
SMALL = Limits(request_records=4, request_bytes=4000, record_bytes=2000)


def started(
    kinesis: ScriptedKinesis, options: SchedulerOptions | None = None, limits: Limits | None = None
) -> PlayedDelivery:
    """A delivery that has seen the shards."""
    played = PlayedDelivery(kinesis, options, limits)
    assert played.begin() == 0
    played.let_through()
    return played


def keys_of(shard: tuple[int, int], count: int) -> list[str]:
    """Partition keys whose hash keys are in a range."""
    numbers = (f"k{n}" for n in range(100_000))
    found = [
        key for key in (next(numbers) for _ in range(500 + count * 50)) if shard[0] <= md5(key) <= shard[1]
    ]
    return found[:count]


def ids_of_a_lane(count: int) -> list[str]:
    """Ids whose documents share a lane."""
    return [key for key in (f"d{n}" for n in range(count * 20)) if md5(key) % LANES == 3][:count]


# ---------------------------------------------------------------------------------------------- packing
def test_documents_of_a_shard_travel_in_one_record() -> None:
    """Ten small documents are one Kinesis record, and each receipt has its index in it."""
    played, ids = started(ScriptedKinesis()), ids_of_a_lane(10)
    for key in ids:
        played.put(key, b"x")
    played.finish()
    assert [len(request) for request in played.kinesis.requests] == [1]
    assert played.receipts() == [
        Receipt(key, "shardId-000000000000", "1", sub_sequence_number=n) for n, key in enumerate(ids)
    ]


def test_an_aggregate_goes_to_its_shard_by_an_explicit_hash_key() -> None:
    """Every document lands on the shard of its own id."""
    played = started(ScriptedKinesis(shards=3))
    for number in range(60):
        played.put(f"d{number}", b"x")
    played.finish()
    assert all(record.in_own_shard for record in played.kinesis.stored)
    assert {receipt.shard_id for receipt in played.receipts()} == set(played.kinesis.shards)


def test_a_document_lingers_and_no_longer() -> None:
    """Nothing is sent within 0.2 s, and then it is sent without a flush."""
    played = started(ScriptedKinesis())
    played.put("d", b"x")
    assert played.scheduler.next_action(0.0) == Wait(0.2)
    assert isinstance(played.scheduler.next_action(0.2), Send)


def test_a_full_batch_does_not_linger() -> None:
    """A quarter of a shard's second is sent at once."""
    played = started(ScriptedKinesis(), PLAIN)
    for number in range(6):
        played.put(f"d{number}", b"x" * 50_000)
    assert isinstance(played.scheduler.next_action(0.0), Send)


def test_a_lane_that_never_fills_is_closed_while_its_shard_is_busy() -> None:
    """A document alone in its lane is sent after five seconds, though others keep the shard busy."""
    played = started(ScriptedKinesis())
    played.put("lonely", b"x")
    crowd = next(key for key in keys_of((0, 2**128 - 1), 50) if md5(key) % LANES != md5("lonely") % LANES)
    for _ in range(300):
        for _ in range(1 if played.now else 20):
            played.put(crowd, b"x" * 50_000)
        played.now += 0.048
        if played.begin() == 0:
            played.let_through()
    lonely = next(
        n
        for n, request in enumerate(played.kinesis.requests)
        if any("lonely" in users("", r["Data"]) for r in request)
    )
    assert 0 in played.outcomes
    assert 15 < lonely < len(played.kinesis.requests) - 5


def test_without_aggregation_each_document_is_a_record_in_its_lane_and_shard() -> None:
    """Switched off, its bytes travel as they are; its id's hash key leads to the shard, not its lane's."""
    played = started(ScriptedKinesis(), PLAIN)
    for name in "abc":
        played.put(name, b"x")
    played.finish()
    assert played.kinesis.requests == [
        [
            {"Data": b"x", "PartitionKey": f"lane-{md5(name) % 8}", "ExplicitHashKey": str(md5(name))}
            for name in "abc"
        ]
    ]
    assert [receipt.sub_sequence_number for receipt in played.receipts()] == [None] * 3


def test_a_raw_record_goes_as_it_is_and_behind_what_has_its_key() -> None:
    """A raw record is never packed, and a document with its key that waits in an aggregate goes first."""
    played = started(ScriptedKinesis())
    played.put("d", b"1")
    played.put("d", b"2", raw=True, explicit_hash_key="7")
    played.put("d", b"3")
    played.finish()
    sent = [record for request in played.kinesis.requests for record in request]
    assert {"Data": b"2", "PartitionKey": "d", "ExplicitHashKey": "7"} in sent
    assert [data for _, data in played.kinesis.accepted()] == [b"1", b"2", b"3"]


def test_what_is_flushed_does_not_wait_for_what_is_queued_before_it() -> None:
    """A record put later that is ready, at the front of the queue, holds no flushed document up."""
    played = started(ScriptedKinesis(), SchedulerOptions(linger_seconds=3600))
    played.put("flushed", b"1")
    played.put("other", b"2", raw=True)
    played.scheduler.flush(1)
    assert isinstance(played.scheduler.next_action(0.0), Send)


# ---------------------------------------------------------------------------------------------- failures
def test_only_what_failed_is_sent_again_and_its_key_waits() -> None:
    """A refused entry goes alone the next time, before a later one of its key."""
    played = started(ScriptedKinesis([{1: THROTTLED}]), PLAIN)
    for key, data in (("a", b"1"), ("b", b"2"), ("c", b"3"), ("b", b"4")):
        played.put(key, data)
    played.finish()
    assert played.kinesis.keys() == [["a", "b", "c"], ["b"], ["b"]]
    assert [data for _, data in played.kinesis.accepted()] == [b"1", b"3", b"2", b"4"]
    report = played.scheduler.statistics.report()
    assert (report.retried_records, report.throttled_records, report.requests) == (1, 1, 3)


def test_a_shard_never_takes_part_in_two_requests() -> None:
    """While a request of a shard is out, the other shard goes on and the first one waits."""
    kinesis = ScriptedKinesis(shards=2)
    low, high = (keys_of(span, 2) for span in kinesis.shards.values())
    played = started(kinesis, PLAIN)
    played.scheduler.flush(10)
    played.put(low[0], b"")
    assert played.begin() == 0
    played.put(low[1], b"")
    assert played.begin() > 0
    played.put(high[0], b"")
    assert played.begin() == 0
    assert len(played.outstanding) == 2


def test_documents_fail_after_too_many_attempts_with_growing_waits() -> None:
    """A dead shard is tried so many times, then its documents have failed; the next one is tried again."""
    played = started(
        ScriptedKinesis([{0: "InternalFailure"}] * 4),
        SchedulerOptions(aggregation=None, backoff=Backoff(attempts=3)),
    )
    played.put("d", b"")
    played.finish()
    outcome = played.outcomes[0]
    assert isinstance(outcome, DeliveryError)
    assert (outcome.code, len(played.kinesis.requests)) == ("InternalFailure", 3)
    assert played.now == pytest.approx(0.1 + 0.2, abs=0.01)
    played.put("e", b"")
    played.finish()
    assert isinstance(played.outcomes[1], Receipt)


def test_any_accepted_record_starts_the_count_again() -> None:
    """A slow shard that accepts a record now and then is waited for."""
    refuse = [{0: THROTTLED, 1: THROTTLED}, {0: THROTTLED}, {0: THROTTLED}]
    played = started(ScriptedKinesis(refuse), SchedulerOptions(aggregation=None, backoff=Backoff(attempts=3)))
    for key in "abc":
        played.put(key, b"")
    played.finish()
    assert len(played.receipts()) == 3


def play_with_ill_shard(kinesis: ScriptedKinesis, seconds: float, rate: int = 40) -> PlayedDelivery:
    """Put documents for all shards at a steady rate, while the first one refuses everything."""
    ill = next(iter(kinesis.shards))
    kinesis.refuses = {ill: "InternalFailure"}
    played = started(kinesis, PLAIN)
    number, ends = 0, played.now + seconds
    while played.now < ends:
        for _ in range(rate // 10):
            played.put(f"d{number}", b"x")
            number += 1
        while played.begin() == 0:
            if played.outstanding:
                played.let_through()
        played.now += 0.1
    return played


def test_an_ill_shard_fails_its_own_documents_and_holds_no_other_up() -> None:
    """After its attempts what waits for it fails at once; a request in 5 s asks; others have all theirs."""
    kinesis = ScriptedKinesis(shards=4)
    ill = next(iter(kinesis.shards))
    played = play_with_ill_shard(kinesis, 60)
    waiting = [item for item in played.items if item.ordinal not in played.outcomes]
    assert all(item.put_at > played.now - 1 for item in waiting)
    played.finish()
    failed = [each for each in played.outcomes.values() if isinstance(each, DeliveryError)]
    assert {each.shard_id for each in failed} == {ill}
    assert all(md5(each.partition_key) >> 126 == 0 for each in failed)
    assert len(failed) == sum(md5(item.partition_key) >> 126 == 0 for item in played.items)
    assert played.scheduler.statistics.report().ill_shards == ((ill, "InternalFailure"),)
    requests = kinesis.keys()
    tries = [keys for keys in requests if any(md5(key) >> 126 == 0 for key in keys)]
    assert len(tries) <= 10 + 60 / 5


def test_a_shard_that_is_well_again_is_used_again() -> None:
    """One of the requests that ask every 5 s is accepted, and from then on everything is."""
    kinesis = ScriptedKinesis(shards=4)
    played = play_with_ill_shard(kinesis, 40)
    kinesis.refuses = {}
    played.now += 6
    begins = len(played.items)
    for number in range(200):
        played.put(f"late{number}", b"x")
    played.finish()
    assert all(isinstance(played.outcomes[n], Receipt) for n in range(begins, begins + 200))


def test_where_no_shard_accepts_nobody_is_named_and_nothing_hurries() -> None:
    """An outage of the stream is not the illness of a shard: what waits keeps its attempts."""
    kinesis = ScriptedKinesis(shards=2)
    kinesis.refuses = dict.fromkeys(kinesis.shards, "InternalFailure")
    played = started(kinesis, SchedulerOptions(aggregation=None, backoff=Backoff(attempts=3)))
    for number in range(2000):
        played.put(f"d{number}", b"x")
    played.finish()
    failed = [each for each in played.outcomes.values() if isinstance(each, DeliveryError)]
    assert (len(failed), {each.shard_id for each in failed}) == (2000, {""})
    assert len(kinesis.requests) >= 2 * 3 * 2


@pytest.mark.parametrize("code", sorted(CREDENTIALS_CODES))
def test_credentials_that_cannot_be_renewed_for_a_minute_cost_nothing(client_error: Any, code: str) -> None:
    """They are waited for by the clock, not by the number of attempts; a document is late, and not lost."""
    kinesis = ScriptedKinesis()
    played = started(kinesis, PLAIN)
    kinesis.fails = lambda: client_error(code) if played.now < 60 else None
    played.put("d", b"x")
    played.finish()
    assert len(played.receipts()) == 1
    assert 60 <= played.now < 66


def test_credentials_that_never_come_back_are_said_within_a_bound() -> None:
    """After two minutes the document has failed, and its error says what is missing."""
    kinesis = ScriptedKinesis()
    played = started(kinesis, PLAIN)
    kinesis.fails = lambda: CredentialRetrievalError(provider="iam-role", error_msg="timed out")
    played.put("d", b"x")
    played.finish()
    outcome = played.outcomes[0]
    assert isinstance(outcome, DeliveryError)
    assert (outcome.code, outcome.shard_id) == ("CredentialRetrievalError", "")
    assert "could not be renewed" in str(outcome)
    assert 120 <= played.now < 126


def test_a_permanent_error_fails_at_once_and_alone() -> None:
    """An unknown code is final for its entry; the others are accepted."""
    played = started(ScriptedKinesis([{0: "NeverHeardOf"}]), PLAIN)
    for key in "ab":
        played.put(key, b"")
    played.finish()
    assert [type(played.outcomes[n]) for n in (0, 1)] == [DeliveryError, Receipt]
    assert played.scheduler.statistics.report().failed == (("a", "NeverHeardOf"),)


def test_stopping_fails_what_waits_and_keeps_what_is_accepted() -> None:
    """After the stop nothing is sent; a request in flight still counts, and its failures are final."""
    played = started(ScriptedKinesis([{1: THROTTLED}]), PLAIN)
    for key in "ab":
        played.put(key, b"")
    played.scheduler.flush(2)
    played.begin()
    played.put("c", b"")
    played.book(played.scheduler.stop())
    assert played.scheduler.next_action(99.0).__class__ is Wait
    played.let_through()
    said = [str(played.outcomes[n]) for n in (1, 2)]
    assert isinstance(played.outcomes[0], Receipt)
    assert said[0].endswith("Interrupted: sending was stopped after Kinesis had refused it")
    assert said[1].endswith("Interrupted: sending was stopped before its turn")


# ---------------------------------------------------------------------------------------------- shards
def test_after_a_split_misrouted_documents_are_sent_again() -> None:
    """The first aggregate after a split lands on one child; the other's documents are put there again."""
    kinesis = ScriptedKinesis()
    played = started(kinesis)
    kinesis.split()
    for key in ids_of_a_lane(20):
        played.put(key, b"x")
    played.finish()
    for receipt in played.receipts():
        first, last = kinesis.shards[receipt.shard_id]
        assert first <= md5(receipt.partition_key) <= last
    assert kinesis.listings == 2
    misrouted = [record for record in kinesis.stored if not record.in_own_shard]
    assert 0 < len(misrouted) < 20
    assert len(kinesis.stored) == 20 + len(misrouted)


def test_after_a_merge_nothing_is_sent_twice() -> None:
    """The child holds all hash keys of both parents, so whatever went to it is on the right shard."""
    kinesis = ScriptedKinesis(shards=2)
    played = started(kinesis)
    kinesis.merge()
    for number in range(20):
        played.put(f"d{number}", b"x")
    played.finish()
    assert {receipt.shard_id for receipt in played.receipts()} == set(kinesis.shards)
    assert len(kinesis.stored) == 20


def test_sending_pauses_until_the_new_shards_are_known() -> None:
    """After an unexpected shard id nothing is sent by the old map; without an answer the pause ends too."""
    kinesis = ScriptedKinesis()
    played = started(kinesis)
    kinesis.split()
    kinesis.listing_steps = [TIMEOUT] * 4
    played.put("d", b"1")
    played.scheduler.flush(1)
    played.begin()
    played.let_through()
    played.put("d", b"2")
    assert isinstance(played.scheduler.next_action(played.now), ListShards)
    played.scheduler.handle_shards(Failure("Slow", "no answer", retryable=True), played.now)
    assert isinstance(played.scheduler.next_action(played.now), Wait)
    played.finish()
    assert [data for _, data in kinesis.accepted()] == [b"1", b"2"]


def test_a_stream_with_rules_of_its_own_is_listed_only_a_few_times() -> None:
    """If predictions fail though the shards are the same, they are dropped; nothing is sent twice."""
    kinesis = ScriptedKinesis(shards=2)
    seen = dict(kinesis.shards)
    ids = list(seen)
    kinesis.shards = {ids[0]: seen[ids[1]], ids[1]: seen[ids[0]]}
    played = started(kinesis)
    kinesis.shards = seen
    kinesis.paginate = lambda *, StreamName: [  # type: ignore[method-assign]  # noqa: N803 - boto3's
        {
            "Shards": [
                {
                    "ShardId": name,
                    "HashKeyRange": {"StartingHashKey": str(first), "EndingHashKey": str(last)},
                    "SequenceNumberRange": {},
                }
                for name, (first, last) in {ids[0]: seen[ids[1]], ids[1]: seen[ids[0]]}.items()
            ]
        }
    ]
    for number in range(50):
        played.put(f"d{number}", b"x")
        played.finish()
    assert len(kinesis.stored) == 50
    assert played.now < 10


def test_without_permission_to_list_shards_it_still_delivers(client_error: Any) -> None:
    """Without ListShards each document is an aggregate of its own, in order."""
    kinesis = ScriptedKinesis()
    kinesis.listing_steps = [client_error("AccessDeniedException")]
    played = started(kinesis)
    for version in (b"1", b"2"):
        played.put("d", version)
    played.finish()
    assert [len(request) for request in kinesis.requests] == [1, 1]
    assert [data for _, data in kinesis.accepted()] == [b"1", b"2"]
    assert kinesis.listings == 1


def test_shards_that_cannot_be_listed_hold_nothing_up_forever() -> None:
    """After four listings without an answer sending continues, and they are listed again later."""
    kinesis = ScriptedKinesis()
    kinesis.listing_steps = [TIMEOUT] * 4
    played = PlayedDelivery(kinesis)
    played.put("d", b"x")
    played.finish()
    assert played.now < 10
    played.now += 31
    for name in "ef":
        played.put(name, b"x")
        played.finish()
    assert kinesis.listings == 5
    assert [receipt.sub_sequence_number for receipt in played.receipts()] == [0, 0, 0]
    assert [len(request) for request in kinesis.requests] == [1, 1, 1]


# ---------------------------------------------------------------------------------------------- pacing
@pytest.mark.parametrize("aggregated", [True, False])
def test_two_shards_run_at_their_byte_limit(*, aggregated: bool) -> None:
    """60 MiB on two shards take as long as the limits demand, and not a twentieth more."""
    played = started(ScriptedKinesis(shards=2), SchedulerOptions() if aggregated else PLAIN)
    size, total = 16_000, 60 * 2**20
    for number in range(total // size):
        played.put(f"d{number}", b"x" * size)
    played.finish()
    counts = [sum(a.shard == shard for a in played.kinesis.stored) * size for shard in played.kinesis.shards]
    slowest = max(counts) / 2**20
    assert slowest / 1.0 * 0.99 < played.now + 0.5 < slowest / 0.95 + 0.5


def test_small_records_run_at_the_record_limit() -> None:
    """Ten thousand records of a byte take ten seconds on one shard."""
    played = started(ScriptedKinesis(), PLAIN)
    for number in range(10_000):
        played.put(f"d{number}", b"x")
    played.finish()
    assert 9.0 < played.now < 10.5


# ---------------------------------------------------------------------------------------------- properties
CODES = st.sampled_from([THROTTLED, "InternalFailure", "NeverHeardOf"])
STEPS = (
    st.dictionaries(st.integers(0, 4), CODES)
    | st.sampled_from([TIMEOUT, [TIMEOUT], {"answer": {}}, {"answer": {"Records": []}}])
    | st.sampled_from(["split", "merge"])
)
SIZES = st.integers(0, 40) | st.integers(0, 1500)
PUTS = st.lists(st.tuples(st.sampled_from("abcdef"), SIZES, st.booleans()), max_size=60)
OPTIONS = st.sampled_from(
    [
        PLAIN,
        SchedulerOptions(aggregation=Aggregation(max_bytes=1024)),
        SchedulerOptions(aggregation=Aggregation(max_bytes=2048)),
        SchedulerOptions(aggregation=Aggregation(max_bytes=1024, together=True)),
    ]
)


def script(kinesis: ScriptedKinesis, steps: list[Any]) -> list[Any]:
    """Turn words into what they stand for."""
    words = {"split": kinesis.split, "merge": kinesis.merge}
    return [words.get(step, step) if isinstance(step, str) else step for step in steps]


def version(data: bytes) -> int:
    """The number a payload begins with."""
    return int((decompress(data) if is_gzip(data) else data)[:4])


def check_order(kinesis: ScriptedKinesis) -> None:
    """In its own shard, the first and the last copies of a key's versions are in the order put."""
    for key in "abcdef":
        versions = [version(a.data) for a in kinesis.stored if a.key == key and a.in_own_shard]
        firsts = list(dict.fromkeys(versions))
        lasts = list(dict.fromkeys(reversed(versions)))[::-1]
        assert firsts == sorted(firsts)
        assert lasts == sorted(lasts)


def check_outcomes(played: PlayedDelivery) -> None:
    """A receipt names the very record on the stream, in its shard; the sums agree."""
    by_receipt = {(a.shard, a.sequence, a.sub): (a.key, a.data) for a in played.kinesis.stored}
    accepted = 0
    for item in played.items:
        outcome = played.outcomes[item.ordinal]
        if isinstance(outcome, DeliveryError):
            assert outcome.partition_key == item.partition_key
            continue
        accepted += 1
        key = (outcome.shard_id, outcome.sequence_number, outcome.sub_sequence_number)
        assert by_receipt[key] == (item.partition_key, item.data)
    report = played.scheduler.statistics.report()
    assert (report.accepted, len(report.failed)) == (accepted, len(played.items) - accepted)
    assert report.requests == len(played.kinesis.requests)


def play(
    kinesis: ScriptedKinesis,
    options: SchedulerOptions,
    puts: list[tuple[str, int, bool]],
    data: st.DataObject,
) -> PlayedDelivery:
    """Put everything, with actions at any time between, and let requests through in any order."""
    played = PlayedDelivery(kinesis, options, SMALL)
    for number, (key, size, raw) in enumerate(puts):
        played.put(key, f"{number:04}".encode() + b"." * size, raw=raw)
        if data.draw(st.booleans()):
            played.begin()
            played.now += data.draw(st.floats(0, 0.3))
        if played.outstanding and data.draw(st.booleans()):
            played.let_through(data.draw(st.integers(0, 2)))
    played.finish(choose=lambda count: data.draw(st.integers(0, count - 1)))
    return played


@given(PUTS, st.lists(STEPS, max_size=25), OPTIONS, st.integers(1, 3), st.data())
def test_nothing_is_lost_and_order_holds_whatever_happens(
    puts: list[tuple[str, int, bool]],
    steps: list[Any],
    options: SchedulerOptions,
    shards: int,
    data: st.DataObject,
) -> None:
    """Refusals, time-outs after accepting, garbage and reshards: all accounted for, each key in order."""
    kinesis = ScriptedKinesis(shards=shards)
    kinesis.script = script(kinesis, steps)
    played = play(kinesis, options, puts, data)
    check_outcomes(played)
    check_order(kinesis)


RESHARDS = st.lists(
    st.sampled_from(["split", "split", "merge", {}, {0: THROTTLED}, [TIMEOUT]]), min_size=4, max_size=12
)
VERSIONS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 300), st.just(False)), min_size=12, max_size=40
)


@settings(max_examples=200)
@given(VERSIONS, RESHARDS, OPTIONS, st.data())
def test_order_holds_while_the_stream_is_resharded_again_and_again(
    puts: list[tuple[str, int, bool]], steps: list[Any], options: SchedulerOptions, data: st.DataObject
) -> None:
    """Split and merged between requests, with failures: each key in order, and where it belongs."""
    kinesis = ScriptedKinesis(shards=2)
    kinesis.script = script(kinesis, steps)
    played = play(kinesis, options, puts, data)
    check_outcomes(played)
    check_order(kinesis)
    in_own_shard = {(a.shard, a.sequence, a.sub): a.in_own_shard for a in kinesis.stored}
    for item, receipt in zip(played.items, played.receipts(), strict=True):
        key = (receipt.shard_id, receipt.sequence_number, receipt.sub_sequence_number)
        assert in_own_shard[key] or item.reroutes or receipt.shard_id not in kinesis.shards
