"""Where reading starts, how it goes on through resharding, and what a mapping keeps while it rests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from support.mapping_world import FIRST_SHARD, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.mapping_world import World


def shard(number: int) -> str:
    """The name of a shard."""
    return f"shardId-{number:012d}"


def test_trim_horizon_starts_with_the_oldest_record(world: World) -> None:
    """What was in the stream before the mapping is delivered."""
    world.put("old")
    world.map(StartingPosition="TRIM_HORIZON")
    world.wait_for(delivered=1)
    world.put("new")
    world.wait_for(delivered=2)
    assert world.batches() == [["old"], ["new"]]


def test_latest_starts_with_what_comes_after_the_mapping_is_enabled(world: World) -> None:
    """Older records are not delivered."""
    world.put("old")
    world.map(StartingPosition="LATEST")
    world.settle()
    world.put("new")
    world.wait_for(delivered=1)
    assert world.batches() == [["new"]]


def test_at_timestamp_starts_with_the_first_record_from_that_time_on(world: World) -> None:
    """Records before it are not delivered, those after it are."""
    world.put("old")
    world.age(3600)
    world.put("1", "2")
    world.map(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=int(time.time()) - 600)
    world.wait_for(delivered=2)
    assert world.batches() == [["1", "2"]]


def test_a_starting_position_counts_only_for_the_shards_of_the_beginning(world: World) -> None:
    """With LATEST, shards that a split makes later are read from their start: nothing is missed."""
    world.put("old")
    world.map(StartingPosition="LATEST")
    world.settle()
    world.put("1")
    world.split()
    world.put("2", "3", "4")
    world.wait_for(delivered=4)
    assert sorted(each.data for each in world.received()) == ["1", "2", "3", "4"]


def test_children_of_a_split_are_read_after_their_parent(world: World) -> None:
    """The keys of the parent keep their order across the split."""
    world.put(*(f"before-{n}" for n in range(20)))
    world.split()
    world.put(*(f"after-{n}" for n in range(20)))
    world.map(BatchSize=6)
    world.wait_for(delivered=40)
    shards = [batch[0].shard for batch in world.calls]
    assert shards[:4] == [FIRST_SHARD] * 4
    assert set(shards[4:]) == {shard(1), shard(2)}


def test_children_wait_for_a_parent_that_cannot_finish(world: World) -> None:
    """A batch that is retried without end in the parent holds back its children."""
    world.put("poison")
    world.split()
    world.put("after-1", "after-2")
    world.map()
    wait_until(lambda: len(world.calls) >= 4, "the parent's batch is retried")
    assert {batch[0].shard for batch in world.calls} == {FIRST_SHARD}
    world.update(MaximumRetryAttempts=0)
    world.wait_for(delivered=2, discarded=1)


def test_the_child_of_a_merge_is_read_after_both_parents(build: Callable[..., World]) -> None:
    """One parent that is finished is not enough."""
    world = build(shards=2)
    world.put(*(f"before-{n}" for n in range(20)))
    world.merge(shard(0), shard(1))
    world.put(*(f"after-{n}" for n in range(10)))
    world.map(BatchSize=4)
    world.wait_for(delivered=30)
    seen = [each.data.split("-")[0] for each in world.received()]
    assert seen == ["before"] * 20 + ["after"] * 10
    assert {each.shard for each in world.received()[:20]} == {shard(0), shard(1)}


def test_sequence_numbers_of_a_key_grow_across_a_split_and_a_merge(world: World) -> None:
    """So they order the versions of a key, whichever shard each is in."""
    world.put("1", "2", key="key")
    world.split()
    world.put("3", "4", key="key")
    world.merge(shard(1), shard(2))
    world.put("5", key="key")
    world.map(BatchSize=1)
    world.wait_for(delivered=5)
    assert [each.data for each in world.received()] == ["1", "2", "3", "4", "5"]
    numbers = [int(each.number) for each in world.received()]
    assert numbers == sorted(set(numbers))


def test_a_disabled_mapping_delivers_nothing_and_goes_on_from_its_place(world: World) -> None:
    """Records that came meanwhile are delivered afterwards, with the new settings, and none twice."""
    world.put("1", "2")
    world.map(BatchSize=10)
    world.wait_for(delivered=2)
    world.update(Enabled=False)
    world.settle()
    assert world.state() == "Disabled"
    world.put("3", "4", "5")
    world.update(BatchSize=1)
    world.settle()
    assert world.batches() == [["1", "2"]]
    world.update(Enabled=True)
    world.wait_for(delivered=5)
    assert world.batches() == [["1", "2"], ["3"], ["4"], ["5"]]


def test_a_mapping_created_disabled_keeps_its_starting_position(world: World) -> None:
    """LATEST is the time of its creation, not of its first use."""
    world.put("old")
    world.map(StartingPosition="LATEST", Enabled=False)
    world.settle()
    world.put("1", "2")
    world.update(Enabled=True)
    world.wait_for(delivered=2)
    assert [each.data for each in world.received()] == ["1", "2"]


def test_shards_that_were_made_while_a_mapping_was_disabled_are_read_from_their_start(world: World) -> None:
    """Also with LATEST, and after their parent."""
    world.map(StartingPosition="LATEST")
    world.settle()
    world.update(Enabled=False)
    world.settle()
    world.put("1")
    world.split()
    world.put("2", "3", "4")
    world.update(Enabled=True)
    world.wait_for(delivered=4)
    assert world.received()[0].data == "1"
    assert sorted(each.data for each in world.received()) == ["1", "2", "3", "4"]


def test_a_batch_that_was_retried_before_the_mapping_rested_keeps_its_count(world: World) -> None:
    """Disabling does not give a failing batch new retries, and nothing newer overtakes it."""
    world.put("poison")
    world.map(BatchSize=1, MaximumRetryAttempts=4)
    wait_until(lambda: len(world.calls) >= 2, "the batch is retried")
    world.update(Enabled=False)
    world.settle()
    world.put("after")
    world.update(Enabled=True)
    world.wait_for(delivered=1, discarded=1)
    assert world.batches() == [["poison"]] * 5 + [["after"]]
