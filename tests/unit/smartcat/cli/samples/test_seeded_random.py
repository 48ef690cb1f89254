from __future__ import annotations

from smartcat.cli.samples.seeded_random import pick, seeded


def test_same_key_gives_same_chance_everywhere() -> None:
    """The numbers are pinned: another Python version or process must not change the samples."""
    rng = seeded("sample", 7, 0)
    assert [int(rng.random() * 1000) for _ in range(3)] == [392, 248, 811]


def test_other_keys_give_other_chance() -> None:
    """Each part of the key counts, in its place."""
    states = {seeded(*key).random() for key in [(1, 23), (12, 3), (1, 2, 3), (3, 12)]}
    assert len(states) == 4


def test_every_item_is_picked_sooner_or_later() -> None:
    """First and last items have their turn too."""
    rng = seeded(1)
    assert {pick(rng, "abc") for _ in range(100)} == {"a", "b", "c"}
