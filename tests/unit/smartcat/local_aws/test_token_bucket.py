from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.token_bucket import TokenBucket, take_all


def bucket(*, rate: float = 5, depth: float = 1500, level: float = 1500) -> TokenBucket:
    """A bucket as of second 100: a table of 5 units/s with all its credit, unless told otherwise."""
    return TokenBucket(rate=rate, depth=depth, level=level, now=100.0)


def take(one: TokenBucket, units: float, now: float) -> bool:
    """Take from a single bucket; tells whether it had the units."""
    return take_all([(one, units)], now) is None


def test_five_units_a_second_with_no_credit_admit_five_a_second() -> None:
    """An empty bucket at 5 units/s: 5 of 8 after one second, the other 3 with 2 to spare after another."""
    table = bucket(level=0)
    assert not take(table, 1, 100.0)
    assert [take(table, 1, 101.0) for _ in range(8)] == [True] * 5 + [False] * 3
    assert [take(table, 1, 102.0) for _ in range(3)] == [True] * 3
    assert table.level(102.0) == pytest.approx(2)


def test_the_talks_load_test_burns_its_credit_in_a_minute() -> None:
    """1,500 units of credit at 5 units/s last about 62 s at 29 units/s: (29 - 5) * 62.5 = 1,500."""
    table = bucket()
    seconds = 0
    while all(take(table, 1, 101.0 + seconds) for _ in range(29)):
        seconds += 1
    assert seconds == 62


def test_unused_capacity_is_saved_up_to_the_depth() -> None:
    """A thousand idle seconds at 5 units/s save 300 s worth, not more."""
    assert bucket(level=0).level(1100.0) == 1500


def test_a_take_larger_than_the_depth_needs_a_full_bucket_and_leaves_a_debt() -> None:
    """A 400-unit item on a 1 WCU table (depth 300) goes once the bucket is full, then nothing for 101 s."""
    table = bucket(rate=1, depth=300, level=299)
    assert not take(table, 400, 100.0)
    assert take(table, 400, 101.0)
    assert table.level(101.0) == -100
    assert not take(table, 1, 201.0)
    assert take(table, 1, 202.0)


def test_a_negative_charge_gives_back_up_to_the_depth() -> None:
    """Units given back never lift the level above the depth."""
    table = bucket(depth=10, level=9)
    table.charge(4, 100.0)
    table.charge(-4, 100.0)
    assert table.level(100.0) == 9
    table.charge(-4, 100.0)
    assert table.level(100.0) == 10


def test_a_new_rate_counts_from_the_change_on() -> None:
    """Ten seconds at 5 and ten at 50 units/s are 550 units; a smaller depth cuts what was saved."""
    table = bucket(level=0)
    table.resize(rate=50, depth=15000, now=110.0)
    assert table.level(120.0) == 550
    table.resize(rate=1, depth=300, now=120.0)
    assert table.level(120.0) == 300


def test_a_clock_that_went_backwards_refills_nothing() -> None:
    """Threads read the clock before they take turns, so an older time is no error and no gift."""
    table = bucket(level=0)
    assert table.level(110.0) == 50
    assert table.level(105.0) == 50
    assert table.level(111.0) == 55


def test_take_all_takes_from_every_bucket_or_from_none() -> None:
    """The second bucket's rejection leaves the first one untouched, and is named by its index."""
    first, second = bucket(level=10), bucket(level=3)
    assert take_all([(first, 4), (second, 4)], 100.0) == 1
    assert (first.level(100.0), second.level(100.0)) == (10, 3)
    assert take_all([(first, 4), (second, 3)], 100.0) is None
    assert (first.level(100.0), second.level(100.0)) == (6, 0)


@given(
    rate=st.floats(0.1, 4000),
    seconds=st.floats(0.01, 300),
    start=st.floats(0, 1),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 50)), min_size=1, max_size=60),
)
def test_no_window_admits_more_than_its_refill_and_one_depth(
    rate: float, seconds: float, start: float, steps: list[tuple[float, int]]
) -> None:
    """Over every window of any sequence of takes, admitted units stay within rate x window + depth."""
    depth = max(50.0, rate * seconds)
    table = TokenBucket(rate=rate, depth=depth, level=depth * start, now=0.0)
    now, admitted = 0.0, []
    for wait, units in steps:
        now += wait
        if take(table, units, now):
            admitted.append((now, units))
    for first in range(len(admitted)):
        total = 0
        for at, units in admitted[first:]:
            total += units
            assert total <= rate * (at - admitted[first][0]) + depth + 1e-3


@given(
    rate=st.integers(1, 100),
    takes=st.lists(st.integers(1, 400), min_size=1, max_size=40),
    gap=st.floats(0, 5),
)
def test_oversized_takes_hold_the_long_run_rate(rate: int, takes: list[int], gap: float) -> None:
    """Takes larger than the depth overdraw by at most themselves; refill pays for all that was admitted."""
    table = TokenBucket(rate=rate, depth=10, level=10, now=0.0)
    admitted, now = 0, 0.0
    for units in takes:
        now += gap
        admitted += units if take(table, units, now) else 0
    assert admitted <= rate * now + 10 + max(takes) + 1e-3
