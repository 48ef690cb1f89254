from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.kinesis.shards import StreamCapacity, hash_key

TOP = 2**128 - 1


def shard(number: int, first: int, last: int, *, closed: bool = False) -> dict[str, Any]:
    """One shard as ListShards answers it."""
    numbers = {"StartingSequenceNumber": "0"} | ({"EndingSequenceNumber": "9"} if closed else {})
    return {
        "ShardId": f"shardId-{number:012}",
        "HashKeyRange": {"StartingHashKey": str(first), "EndingHashKey": str(last)},
        "SequenceNumberRange": numbers,
    }


def stream(*shards: dict[str, Any]) -> StreamCapacity:
    """A stream of these shards as of second 0."""
    capacity = StreamCapacity("pages")
    capacity.set_shards(shards or [shard(0, 0, TOP)], 0.0)
    return capacity


def test_the_hash_is_the_md5_of_the_key_unless_it_is_given() -> None:
    """MD5 of ``a`` begins 0x0cc175b9; an explicit hash key wins, zero included."""
    assert hash_key("a") == 0x0CC175B9C0F1B6A831C399E269772661
    assert hash_key("a", "0") == 0
    assert hash_key("a", str(TOP)) == TOP


@pytest.mark.parametrize("explicit", ["", "x", "-1", str(TOP + 1)])
def test_an_explicit_hash_key_is_a_number_below_2_to_the_128(explicit: str) -> None:
    """Anything else is a ValueError."""
    with pytest.raises(ValueError, match=r"hash key|invalid literal"):
        hash_key("a", explicit)


@given(st.integers(0, TOP), st.sets(st.integers(1, TOP), max_size=8))
def test_every_hash_has_the_one_shard_whose_range_holds_it(place: int, cuts: set[int]) -> None:
    """However the space is cut, the shard found contains the hash, both ends included."""
    starts = [0, *sorted(cuts)]
    ends = [start - 1 for start in starts[1:]] + [TOP]
    shards = [shard(number, *span) for number, span in enumerate(zip(starts, ends, strict=True))]
    for hash_value in (place, *starts, *ends):
        found = stream(*reversed(shards)).shard_for(hash_value)
        assert found.first_hash <= hash_value <= found.last_hash


@given(st.text(max_size=256))
def test_keys_of_any_script_have_a_hash(key: str) -> None:
    """The hash is that of the key's UTF-8 and below 2**128."""
    assert hash_key(key) == int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(), 16)


def test_closed_shards_take_nothing() -> None:
    """A closed parent is passed over for its children; a stream without an open shard is a ValueError."""
    half = 2**127
    split = stream(shard(0, 0, TOP, closed=True), shard(1, 0, half - 1), shard(2, half, TOP))
    assert split.shard_for(half).shard_id == "shardId-000000000002"
    with pytest.raises(ValueError, match="open shard of stream pages"):
        stream(shard(0, 0, TOP, closed=True)).shard_for(5)


def test_a_thousand_records_or_a_mebibyte_fill_a_second() -> None:
    """Whichever is reached first rejects, and takes nothing from the other."""
    small = stream().shard_for(0)
    assert sum(small.admit(10, 0.0) for _ in range(2000)) == 1000
    large = stream().shard_for(0)
    assert sum(large.admit(100_000, 0.0) for _ in range(20)) == 10
    assert large.records.level(0.0) == 990
    assert sum(large.admit(100_000, 0.5) for _ in range(20)) == 5


def test_a_known_shard_keeps_what_it_has_left_when_shards_are_read_again() -> None:
    """Resharding elsewhere is no way around a shard's limit."""
    capacity = stream()
    for _ in range(1000):
        capacity.shard_for(0).admit(1, 0.0)
    capacity.set_shards([shard(0, 0, TOP)], 0.0)
    assert not capacity.shard_for(0).admit(1, 0.0)


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 1024 * 1024)), max_size=60))
def test_no_run_exceeds_a_second_of_burst_and_the_rate(steps: list[tuple[float, int]]) -> None:
    """Accepted bytes and records stay within rate times time and one second's burst."""
    target, now, taken, size = stream().shard_for(0), 0.0, 0, 0
    for wait, record in steps:
        now += wait
        if target.admit(record, now):
            taken += 1
            size += record
    assert taken <= 1000 * (1 + now) + 1e-3
    assert size <= 1024 * 1024 * (1 + now) + 1
