"""A mapping that is changed, deleted or cut off while it works: what breaks it, and loses nothing."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from smartcat.local_aws.event_source_mapping.mappings import EventSourceMappings
from smartcat.local_aws.event_source_mapping.settings import MappingSettings
from smartcat.local_aws.lambda_runtime.host import InvokeResult
from support.mapping_harness import PythonHost, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from support.mapping_harness import Delivered, MappingHarness


class Gate:
    """A function that does not return before it may."""

    def __init__(self) -> None:
        self.entered, self.release = threading.Event(), threading.Event()

    def __call__(self, records: list[Delivered]) -> object:
        self.entered.set()
        assert self.release.wait(30)
        return {"batchItemFailures": [{"itemIdentifier": r.number} for r in records if r.data == "fail"]}


def test_a_change_takes_effect_when_the_invocation_under_way_has_ended(harness: MappingHarness) -> None:
    """The batch in flight is neither cut short nor delivered again; the next one has the new size."""
    harness.respond = gate = Gate()
    harness.put(*(f"r{n}" for n in range(6)))
    harness.map(BatchSize=2)
    assert gate.entered.wait(30)
    assert harness.update(BatchSize=4)["State"] == "Updating"
    gate.release.set()
    harness.wait_for(delivered=6)
    assert harness.batches() == [["r0", "r1"], ["r2", "r3", "r4", "r5"]]


def test_a_shard_that_a_failing_batch_blocks_is_freed_by_a_change(harness: MappingHarness) -> None:
    """Halving and a limit of retries, switched on while the batch is retried, apply to it."""
    harness.put("1", "2", "bad", "4")
    harness.map(BatchSize=4)
    wait_until(lambda: len(harness.calls) >= 3, "the batch is retried")
    harness.update(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    harness.wait_for(delivered=3, discarded=1)
    assert harness.batches()[-4:] == [["1", "2"], ["bad", "4"], ["bad"], ["4"]]


def test_partial_responses_switched_on_in_the_middle_count_from_then_on(harness: MappingHarness) -> None:
    """The response of the invocation under way is read by the settings it began with."""
    harness.respond = gate = Gate()
    harness.put("1", "fail")
    harness.map(BatchSize=2, MaximumRetryAttempts=0)
    assert gate.entered.wait(30)
    harness.update(FunctionResponseTypes=["ReportBatchItemFailures"])
    gate.release.set()
    harness.wait_for(delivered=2)
    harness.put("2", "fail")
    harness.wait_for(delivered=3, discarded=1)


def test_another_function_takes_over_between_two_batches(
    harness: MappingHarness, build: Callable[..., MappingHarness]
) -> None:
    """UpdateEventSourceMapping with a FunctionName: the rest goes to it, from the same place."""
    other = build()
    harness.put("1")
    harness.map()
    harness.wait_for(delivered=1)
    harness.update(FunctionName=other.name)
    harness.put("2")
    harness.wait_for(delivered=2)
    assert (harness.batches(), other.batches()) == ([["1"]], [["2"]])


def test_two_changes_at_once_are_both_kept(harness: MappingHarness) -> None:
    """Neither starts from settings that lack the other."""
    harness.map(Enabled=False)
    harness.settle()
    both = threading.Barrier(2)
    plain = MappingSettings.updated

    def updated(settings: MappingSettings, request: Mapping[str, Any]) -> MappingSettings:
        result = plain(settings, request)
        try:
            both.wait(0.3)  # gives the other change the time to start from the same settings, were it let
        except threading.BrokenBarrierError:
            both.reset()
        return result

    changes = ({"BatchSize": 7}, {"MaximumRetryAttempts": 9})
    with mock.patch.object(MappingSettings, "updated", updated):
        threads = [threading.Thread(target=harness.update, kwargs=change) for change in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    shown = harness.clients["lambda"].get_event_source_mapping(UUID=harness.uuid)
    assert (shown["BatchSize"], shown["MaximumRetryAttempts"]) == (7, 9)


def test_a_mapping_is_deleted_when_its_invocation_has_ended_and_its_successor_starts_afresh(
    harness: MappingHarness,
) -> None:
    """Until then it cannot be changed or replaced; a new mapping knows nothing of the old one's place."""
    harness.respond = gate = Gate()
    harness.put("1", "2")
    first = harness.map(BatchSize=1)["UUID"]
    client = harness.clients["lambda"]
    assert gate.entered.wait(30)
    assert client.delete_event_source_mapping(UUID=first)["State"] == "Deleting"
    for call in (client.update_event_source_mapping, client.delete_event_source_mapping):
        with pytest.raises(client.exceptions.ResourceInUseException):
            call(UUID=first)
    with pytest.raises(client.exceptions.ResourceConflictException, match=first):
        harness.map()
    gate.release.set()
    wait_until(lambda: first not in harness.local.gauges()["mappings"], "the mapping is deleted")
    assert harness.batches() == [["1"]]
    assert harness.map(BatchSize=1)["UUID"] != first
    harness.wait_for(delivered=2)
    assert harness.batches() == [["1"], ["1"], ["2"]]


def test_a_function_that_is_missing_for_a_while_uses_no_retry(harness: MappingHarness) -> None:
    """Deleted and created again: the batch waits, and the mapping says what is wrong."""
    harness.put("1")
    harness.map(MaximumRetryAttempts=0, Enabled=False)
    harness.settle()
    function = PythonHost.functions.pop(harness.name)
    harness.update(Enabled=True)
    wait_until(lambda: harness.gauges()["throttles"] >= 2, "the mapping has looked for its function")
    shown = harness.clients["lambda"].get_event_source_mapping(UUID=harness.uuid)
    assert shown["LastProcessingResult"] == "PROBLEM: Function not found"
    PythonHost.functions[harness.name] = function
    harness.wait_for(delivered=1)


def test_latest_misses_nothing_when_the_first_reads_fail(harness: MappingHarness) -> None:
    """A second iterator of LATEST would begin after what arrived since the first."""
    harness.put("old")
    harness.local.set_faults(
        [{"service": "kinesis", "operation": "GetRecords", "resource": harness.name, "kind": "error"}]
    )
    try:
        harness.map(StartingPosition="LATEST")
        harness.settle()
        harness.put("1", "2")
        shown = harness.clients["lambda"].get_event_source_mapping
        wait_until(
            lambda: shown(UUID=harness.uuid)["LastProcessingResult"].startswith("PROBLEM"),
            "a read has failed",
        )
    finally:
        harness.local.set_faults([])
    harness.wait_for(delivered=2)
    assert [each.data for each in harness.received()] == ["1", "2"]


def test_stopping_does_not_wait_for_a_long_invocation(harness: MappingHarness) -> None:
    """A function that is still running does not hold up the end; its thread ends with the invocation."""
    started, release = threading.Event(), threading.Event()

    def invoke(_arn: str, _payload: bytes) -> InvokeResult:
        started.set()
        release.wait(60)
        return InvokeResult(200, b"null")

    mappings = EventSourceMappings(harness.local.endpoint_url, invoke)
    harness.put("1")
    mappings.create(
        {"FunctionName": "f", "EventSourceArn": harness.stream_arn, "StartingPosition": "TRIM_HORIZON"}
    )
    assert started.wait(20)
    before = time.monotonic()
    mappings.stop()
    assert time.monotonic() - before < 10
    release.set()
    wait_until(
        lambda: not any(thread.name.startswith("shardId-") for thread in threading.enumerate()),
        "no thread is left",
    )


def test_resharding_and_changes_under_load_lose_nothing_and_keep_each_keys_order(
    build: Callable[..., MappingHarness],
) -> None:
    """Splits, merges, other sub-shards and sizes, rests, errors and partial responses, all at once."""
    harness, rng = build(shards=2), random.Random(20)  # noqa: S311 - to be repeatable
    lock, seen, sent = threading.Lock(), defaultdict[str, list[int]](list), defaultdict[str, int](int)

    def respond(batch: list[Delivered]) -> object:
        with lock:
            drawn, cut = rng.random(), rng.randrange(len(batch))
        if drawn < 0.1:
            raise ValueError("now and then")
        stop = cut if drawn < 0.3 else len(batch)
        with lock:
            for each in batch[:stop]:
                seen[each.key].append(int(each.data))
        return {"batchItemFailures": [{"itemIdentifier": each.number} for each in batch[stop : stop + 1]]}

    harness.respond = respond
    harness.map(
        BatchSize=20,
        ParallelizationFactor=4,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    for change in _changes(harness):
        for _ in range(10):
            harness.put_keyed(_next_records(sent, 6))
        change()
    harness.wait_for(delivered=sum(sent.values()))
    assert seen == {key: list(range(count)) for key, count in sent.items()}


def _next_records(sent: dict[str, int], count: int) -> Iterator[tuple[str, str]]:
    """Yield records of changing keys, each with its key's next number."""
    for _ in range(count):
        key = f"key-{random.Random(sum(sent.values())).randrange(30)}"  # noqa: S311 - to be repeatable
        yield key, str(sent[key])
        sent[key] += 1


def _changes(harness: MappingHarness) -> list[Callable[[], object]]:
    def split() -> None:
        widest = harness.open_shards()[0]["HashKeyRange"]
        harness.split(harness.open_shards()[0]["ShardId"], int(widest["EndingHashKey"]) // 2)

    def merge() -> None:
        first, second, *_ = (shard["ShardId"] for shard in harness.open_shards())
        harness.merge(first, second)

    return [
        split,
        lambda: harness.update(ParallelizationFactor=10),
        merge,
        lambda: harness.update(Enabled=False),
        split,
        lambda: harness.update(Enabled=True, BatchSize=3),
        merge,
        lambda: harness.update(ParallelizationFactor=1),
    ]
