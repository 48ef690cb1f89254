"""The pure core of the event source mapping: batches, sub-shards, checkpoint, and a model of a shard."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcat.local_aws.event_source_mapping.batches import (
    Batch,
    DiscardedRecords,
    Failure,
    Outcome,
    PartialFailure,
    Success,
    Throttled,
    Transition,
    decide,
)
from smartcat.local_aws.event_source_mapping.records import EVENT_OVERHEAD, MAX_EVENT_BYTES, Record, event_of
from smartcat.local_aws.event_source_mapping.settings import MappingSettings
from smartcat.local_aws.event_source_mapping.shard_state import Deliver, Discard, ShardState, Wait

if TYPE_CHECKING:
    import random

ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/s"


def configured(**changes: object) -> MappingSettings:
    """Settings with some changes."""
    return MappingSettings(function_arn="arn:f", stream_arn=ARN, **changes)  # type: ignore[arg-type]


def record(number: int, key: str = "k", *, size: int = 10, arrived_at: float = 0.0) -> Record:
    """One record of a given size."""
    return Record(number, key, arrived_at, b"x" * size)


def numbers(batch: Batch | DiscardedRecords) -> list[int]:
    """Sequence numbers, in order."""
    return [each.sequence_number for each in batch.records]


def delivered(state: ShardState, sub_shard: int = 0, now: float = 0.0) -> Batch:
    """The batch that the sub-shard must deliver now."""
    step = state.next_step(sub_shard, now)
    assert isinstance(step, Deliver)
    return step.batch


def test_a_full_batch_goes_at_once_and_the_rest_waits_for_the_window() -> None:
    """BatchSize triggers without the window; fewer records wait until the window since the first is over."""
    state = ShardState(configured(batch_size=3, window=5))
    state.feed([record(n) for n in range(1, 6)], now=100.0)
    batch = delivered(state, now=100.0)
    assert numbers(batch) == [1, 2, 3]
    state.apply(0, Transition(delivered=batch.records))
    assert state.next_step(0, 104.9) == Wait(105.0)
    assert numbers(delivered(state, now=105.0)) == [4, 5]


def test_an_empty_sub_shard_waits_for_records() -> None:
    """Without records there is no time at which something becomes due."""
    assert ShardState(configured()).next_step(0, 1e9) == Wait(None)


def test_a_batch_is_cut_so_that_the_event_stays_within_six_megabytes() -> None:
    """Exactly what fits goes at once, window or not; one byte more and the last record stays behind."""
    each = (MAX_EVENT_BYTES - EVENT_OVERHEAD + 1) // 4 - 1
    spare = (MAX_EVENT_BYTES - EVENT_OVERHEAD + 1) - 4 * (each + 1)
    fitting = [record(1, size=each + spare), *(record(n, size=each) for n in (2, 3, 4))]
    assert len(event_of(fitting)) == MAX_EVENT_BYTES
    state = ShardState(configured(batch_size=100, window=300))
    state.feed([*fitting, record(5)], now=0.0)
    assert numbers(delivered(state)) == [1, 2, 3, 4]
    state = ShardState(configured(batch_size=100, window=300))
    state.feed([record(1, size=each + spare + 1), *fitting[1:]], now=0.0)
    assert numbers(delivered(state)) == [1, 2, 3]


def test_a_record_too_large_for_any_event_goes_alone() -> None:
    """It is rejected by Lambda, and must neither vanish nor take others with it."""
    state = ShardState(configured(batch_size=100))
    state.feed([record(1, size=MAX_EVENT_BYTES + 1), record(2)], now=0.0)
    assert numbers(delivered(state)) == [1]


def test_one_batch_at_a_time_in_a_sub_shard() -> None:
    """Asking again before the last step was applied is a mistake of the caller."""
    state = ShardState(configured(batch_size=1))
    state.feed([record(1), record(2)], now=0.0)
    delivered(state)
    with pytest.raises(ValueError, match="applied first"):
        state.next_step(0, 0.0)


def test_records_over_the_age_are_given_up_before_delivery() -> None:
    """Only the records that are too old go to the destination; the rest of the batch is delivered."""
    state = ShardState(configured(batch_size=3, maximum_record_age=60))
    state.feed([record(1, arrived_at=0), record(2, arrived_at=39), record(3, arrived_at=41)], now=100.0)
    step = state.next_step(0, 100.0)
    assert isinstance(step, Discard)
    assert (numbers(step.discarded), step.discarded.condition) == ([1, 2], "RecordAgeExceeded")
    state.apply(0, Transition(discarded=step.discarded))
    assert state.checkpoint == 2
    assert numbers(delivered(state, now=100.0)) == [3]


def test_the_checkpoint_is_below_the_lowest_unfinished_record_of_all_sub_shards() -> None:
    """A sub-shard that is ahead does not move the shard's checkpoint past one that is behind."""
    state = ShardState(configured(batch_size=1, parallelization_factor=2))
    keys = {sub_shard: key for key in "abcdefgh" for sub_shard in [_sub_shard(key)]}
    state.feed([record(1, keys[0]), record(2, keys[1])], now=0.0)
    state.apply(1, Transition(delivered=delivered(state, 1).records))
    assert (state.checkpoint, state.backlog) == (None, 1)
    state.apply(0, Transition(delivered=delivered(state, 0).records))
    assert (state.checkpoint, state.backlog, state.buffered_bytes) == (2, 0, 0)


def _sub_shard(key: str) -> int:
    state = ShardState(configured(batch_size=1, parallelization_factor=2))
    state.feed([record(1, key)], now=0.0)
    return 0 if isinstance(state.next_step(0, 0.0), Deliver) else 1


def test_the_trace_recorded_on_aws() -> None:
    """Six records, BatchSize 3, 3 retries, the last always fails: it is delivered five times, four alone."""
    chosen = configured(batch_size=3, maximum_retry_attempts=3, report_failures=True)
    state, now, calls, discards = ShardState(chosen), 0.0, [], []
    state.feed([record(n) for n in range(1, 7)], now)
    while state.backlog:
        step = state.next_step(0, now)
        now += 3
        if isinstance(step, Deliver):
            calls.append(numbers(step.batch))
            bad = next((i for i, each in enumerate(step.batch.records) if each.sequence_number == 6), None)
            transition = decide(step.batch, Success() if bad is None else PartialFailure(bad), chosen, now)
            discards += [transition.discarded] if transition.discarded else []
            state.apply(0, transition)
    assert calls == [[1, 2, 3], [4, 5, 6], [6], [6], [6], [6]]
    assert [(numbers(d), d.condition, d.invocations) for d in discards] == [
        ([6], "RetryAttemptsExhausted", 4)
    ]
    assert state.checkpoint == 6


def test_other_settings_keep_the_unfinished_records_and_the_checkpoint() -> None:
    """A changed parallelization factor sorts what is unfinished into new sub-shards and forgets nothing."""
    state = ShardState(configured(batch_size=2))
    state.feed([record(n, f"key-{n}") for n in range(1, 8)], now=0.0)
    first = delivered(state)
    state.apply(0, Transition(delivered=first.records[:1], retries=(Batch(first.records[1:]),)))
    state.reconfigure(configured(batch_size=2, parallelization_factor=3), now=1.0)
    seen: list[int] = []
    for sub_shard in range(3):
        while isinstance(step := state.next_step(sub_shard, 1.0), Deliver):
            seen += numbers(step.batch)
            state.apply(sub_shard, Transition(delivered=step.batch.records))
    assert sorted(seen) == [2, 3, 4, 5, 6, 7]
    assert (state.checkpoint, state.backlog) == (7, 0)


def test_what_a_sub_shard_finished_ahead_of_the_checkpoint_is_not_delivered_again() -> None:
    """Sorting into new sub-shards takes only what is unfinished, also above the checkpoint."""
    state = ShardState(configured(batch_size=1, parallelization_factor=2))
    keys = {sub_shard: key for key in "abcdefgh" for sub_shard in [_sub_shard(key)]}
    state.feed([record(1, keys[0]), record(2, keys[1])], now=0.0)
    state.apply(1, Transition(delivered=delivered(state, 1).records))
    state.reconfigure(configured(batch_size=10), now=0.0)
    assert numbers(delivered(state)) == [1]


def test_settings_do_not_change_under_a_delivery() -> None:
    """Sub-shards must be at rest, or the result of the delivery would meet another sub-shard."""
    state = ShardState(configured())
    state.feed([record(1)], now=0.0)
    delivered(state)
    with pytest.raises(ValueError, match="no step in progress"):
        state.reconfigure(configured(), now=0.0)


OUTCOMES = st.one_of(
    st.just("success"), st.just("error"), st.just("throttle"), st.integers(min_value=0, max_value=30)
)


def outcome_of(drawn: str | int, batch: Batch) -> Outcome:
    """The outcome that was drawn, fitted to the batch."""
    if isinstance(drawn, int):
        return PartialFailure(drawn % len(batch.records))
    return {"success": Success(), "error": Failure(), "throttle": Throttled()}[drawn]


@settings(max_examples=300, deadline=None)
@given(
    records=st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(10, 3_000_000)), min_size=1, max_size=40
    ),
    reads=st.lists(st.integers(1, 10), min_size=1, max_size=10),
    batch_size=st.integers(1, 10),
    factor=st.integers(1, 4),
    retries=st.integers(0, 3),
    bisect=st.booleans(),
    age=st.sampled_from([-1, 60]),
    window=st.sampled_from([0, 2]),
    drawn=st.lists(OUTCOMES, max_size=60),
    pick=st.randoms(use_true_random=False),
)
def test_every_record_is_delivered_or_discarded_once_and_in_order(
    *,
    records: list[tuple[str, int]],
    reads: list[int],
    batch_size: int,
    factor: int,
    retries: int,
    bisect: bool,
    age: int,
    window: int,
    drawn: list[str | int],
    pick: random.Random,
) -> None:
    """Whatever the function answers, nothing is skipped or finished twice, and each key keeps its order."""
    chosen = configured(
        batch_size=batch_size,
        parallelization_factor=factor,
        maximum_retry_attempts=retries,
        maximum_record_age=age,
        window=window,
        bisect=bisect,
    )
    incoming = [record(n, key, size=size, arrived_at=n) for n, (key, size) in enumerate(records, start=1)]
    state, now, script, under_way = ShardState(chosen), 50.0, list(drawn), {}
    finished: list[int] = []
    checkpoints = [0]
    order: dict[str, list[int]] = defaultdict(list)
    for _ in range(20_000):
        if incoming:
            count = reads[len(incoming) % len(reads)]
            state.feed(incoming[:count], now)
            incoming = incoming[count:]
        elif not state.backlog:
            break
        sub_shard = pick.randrange(factor)
        if sub_shard in under_way:
            transition = under_way.pop(sub_shard)
            state.apply(sub_shard, transition)
            gone = [*transition.delivered, *(transition.discarded.records if transition.discarded else ())]
            for each in gone:
                finished.append(each.sequence_number)
                order[each.partition_key].append(each.sequence_number)
            checkpoints.append(state.checkpoint or 0)
            continue
        now += pick.choice([0.0, 0.5, 2.0])
        step = state.next_step(sub_shard, now)
        if isinstance(step, Discard):
            under_way[sub_shard] = Transition(discarded=step.discarded)
        elif isinstance(step, Deliver):
            batch = step.batch
            assert 1 <= len(batch.records) <= batch_size
            assert len(batch.records) == 1 or len(event_of(batch.records)) <= MAX_EVENT_BYTES
            busy = {each.partition_key for other in under_way.values() for each in _all(other)}
            assert busy.isdisjoint(each.partition_key for each in batch.records)
            answered = outcome_of(script.pop() if script else "success", batch)
            under_way[sub_shard] = decide(batch, answered, chosen, now)
            assert sorted(each.sequence_number for each in _all(under_way[sub_shard])) == numbers(batch)
    assert sorted(finished) == list(range(1, len(records) + 1))
    assert all(sequence == sorted(sequence) for sequence in order.values())
    assert checkpoints == sorted(checkpoints)
    assert (state.checkpoint, state.backlog, state.buffered_bytes) == (len(records), 0, 0)


def _all(transition: Transition) -> list[Record]:
    retries = [each for batch in transition.retries for each in batch.records]
    return [*transition.delivered, *(transition.discarded.records if transition.discarded else ()), *retries]
