from hypothesis import given
from hypothesis import strategies as st

from producers.shard_map import ShardMap, ShardRange, hash_of

LAST = 2**128 - 1


def test_hash_by_hand() -> None:
    """The MD5 of "a" is 0cc175b9c0f1b6a831c399e269772661."""
    assert hash_of("a") == 0x0CC175B9C0F1B6A831C399E269772661


@given(st.lists(st.integers(0, LAST), max_size=20, unique=True), st.integers(0, LAST))
def test_every_hash_key_has_its_shard(ends: list[int], hash_key: int) -> None:
    """Ranges include both ends; in any order of the list exactly one shard holds the key."""
    lasts = sorted({*ends, LAST})
    firsts = [0, *(last + 1 for last in lasts[:-1])]
    shards = [ShardRange(str(n), *span) for n, span in enumerate(zip(firsts, lasts, strict=True))]
    found = ShardMap(reversed(shards)).locate(hash_key)
    assert [shard for shard in shards if shard.holds(hash_key)] == [found]


def test_what_is_not_known_is_not_guessed() -> None:
    """Without shards, in a gap, or after the last one, there is no answer."""
    shards = ShardMap([ShardRange("s", 10, 20)])
    assert [shards.locate(key) for key in (9, 21)] == [None, None]
    assert ShardMap().locate(0) is None
    assert (shards.get("s"), shards.get("t")) == (ShardRange("s", 10, 20), None)
