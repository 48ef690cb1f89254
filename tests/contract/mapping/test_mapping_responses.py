"""What a function's response says about its batch: partial responses, full success, full failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartcat.local_aws.lambda_runtime.host import InvokeResult
from support.shard_run import ERROR, answer, failed, records, run_shard

if TYPE_CHECKING:
    from support.shard_run import ShardRun


def run(*results: InvokeResult, count: int = 6, **settings: Any) -> ShardRun:
    """Deliver `count` records in one batch to a function that answers so, and then is done with all."""
    script = iter(results)
    chosen = {"batch_size": count, "report_failures": True, **settings}
    return run_shard(records(count), lambda _: next(script, failed()), **chosen)


def test_a_partial_response_cuts_the_batch_at_the_returned_sequence_number() -> None:
    """Records before it are done; it and those after it are delivered again, whether they failed or not."""
    found = run(failed("3"))
    assert found.batches == [[1, 2, 3, 4, 5, 6], [3, 4, 5, 6]]
    assert found.done == [1, 2, 3, 4, 5, 6]


def test_a_cut_is_not_halved() -> None:
    """With both switched on a partial response is cut at its number, and only the rest is delivered again."""
    found = run(failed("3"), failed("5"), bisect=True)
    assert found.batches == [[1, 2, 3, 4, 5, 6], [3, 4, 5, 6], [5, 6]]


def test_the_lowest_of_several_returned_numbers_is_the_checkpoint() -> None:
    """Whatever their order; the records between them come again too."""
    assert run(failed("5", "2", "6")).batches == [[1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6]]


def test_the_lowest_number_is_found_by_value_and_not_by_its_digits() -> None:
    """Nine comes before ten."""
    assert run(failed("10", "9"), count=12).batches[1] == [9, 10, 11, 12]


def test_a_number_that_is_returned_twice_counts_once() -> None:
    """Duplicates change nothing."""
    assert run(failed("4", "4")).batches == [[1, 2, 3, 4, 5, 6], [4, 5, 6]]


def test_a_number_that_is_not_in_the_batch_fails_the_whole_batch() -> None:
    """Alone or beside a good one: no record counts as done."""
    for numbers in (["99"], ["3", "99"]):
        found = run(failed(*numbers), maximum_retry_attempts=0)
        assert (found.done, found.discarded) == ([], [([1, 2, 3, 4, 5, 6], "RetryAttemptsExhausted", 1)])


def test_a_number_of_a_record_that_is_done_already_fails_the_whole_batch() -> None:
    """After a cut the earlier records are no longer part of the batch."""
    found = run(failed("4"), failed("2"), maximum_retry_attempts=0)
    assert (found.done, found.discarded) == ([1, 2, 3], [([4, 5, 6], "RetryAttemptsExhausted", 1)])


def test_progress_starts_a_fresh_count_of_retries() -> None:
    """A batch that is cut each time needs no retries, and a retry that was used comes back with a cut."""
    found = run(*(failed(str(number)) for number in (2, 3, 4, 5, 6)), maximum_retry_attempts=0)
    assert (found.done, found.discarded) == ([1, 2, 3, 4, 5, 6], [])
    found = run(failed("1"), failed("3"), failed("3"), failed("5"), ERROR, maximum_retry_attempts=1)
    assert (found.done, found.discarded) == ([1, 2, 3, 4, 5, 6], [])


def test_partial_failures_without_progress_use_up_the_retries() -> None:
    """A response that names the batch's first record leaves the batch as it is, and counts."""
    found = run(failed("1"), failed("1"), failed("1"), maximum_retry_attempts=2, bisect=True)
    assert found.batches == [[1, 2, 3, 4, 5, 6]] * 3
    assert found.discarded == [([1, 2, 3, 4, 5, 6], "RetryAttemptsExhausted", 3)]


def test_the_recorded_scenario_is_five_deliveries_and_a_count_of_four() -> None:
    """Six records in batches of three, three retries, the sixth always reported, as recorded on AWS."""

    def sixth_fails(numbers: list[int]) -> InvokeResult:
        return failed(*(str(number) for number in numbers if number == 6))

    found = run_shard(records(6), sixth_fails, batch_size=3, maximum_retry_attempts=3, report_failures=True)
    assert found.batches == [[1, 2, 3], [4, 5, 6], [6], [6], [6], [6]]
    assert found.discarded == [([6], "RetryAttemptsExhausted", 4)]


@pytest.mark.parametrize(
    "response",
    [[], None, {}, "", {"batchItemFailures": []}, {"batchItemFailures": None}],
    ids=["empty list", "null", "empty object", "empty text", "empty failures", "null failures"],
)
def test_an_empty_response_of_any_kind_is_a_full_success(response: object) -> None:
    """Each form that AWS documents or was recorded with; the batch is delivered once."""
    found = run(answer(response))
    assert (found.batches, found.done) == ([[1, 2, 3, 4, 5, 6]], [1, 2, 3, 4, 5, 6])


def test_no_response_at_all_is_a_full_success() -> None:
    """A runtime that answers with no bytes."""
    assert run(InvokeResult(200, b"")).done == [1, 2, 3, 4, 5, 6]


def test_a_wrong_top_level_key_is_a_full_success() -> None:
    """It fails open: what the function meant to report is lost. Not in AWS's text; reported, and likely."""
    found = run(answer({"failedItems": [{"itemIdentifier": "2"}]}))
    assert (found.batches, found.done) == ([[1, 2, 3, 4, 5, 6]], [1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize(
    "items",
    [
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{"itemIdentifier": "not-a-number"}],
        [{"itemId": "3"}],
        [{}],
        ["3"],
        [{"itemIdentifier": "3"}, {"itemIdentifier": ""}],
        "3",
    ],
    ids=["empty", "null", "unknown", "bad key", "no key", "bare", "one of two empty", "no list"],
)
def test_an_unusable_identifier_fails_the_whole_batch(items: object) -> None:
    """No record counts as done, and the batch is retried whole."""
    found = run(answer({"batchItemFailures": items}), maximum_retry_attempts=1)
    assert (found.batches, found.done) == ([[1, 2, 3, 4, 5, 6]] * 2, [1, 2, 3, 4, 5, 6])


def test_a_response_nested_without_end_fails_the_whole_batch() -> None:
    """What cannot be read reports nothing, and must not stop the shard either."""
    assert run(InvokeResult(200, b"[" * 200_000), maximum_retry_attempts=0).discarded != []


def test_an_unusable_identifier_halves_the_batch_where_halving_is_on() -> None:
    """A full failure is treated as an error is."""
    assert run(failed(""), bisect=True).batches == [[1, 2, 3, 4, 5, 6], [1, 2, 3], [4, 5, 6]]


def test_an_exception_fails_the_whole_batch() -> None:
    """Whatever the error object holds, even what looks like a partial response."""
    raised = InvokeResult(200, failed("3").payload, "Unhandled")
    for result in (ERROR, raised):
        assert run(result, maximum_retry_attempts=1).batches == [[1, 2, 3, 4, 5, 6]] * 2


def test_partial_responses_count_for_nothing_unless_they_are_switched_on() -> None:
    """Without ReportBatchItemFailures any response without an error is a full success."""
    for result in (failed("3"), failed(""), answer("text")):
        found = run(result, report_failures=False)
        assert (found.batches, found.done) == ([[1, 2, 3, 4, 5, 6]], [1, 2, 3, 4, 5, 6])
