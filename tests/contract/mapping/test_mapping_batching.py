"""When a batch is delivered, what is in it, and what runs beside it."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smartcat.local_aws.event_source_mapping.records import MAX_EVENT_BYTES, RecordFormat, event_of
from smartcat.local_aws.lambda_runtime.host import InvokeResult
from support.mapping_harness import wait_until
from support.shard_run import answer, record, records, run_shard

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.mapping_harness import Delivered, MappingHarness

KIB, MIB = 1024, 1024 * 1024


def succeed(_numbers: list[int]) -> InvokeResult:
    """Answer as a function that is done with its batch."""
    return answer({"batchItemFailures": []})


def test_a_full_batch_is_delivered_at_once() -> None:
    """The window is not waited for once BatchSize records are there."""
    run = run_shard(records(6), succeed, batch_size=3, window=300, until=299)
    assert [(each.at, each.numbers) for each in run.deliveries] == [(0, [1, 2, 3]), (0, [4, 5, 6])]


def test_a_batch_that_is_not_full_is_delivered_when_its_window_is_over() -> None:
    """The window begins with the batch's first record; what comes meanwhile joins it."""
    arriving = [record(1, arrived_at=10), record(2, arrived_at=14), record(3, arrived_at=16)]
    run = run_shard(arriving, succeed, batch_size=100, window=5)
    assert [(each.at, each.numbers) for each in run.deliveries] == [(15, [1, 2]), (21, [3])]


def test_without_a_window_what_is_there_is_delivered_at_once() -> None:
    """A batch of one does not wait for a second record."""
    run = run_shard([record(1, arrived_at=1), record(2, arrived_at=2)], succeed, batch_size=100)
    assert [(each.at, each.numbers) for each in run.deliveries] == [(1, [1]), (2, [2])]


def test_a_batch_is_delivered_when_its_event_reaches_six_megabytes() -> None:
    """Neither the window nor the batch size is waited for, and what does not fit comes next."""
    run = run_shard(records(5, size=2 * MIB), succeed, batch_size=100, window=300, until=299)
    assert [(each.at, each.numbers) for each in run.deliveries] == [(0, [1, 2]), (0, [3, 4])]


def test_six_megabytes_count_the_base64_and_the_fields_around_it() -> None:
    """Records of 1 MiB fill an event with four of them, and the event is within the payload limit."""
    moment = datetime.fromtimestamp(0, UTC)
    made = RecordFormat("arn:aws:kinesis:eu-central-1:123456789012:stream/s", "shardId-000000000000")
    incoming = [made.record(str(number), "key", bytes(MIB), moment) for number in range(1, 10)]
    run = run_shard(incoming, succeed, batch_size=100)
    assert run.batches == [[1, 2, 3, 4], [5, 6, 7, 8], [9]]
    assert len(event_of(incoming[:4])) <= MAX_EVENT_BYTES < len(event_of(incoming[:5]))


def test_a_record_over_six_megabytes_goes_alone_and_every_delivery_of_it_fails() -> None:
    """Lambda rejects the event, which uses up the retries; the records around it are not held up for good."""

    def reject_large(numbers: list[int]) -> InvokeResult:
        return InvokeResult(413, b"") if 2 in numbers else succeed(numbers)

    incoming = [record(1), record(2, size=MAX_EVENT_BYTES + 1), record(3)]
    run = run_shard(incoming, reject_large, batch_size=100, maximum_retry_attempts=1)
    assert run.batches == [[1], [2], [2], [3]]
    assert (run.done, run.discarded) == ([1, 3], [([2], "RetryAttemptsExhausted", 2)])


def test_records_are_delivered_once_in_order_and_in_full_batches(harness: MappingHarness) -> None:
    """A backlog of a shard with nothing going wrong."""
    sent = [f"r{n}" for n in range(25)]
    harness.put(*sent)
    harness.map(BatchSize=10)
    harness.wait_for(delivered=25)
    assert harness.batches() == [sent[:10], sent[10:20], sent[20:]]
    assert harness.gauges()["checkpoints"] == {"shardId-000000000000": "25"}


def test_a_batch_holds_records_of_one_shard(build: Callable[..., MappingHarness]) -> None:
    """Two shards are two batches at least, however large a batch may be."""
    harness = build(shards=2)
    harness.put(*(f"r{n}" for n in range(40)))
    harness.map(BatchSize=10_000)
    harness.wait_for(delivered=40)
    assert all(len({each.shard for each in batch}) == 1 for batch in harness.calls)
    assert len({each.shard for each in harness.received()}) == 2


def test_as_many_batches_of_a_shard_are_under_way_as_its_parallelization_factor(
    harness: MappingHarness,
) -> None:
    """With every invocation held up there are three at once, and never four."""
    release, now_running, most = threading.Event(), [0], [0]
    lock = threading.Lock()

    def hold(_records: list[Delivered]) -> None:
        with lock:
            now_running[0] += 1
            most[0] = max(most[0], now_running[0])
        assert release.wait(30)
        with lock:
            now_running[0] -= 1

    harness.respond = hold
    harness.put(*(f"r{n}" for n in range(60)))
    harness.map(BatchSize=2, ParallelizationFactor=3)
    wait_until(lambda: most[0] == 3, "three invocations are under way")
    release.set()
    harness.wait_for(delivered=60)
    assert most == [3]


def test_no_key_is_in_two_batches_at_once_and_each_keeps_its_order(harness: MappingHarness) -> None:
    """Ten batches at once, keys that share sub-shards, and failures in between."""
    lock, under_way, seen = threading.Lock(), set[str](), defaultdict[str, list[int]](list)
    clashes: list[set[str]] = []
    attempts: dict[str, int] = defaultdict(int)

    def respond(batch: list[Delivered]) -> object:
        keys = {each.key for each in batch}
        with lock:
            clashes.extend([keys & under_way] if keys & under_way else [])
            under_way.update(keys)
        stop = next((n for n, each in enumerate(batch) if _stumbles(attempts, each)), len(batch))
        for each in batch[:stop]:
            seen[each.key].append(int(each.data))
        with lock:
            under_way.difference_update(keys)
        return {"batchItemFailures": [{"itemIdentifier": each.number} for each in batch[stop : stop + 1]]}

    harness.respond = respond
    harness.put_keyed((f"key-{n % 23}", str(n)) for n in range(150))
    harness.map(BatchSize=4, ParallelizationFactor=10, FunctionResponseTypes=["ReportBatchItemFailures"])
    harness.wait_for(delivered=150)
    assert clashes == []
    assert all(order == sorted(order) for order in seen.values())
    assert sorted(n for order in seen.values() for n in order) == list(range(150))


def _stumbles(attempts: dict[str, int], each: Delivered) -> bool:
    attempts[each.data] += 1
    return int(each.data) % 10 == 0 and attempts[each.data] == 1
