"""What becomes of a batch whose invocation fails: retries, halving, throttling, age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.mapping_harness import wait_until
from support.shard_run import ERROR, THROTTLED, answer, failed, record, records, run_shard

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartcat.local_aws.lambda_runtime.host import InvokeResult
    from support.mapping_harness import MappingHarness

HOUR = 3600.0


def failing(*bad: int) -> Callable[[list[int]], InvokeResult]:
    """Give a function that raises for a batch with any of these records."""
    return lambda numbers: ERROR if set(bad) & set(numbers) else answer(None)


def test_a_failing_batch_blocks_its_shard_without_end_by_default() -> None:
    """Retries and age are unlimited unless they are set: nothing behind the batch is delivered."""
    run = run_shard(records(5), failing(1), batch_size=2, until=HOUR)
    assert len(run.batches) > 1000
    assert {tuple(batch) for batch in run.batches} == {(1, 2)}
    assert (run.done, run.discarded, run.checkpoint, run.backlog) == ([], [], None, 5)


def test_a_failing_batch_holds_up_only_the_keys_of_its_sub_shard() -> None:
    """With a parallelization factor the other sub-shards of the shard go on."""
    keys = [record(number, f"key-{number}") for number in range(1, 41)]
    run = run_shard(keys, failing(1), batch_size=1, parallelization_factor=4, until=60)
    (blocked,) = {each.sub_shard for each in run.deliveries if each.numbers == [1]}
    assert {each.sub_shard for each in run.deliveries} == {0, 1, 2, 3}
    assert {each.sub_shard for each in run.deliveries if each.numbers[0] in run.done} == {0, 1, 2, 3} - {
        blocked
    }
    assert run.checkpoint is None


def test_a_batch_is_invoked_once_more_than_it_has_retries_and_then_given_up() -> None:
    """MaximumRetryAttempts counts retries; the whole batch goes, and the shard moves on."""
    run = run_shard(records(3), failing(1), batch_size=2, maximum_retry_attempts=3)
    assert run.batches == [[1, 2]] * 4 + [[3]]
    assert (run.done, run.discarded) == ([3], [([1, 2], "RetryAttemptsExhausted", 4)])


def test_without_retries_a_failing_batch_is_invoked_once() -> None:
    """MaximumRetryAttempts 0."""
    run = run_shard(records(2), failing(1), batch_size=1, maximum_retry_attempts=0)
    assert (run.batches, run.discarded) == ([[1], [2]], [([1], "RetryAttemptsExhausted", 1)])


def test_a_retried_batch_comes_before_anything_newer() -> None:
    """What arrives while a batch is retried waits for it, and does not join it."""
    attempts = iter([ERROR, ERROR])
    arriving = [record(1), record(2, arrived_at=0.1), record(3, arrived_at=0.1)]
    run = run_shard(arriving, lambda _: next(attempts, answer(None)), batch_size=10)
    assert run.batches == [[1], [1], [1], [2, 3]]


def test_a_throttled_invocation_uses_no_retry() -> None:
    """The batch waits whole with the count it had, even where it has no retries."""
    attempts = iter([THROTTLED] * 50 + [ERROR] + [THROTTLED] * 50)
    run = run_shard(
        records(2), lambda _: next(attempts, answer(None)), maximum_retry_attempts=1, bisect=False
    )
    assert run.batches == [[1, 2], [1, 2]]
    assert (len(run.deliveries), run.done, run.discarded) == (102, [1, 2], [])


def test_a_throttled_batch_is_not_halved() -> None:
    """Halving answers a function's error, and there was no invocation."""
    attempts = iter([THROTTLED] * 3)
    run = run_shard(records(4), lambda _: next(attempts, answer(None)), bisect=True)
    assert [each.numbers for each in run.deliveries] == [[1, 2, 3, 4]] * 4


def test_a_throttled_batch_is_given_up_at_its_maximum_age() -> None:
    """Throttling is retried until the age is over, and not for ever."""
    run = run_shard(records(2), lambda _: THROTTLED, maximum_record_age=60, maximum_retry_attempts=0)
    assert run.discarded == [([1, 2], "RecordAgeExceeded", 0)]
    assert 58 < run.deliveries[-1].at <= 60


def test_halving_uses_no_retry() -> None:
    """Eight records without retries: halves are invoked down to the one that fails, which alone is lost."""
    run = run_shard(records(8), failing(5), batch_size=8, maximum_retry_attempts=0, bisect=True)
    assert run.batches == [[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [6], [7, 8]]
    assert run.discarded == [([5], "RetryAttemptsExhausted", 1)]


def test_a_batch_of_one_is_retried_and_not_halved() -> None:
    """What halving has isolated uses its retries."""
    run = run_shard(records(2), failing(2), maximum_retry_attempts=2, bisect=True)
    assert run.batches == [[1, 2], [1], [2], [2], [2]]
    assert run.discarded == [([2], "RetryAttemptsExhausted", 3)]


def test_halves_are_delivered_in_order_and_before_anything_newer() -> None:
    """The order of the shard survives halving."""
    run = run_shard(records(6), failing(2), batch_size=4, maximum_retry_attempts=0, bisect=True)
    assert run.batches == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4], [5, 6]]
    assert run.done == [1, 3, 4, 5, 6]


def test_an_error_halves_the_whole_batch_even_where_partial_responses_are_on() -> None:
    """An invocation that raises has returned no number to cut at."""
    attempts = iter([ERROR])
    run = run_shard(
        records(8), lambda _: next(attempts, failed()), batch_size=8, bisect=True, report_failures=True
    )
    assert run.batches == [[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8]]


def test_records_over_the_maximum_age_are_given_up_without_an_invocation() -> None:
    """The rest of their batch is delivered; at exactly the maximum age a record still is."""
    old = [
        record(1, arrived_at=0),
        record(2, arrived_at=39),
        record(3, arrived_at=40),
        record(4, arrived_at=90),
    ]
    run = run_shard(old, failing(), start=100, maximum_record_age=60)
    assert (run.batches, run.discarded) == ([[3, 4]], [([1, 2], "RecordAgeExceeded", 0)])


def test_a_batch_that_becomes_too_old_while_it_is_retried_is_given_up() -> None:
    """Unlimited retries end at the maximum age, with the invocations so far in the message."""
    run = run_shard([*records(2), record(3, arrived_at=30)], failing(1, 2), maximum_record_age=60)
    ((numbers, condition, invocations),) = run.discarded
    assert (numbers, condition, run.done) == ([1, 2], "RecordAgeExceeded", [3])
    assert invocations == run.batches.count([1, 2]) > 20


def test_the_checkpoint_passes_over_what_was_given_up() -> None:
    """Discarded is finished: the shard does not come back to it."""
    run = run_shard(records(3), failing(1, 2, 3), batch_size=1, maximum_retry_attempts=0)
    assert (run.done, run.checkpoint, run.backlog) == ([], 3, 0)


def test_nothing_is_discarded_while_the_function_may_not_run(harness: MappingHarness) -> None:
    """A function at its concurrency limit, through the service: all is delivered once there is room."""
    harness.throttled = True
    harness.put("1", "2")
    harness.map(MaximumRetryAttempts=0)
    wait_until(lambda: harness.gauges()["throttles"] >= 3, "some invocations were throttled")
    assert harness.batches() == []
    harness.throttled = False
    harness.wait_for(delivered=2)
    assert harness.batches() == [["1", "2"]]
