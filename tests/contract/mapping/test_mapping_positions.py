"""Where reading starts, how it goes on through resharding, and what a mapping keeps while it rests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from support.mapping_harness import FIRST_SHARD, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.mapping_harness import MappingHarness


def shard(number: int) -> str:
    """The name of a shard."""
    return f"shardId-{number:012d}"


def test_trim_horizon_starts_with_the_oldest_record(harness: MappingHarness) -> None:
    """What was in the stream before the mapping is delivered."""
    harness.put("old")
    harness.map(StartingPosition="TRIM_HORIZON")
    harness.wait_for(delivered=1)
    harness.put("new")
    harness.wait_for(delivered=2)
    assert harness.batches() == [["old"], ["new"]]


def test_latest_starts_with_what_comes_after_the_mapping_is_enabled(harness: MappingHarness) -> None:
    """Older records are not delivered."""
    harness.put("old")
    harness.map(StartingPosition="LATEST")
    harness.settle()
    harness.put("new")
    harness.wait_for(delivered=1)
    assert harness.batches() == [["new"]]


def test_at_timestamp_starts_with_the_first_record_from_that_time_on(harness: MappingHarness) -> None:
    """Records before it are not delivered, those after it are."""
    harness.put("old")
    harness.age(3600)
    harness.put("1", "2")
    harness.map(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=int(time.time()) - 600)
    harness.wait_for(delivered=2)
    assert harness.batches() == [["1", "2"]]


def test_a_starting_position_counts_only_for_the_shards_of_the_beginning(harness: MappingHarness) -> None:
    """With LATEST, shards that a split makes later are read from their start: nothing is missed."""
    harness.put("old")
    harness.map(StartingPosition="LATEST")
    harness.settle()
    harness.put("1")
    harness.split()
    harness.put("2", "3", "4")
    harness.wait_for(delivered=4)
    assert sorted(each.data for each in harness.received()) == ["1", "2", "3", "4"]


def test_children_of_a_split_are_read_after_their_parent(harness: MappingHarness) -> None:
    """The keys of the parent keep their order across the split."""
    harness.put(*(f"before-{n}" for n in range(20)))
    harness.split()
    harness.put(*(f"after-{n}" for n in range(20)))
    harness.map(BatchSize=6)
    harness.wait_for(delivered=40)
    shards = [batch[0].shard for batch in harness.calls]
    assert shards[:4] == [FIRST_SHARD] * 4
    assert set(shards[4:]) == {shard(1), shard(2)}


def test_children_wait_for_a_parent_that_cannot_finish(harness: MappingHarness) -> None:
    """A batch that is retried without end in the parent holds back its children."""
    harness.put("bad")
    harness.split()
    harness.put("after-1", "after-2")
    harness.map()
    wait_until(lambda: len(harness.calls) >= 4, "the parent's batch is retried")
    assert {batch[0].shard for batch in harness.calls} == {FIRST_SHARD}
    harness.update(MaximumRetryAttempts=0)
    harness.wait_for(delivered=2, discarded=1)


def test_the_child_of_a_merge_is_read_after_both_parents(build: Callable[..., MappingHarness]) -> None:
    """One parent that is finished is not enough."""
    harness = build(shards=2)
    harness.put(*(f"before-{n}" for n in range(20)))
    harness.merge(shard(0), shard(1))
    harness.put(*(f"after-{n}" for n in range(10)))
    harness.map(BatchSize=4)
    harness.wait_for(delivered=30)
    seen = [each.data.split("-")[0] for each in harness.received()]
    assert seen == ["before"] * 20 + ["after"] * 10
    assert {each.shard for each in harness.received()[:20]} == {shard(0), shard(1)}


def test_sequence_numbers_of_a_key_grow_across_a_split_and_a_merge(harness: MappingHarness) -> None:
    """So they order the versions of a key, whichever shard each is in."""
    harness.put("1", "2", key="key")
    harness.split()
    harness.put("3", "4", key="key")
    harness.merge(shard(1), shard(2))
    harness.put("5", key="key")
    harness.map(BatchSize=1)
    harness.wait_for(delivered=5)
    assert [each.data for each in harness.received()] == ["1", "2", "3", "4", "5"]
    numbers = [int(each.number) for each in harness.received()]
    assert numbers == sorted(set(numbers))


def test_a_disabled_mapping_delivers_nothing_and_goes_on_from_its_place(harness: MappingHarness) -> None:
    """Records that came meanwhile are delivered afterwards, with the new settings, and none twice."""
    harness.put("1", "2")
    harness.map(BatchSize=10)
    harness.wait_for(delivered=2)
    harness.update(Enabled=False)
    harness.settle()
    assert harness.state() == "Disabled"
    harness.put("3", "4", "5")
    harness.update(BatchSize=1)
    harness.settle()
    assert harness.batches() == [["1", "2"]]
    harness.update(Enabled=True)
    harness.wait_for(delivered=5)
    assert harness.batches() == [["1", "2"], ["3"], ["4"], ["5"]]


def test_a_mapping_created_disabled_keeps_its_starting_position(harness: MappingHarness) -> None:
    """LATEST is the time of its creation, not of its first use."""
    harness.put("old")
    harness.map(StartingPosition="LATEST", Enabled=False)
    harness.settle()
    harness.put("1", "2")
    harness.update(Enabled=True)
    harness.wait_for(delivered=2)
    assert [each.data for each in harness.received()] == ["1", "2"]


def test_shards_that_were_made_while_a_mapping_was_disabled_are_read_from_their_start(
    harness: MappingHarness,
) -> None:
    """Also with LATEST, and after their parent."""
    harness.map(StartingPosition="LATEST")
    harness.settle()
    harness.update(Enabled=False)
    harness.settle()
    harness.put("1")
    harness.split()
    harness.put("2", "3", "4")
    harness.update(Enabled=True)
    harness.wait_for(delivered=4)
    assert harness.received()[0].data == "1"
    assert sorted(each.data for each in harness.received()) == ["1", "2", "3", "4"]


def test_a_batch_that_was_retried_before_the_mapping_rested_keeps_its_count(harness: MappingHarness) -> None:
    """Disabling does not give a failing batch new retries, and nothing newer overtakes it."""
    harness.put("bad")
    harness.map(BatchSize=1, MaximumRetryAttempts=4)
    wait_until(lambda: len(harness.calls) >= 2, "the batch is retried")
    harness.update(Enabled=False)
    harness.settle()
    harness.put("after")
    harness.update(Enabled=True)
    harness.wait_for(delivered=1, discarded=1)
    assert harness.batches() == [["bad"]] * 5 + [["after"]]
