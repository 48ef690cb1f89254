import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.core.outcomes import Failure
from producers.core.shards import ShardMap, ShardMapCache, ShardRange, hash_key_of

LAST = 2**128 - 1
ONE = ShardMap([ShardRange("a", 0, 9)])
NO_ANSWER = Failure("ReadTimeoutError", "no answer", retryable=True)
FORBIDDEN = Failure("AccessDeniedException", "refused", retryable=False)
TWO = ShardMap([ShardRange("b", 0, 4), ShardRange("c", 5, 9)])


def test_hash_by_hand() -> None:
    """The MD5 of "a" is 0cc175b9c0f1b6a831c399e269772661."""
    assert hash_key_of("a") == 0x0CC175B9C0F1B6A831C399E269772661


@given(st.lists(st.integers(0, LAST), max_size=20, unique=True), st.integers(0, LAST))
def test_every_hash_key_has_its_shard(ends: list[int], hash_key: int) -> None:
    """Ranges include both ends; in any order of the list exactly one shard holds the key."""
    lasts = sorted({*ends, LAST})
    firsts = [0, *(last + 1 for last in lasts[:-1])]
    shards = [ShardRange(str(n), *span) for n, span in enumerate(zip(firsts, lasts, strict=True))]
    found = ShardMap(reversed(shards)).locate(hash_key)
    assert [shard for shard in shards if shard.contains(hash_key)] == [found]


def test_what_is_not_known_is_not_guessed() -> None:
    """Without shards, in a gap, or after the last one, there is no answer."""
    shards = ShardMap([ShardRange("s", 10, 20)])
    assert [shards.locate(key) for key in (9, 21)] == [None, None]
    assert ShardMap([]).locate(0) is None
    assert (shards.get("s"), shards.get("t")) == (ShardRange("s", 10, 20), None)


# ---------------------------------------------------------------------------------------------- when to list
def listed(shards: ShardMap) -> ShardMapCache:
    """A cache that lists and uses these shards since 0 s."""
    cache = ShardMapCache()
    cache.refresh(shards, 0.0)
    assert cache.apply()
    return cache


def test_shards_are_listed_at_once_and_then_every_ten_minutes() -> None:
    """Before the first answer sending pauses; later listings hold nothing up."""
    cache = ShardMapCache()
    assert (cache.seconds_to_refresh(0.0) <= 0, cache.must_pause) == (True, True)
    cache.begin_refresh()
    assert cache.seconds_to_refresh(0.0) == math.inf
    cache = listed(ONE)
    assert (cache.seconds_to_refresh(0.0), cache.must_pause) == (600.0, False)


def test_an_unexpected_shard_makes_it_list_at_once_and_pause() -> None:
    """The pause ends when other shards are listed and in use."""
    cache = listed(ONE)
    cache.mark_stale("b", 5.0)
    assert (cache.seconds_to_refresh(5.0) <= 0, cache.must_pause) == (True, True)
    cache.refresh(TWO, 5.0)
    assert (cache.must_pause, cache.current) == (True, ONE)
    assert cache.apply()
    assert (cache.must_pause, cache.current, cache.apply()) == (False, TWO, False)


def test_a_shard_that_is_listed_already_makes_nothing_stale() -> None:
    """The record was sent by the old map, and the new one is only not in use yet."""
    cache = listed(ONE)
    cache.refresh(TWO, 1.0)
    cache.mark_stale("c", 1.0)
    cache.apply()
    assert (cache.must_pause, cache.seconds_to_refresh(1.0)) == (False, 600.0)


def test_a_list_that_lags_behind_is_asked_for_four_times() -> None:
    """After 0.5, 1 and 2 s more sending continues, and the next unexpected shard counts again."""
    cache = listed(ONE)
    cache.mark_stale("b", 0.0)
    waits = []
    while cache.must_pause:
        cache.refresh(ONE, 0.0)
        waits.append(cache.seconds_to_refresh(0.0))
    assert waits == [0.5, 1.0, 2.0, 30.0]
    cache.mark_stale("b", 1.0)
    assert cache.must_pause


def test_a_stream_with_rules_of_its_own_is_not_asked_again() -> None:
    """The same shards, and another of them answered: predictions mean nothing until the shards change."""
    cache = listed(TWO)
    cache.mark_stale("c", 0.0)
    cache.refresh(TWO, 0.0)
    cache.mark_stale("c", 1.0)
    assert not cache.must_pause
    cache.refresh(ONE, 600.0)
    cache.apply()
    cache.mark_stale("b", 601.0)
    assert cache.must_pause


@pytest.mark.parametrize("known", [None, ONE])
@pytest.mark.parametrize(("failure", "times", "next_seconds"), [(NO_ANSWER, 4, 30.0), (FORBIDDEN, 1, 600.0)])
def test_without_an_answer_sending_continues_and_nothing_is_made_up(
    known: ShardMap | None, failure: Failure, times: int, next_seconds: float
) -> None:
    """No answer four times, or no permission: what was known stays known, what was not does not."""
    cache = listed(known) if known else ShardMapCache()
    cache.mark_stale("x", 0.0)
    for _ in range(times):
        assert cache.must_pause
        cache.refresh(failure, 0.0)
    assert cache.apply() == (known is None)
    assert (cache.current, cache.must_pause, cache.awaits_first) == (known, False, False)
    assert cache.seconds_to_refresh(0.0) == next_seconds
    cache.refresh(TWO, 30.0)
    assert cache.apply()
    assert cache.current == TWO


@pytest.mark.parametrize(
    "spans",
    [[], [(1, LAST)], [(0, LAST - 1)], [(0, 4), (6, LAST)], [(0, 5), (5, LAST)]],
    ids=["none", "no first", "no last", "a gap", "an overlap"],
)
def test_a_list_that_leaves_hash_keys_out_is_none(spans: list[tuple[int, int]]) -> None:
    """A stream has a shard for every hash key: a cut answer is recognised by what it lacks."""
    assert not ShardMap(ShardRange(str(n), *span) for n, span in enumerate(spans)).is_complete
    assert ShardMap([ShardRange("a", 0, 4), ShardRange("b", 5, LAST)]).is_complete
