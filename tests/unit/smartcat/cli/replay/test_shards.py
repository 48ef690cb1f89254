from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from producers.core.outcomes import Receipt
from smartcat.cli.replay.shards import HashKeyRanges, ReplayCutoff

MIDDLE = 2**127
RANGES = HashKeyRanges({"left": (0, MIDDLE - 1), "right": (MIDDLE, 2**128 - 1)})


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["left", "right"]))
def test_a_record_goes_back_to_the_shard_it_came_from(key: str, shard: str) -> None:
    """By its own key where that leads there, else by a hash key that does."""
    explicit = RANGES.hash_key(key, shard)
    place = int(explicit) if explicit else int(hashlib.md5(key.encode()).hexdigest(), 16)  # noqa: S324 - as Kinesis places it
    assert (place < MIDDLE) == (shard == "left")


def test_a_key_that_leads_there_needs_no_help() -> None:
    """Only one of two halves needs a hash key."""
    assert sorted(str(RANGES.hash_key("k", shard)) for shard in ("left", "right")) in (
        [str(MIDDLE), "None"],
        ["0", "None"],
    )


def test_a_shard_nobody_knows_leaves_it_to_the_key() -> None:
    """Where shards cannot be listed, or the shard is forgotten, the partition key decides."""
    assert HashKeyRanges({}).hash_key("k", "left") is None


def test_the_horizon_hides_what_came_after_the_first_record_of_a_shard(make: Any) -> None:
    """What lies at or after a replay's first record on its shard came in since, on other shards not."""
    cutoff = ReplayCutoff()
    assert not cutoff.is_after(make.source(10**50))
    for number in ("12", "9", "10"):
        cutoff.note(Receipt("k", "shardId-000000000001", number))
    assert [cutoff.is_after(make.source(number)) for number in (8, 9, 10, 10**50)] == [
        False,
        True,
        True,
        True,
    ]
    assert not cutoff.is_after(make.source(10**50, shard_id="shardId-000000000002"))
