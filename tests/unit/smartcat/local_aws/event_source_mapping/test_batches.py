"""What follows from the outcome of a batch."""

from __future__ import annotations

from typing import Any

import pytest

from smartcat.local_aws.event_source_mapping.batches import (
    Batch,
    Failure,
    PartialFailure,
    Success,
    Throttled,
    decide,
    retry_delay,
    split_expired,
)
from smartcat.local_aws.event_source_mapping.records import Record
from smartcat.local_aws.event_source_mapping.settings import MappingSettings


def configured(**changes: Any) -> MappingSettings:
    """Settings with some changes."""
    return MappingSettings(function_arn="f", stream_arn="arn:aws:kinesis:r:1:stream/s", **changes)


RECORDS = tuple(Record(n, "k", float(n), b"{}") for n in range(1, 9))


def test_success_finishes_the_batch() -> None:
    """All records are delivered and nothing comes again."""
    transition = decide(Batch(RECORDS), Success(), configured(), 0.0)
    assert (transition.delivered, transition.discarded, transition.retries) == (RECORDS, None, ())


def test_a_partial_response_with_progress_starts_a_new_count() -> None:
    """Records before the cut are done, and the rest has its full retries, even on the last attempt."""
    batch = Batch(RECORDS, failures=3)
    transition = decide(batch, PartialFailure(2), configured(maximum_retry_attempts=3, bisect=True), 10.0)
    assert transition.delivered == RECORDS[:2]
    assert transition.retries == (Batch(RECORDS[2:], failures=0, not_before=10.1),)


def test_a_partial_response_without_progress_is_counted_and_not_halved() -> None:
    """Bisecting at the first record leaves the whole batch: it is retried as it is until retries run out."""
    chosen = configured(maximum_retry_attempts=1, bisect=True)
    first = decide(Batch(RECORDS), PartialFailure(0), chosen, 0.0)
    assert [(each.records, each.failures) for each in first.retries] == [(RECORDS, 1)]
    second = decide(first.retries[0], PartialFailure(0), chosen, 0.0)
    assert second.discarded is not None
    assert (second.discarded.records, second.discarded.invocations) == (RECORDS, 2)


def test_halving_uses_no_retry() -> None:
    """An error with bisect splits the batch in order; the halves keep the count they had."""
    transition = decide(Batch(RECORDS), Failure(), configured(maximum_retry_attempts=0, bisect=True), 0.0)
    assert [each.records for each in transition.retries] == [RECORDS[:4], RECORDS[4:]]
    assert [each.failures for each in transition.retries] == [0, 0]


def test_bisecting_down_to_the_poison_discards_only_it() -> None:
    """Eight records, one poison, no retries: seven are delivered and one is discarded."""
    chosen = configured(maximum_retry_attempts=0, bisect=True)
    waiting, delivered, discarded = [Batch(RECORDS)], [], []
    while waiting:
        batch = waiting.pop(0)
        poisoned = any(record.sequence_number == 5 for record in batch.records)
        transition = decide(batch, Failure() if poisoned else Success(), chosen, 0.0)
        waiting[:0] = transition.retries
        delivered += [record.sequence_number for record in transition.delivered]
        gone = transition.discarded.records if transition.discarded else ()
        discarded += [record.sequence_number for record in gone]
    assert (delivered, discarded) == ([1, 2, 3, 4, 6, 7, 8], [5])


@pytest.mark.parametrize(("retries", "invocations"), [(0, 1), (2, 3)])
def test_a_failing_batch_is_discarded_after_its_retries(retries: int, invocations: int) -> None:
    """MaximumRetryAttempts counts retries, so the function sees the batch once more than that."""
    chosen, batch, count = configured(maximum_retry_attempts=retries), Batch(RECORDS), 0
    while True:
        count += 1
        transition = decide(batch, Failure(), chosen, 0.0)
        if transition.discarded:
            break
        (batch,) = transition.retries
    assert (count, transition.discarded.invocations) == (invocations, invocations)
    assert transition.discarded.condition == "RetryAttemptsExhausted"


def test_without_a_limit_a_failing_batch_comes_again_for_ever() -> None:
    """-1 never discards; the pause grows and stays at two seconds."""
    transition = decide(Batch(RECORDS, failures=10_000), Failure(), configured(), 5.0)
    assert transition.retries == (Batch(RECORDS, failures=10_001, not_before=7.0),)


def test_a_throttled_invocation_uses_no_retry() -> None:
    """The batch waits and comes again whole, with the count it had."""
    chosen = configured(maximum_retry_attempts=0, bisect=True)
    transition = decide(Batch(RECORDS), Throttled(), chosen, 1.0)
    assert transition.retries == (Batch(RECORDS, throttles=1, not_before=1.1),)


def test_retry_delays() -> None:
    """0.1 s doubled up to 2 s, also for absurd counts."""
    assert [retry_delay(n) for n in (1, 2, 3, 5, 6, 10_000)] == [0.1, 0.2, 0.4, 1.6, 2.0, 2.0]


def test_age_is_exceeded_only_beyond_the_limit() -> None:
    """A record exactly at the limit is still delivered."""
    chosen = configured(maximum_record_age=60)
    assert split_expired(Batch(RECORDS[:1]), chosen, 61.0) == (None, Batch(RECORDS[:1]))
    discarded, rest = split_expired(Batch(RECORDS[:1], failures=2), chosen, 61.5)
    assert rest is None
    assert discarded is not None
    assert (discarded.records, discarded.condition, discarded.invocations) == (
        RECORDS[:1],
        "RecordAgeExceeded",
        2,
    )
