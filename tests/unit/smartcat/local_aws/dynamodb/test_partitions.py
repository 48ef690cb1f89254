from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from smartcat.local_aws.dynamodb.partitions import MOST_PARTITIONS, Partitions


def taken(partitions: Partitions, keys: list[str], now: float) -> Counter[str]:
    """How many units each key gets when 1,200 are asked for each."""
    found: Counter[str] = Counter()
    for key in keys:
        bucket = partitions.bucket(key)
        for _ in range(1200):
            if bucket.fits(1, now):
                bucket.charge(1, now)
                found[key] += 1
    return found


def split(count: int, now: float = 0.0) -> Partitions:
    """So many partitions, as of a moment."""
    partitions = Partitions(now)
    partitions.grow(count, now)
    return partitions


def test_each_partition_has_its_own_thousand() -> None:
    """With 100 keys on four partitions each partition gives 1,000 units, and its first key gets them all."""
    partitions = split(4)
    found = taken(partitions, [str(number) for number in range(100)], 0.0)
    assert sorted(found.values()) == [1000] * 4
    assert partitions.level(0.0) == 0
    assert partitions.level(0.5) == 2000


def test_unused_units_are_kept_for_one_second_only() -> None:
    """After an hour of quiet a partition still takes 1,000 at once."""
    assert taken(split(1), ["a"], 3600.0) == {"a": 1000}


def test_a_key_always_has_the_same_partition() -> None:
    """The choice hangs on the text alone, so two tables of one size agree."""
    one, other = split(7), split(7)
    for key in ("", "a", "ü", "\ud800", "x" * 2048):
        one.bucket(key).charge(1000, 0.0)
        assert not one.bucket(key).fits(1, 0.0)
        other.bucket(key).charge(1000, 0.0)
    assert one.level(0.0) == other.level(0.0)


def test_keys_are_spread_evenly() -> None:
    """20,000 keys that count up: each of ten partitions holds its tenth within a tenth of it."""
    partitions = split(10)
    held = Counter(id(partitions.bucket(f"document-{number}")) for number in range(20_000))
    assert len(held) == 10
    assert all(1800 < count < 2200 for count in held.values())


def test_a_split_hands_out_no_units_twice() -> None:
    """An empty partition's children are empty, and refill at 1,000 units a second each."""
    partitions = split(1)
    partitions.bucket("a").charge(1000, 0.0)
    partitions.grow(4, 0.0)
    assert (len(partitions), partitions.level(0.0), partitions.level(0.25)) == (4, 0, 1000)


def test_a_split_leaves_what_others_had() -> None:
    """Of two partitions one is empty: of four the two in its range are empty, the others full."""
    partitions = split(2)
    partitions.bucket("a").charge(1000, 0.0)
    partitions.grow(4, 0.0)
    assert partitions.level(0.0) == 2000
    assert not partitions.bucket("a").fits(1, 0.0)


def test_partitions_are_never_merged() -> None:
    """Fewer than there are changes nothing, not even what was used."""
    partitions = split(5)
    partitions.bucket("a").charge(1000, 0.0)
    partitions.grow(2, 0.0)
    assert (len(partitions), partitions.level(0.0)) == (5, 4000)


def test_there_is_a_bound_on_partitions() -> None:
    """A table of any size is modelled with at most 1,024 of them."""
    assert len(split(10**9)) == MOST_PARTITIONS


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.lists(st.text(max_size=5), max_size=30))
def test_growing_never_adds_units_to_a_key(counts: list[int], keys: list[str]) -> None:
    """Whatever was used and however it grows: no key finds more than it had before."""
    partitions = split(1)
    for number, count in enumerate(counts):
        for key in keys[number::3]:
            partitions.bucket(key).charge(300, 0.0)
        before = {key: partitions.bucket(key).level(0.0) for key in keys}
        partitions.grow(count, 0.0)
        assert all(partitions.bucket(key).level(0.0) <= level for key, level in before.items())
