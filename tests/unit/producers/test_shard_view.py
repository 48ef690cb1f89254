import math

from producers.shard_map import ShardMap, ShardRange
from producers.shard_view import ShardView

ONE = ShardMap([ShardRange("a", 0, 9)])
TWO = ShardMap([ShardRange("b", 0, 4), ShardRange("c", 5, 9)])


def seen(shards: ShardMap) -> ShardView:
    """A view that has seen and taken over these shards at 0 s."""
    view = ShardView()
    view.looked(shards, 0.0)
    assert view.adopt()
    return view


def test_it_looks_at_once_and_then_every_ten_minutes() -> None:
    """Before the first answer sending pauses; afterwards a look is nothing to wait for."""
    view = ShardView()
    assert (view.look_in(0.0) <= 0, view.pauses) == (True, True)
    view.begin_look()
    assert view.look_in(0.0) == math.inf
    view = seen(ONE)
    assert (view.look_in(0.0), view.pauses) == (600.0, False)


def test_a_surprise_makes_it_look_at_once_and_pause() -> None:
    """The pause ends when other shards are found and taken over."""
    view = seen(ONE)
    view.surprise("b", 5.0)
    assert (view.look_in(5.0) <= 0, view.pauses) == (True, True)
    view.looked(TWO, 5.0)
    assert (view.pauses, view.current) == (True, ONE)
    assert view.adopt()
    assert (view.pauses, view.current, view.adopt()) == (False, TWO, False)


def test_an_answer_of_a_shard_that_was_found_already_raises_no_doubt() -> None:
    """It was sent by the old shards, and the new ones only wait to be taken over."""
    view = seen(ONE)
    view.looked(TWO, 1.0)
    view.surprise("c", 1.0)
    view.adopt()
    assert (view.pauses, view.look_in(1.0)) == (False, 600.0)


def test_a_list_that_lags_behind_is_asked_for_four_times() -> None:
    """After 0.5, 1 and 2 s more sending goes on, and the next surprise counts again."""
    view = seen(ONE)
    view.surprise("b", 0.0)
    waits = []
    while view.pauses:
        view.looked(ONE, 0.0)
        waits.append(view.look_in(0.0))
    assert waits == [0.5, 1.0, 2.0, 30.0]
    view.surprise("b", 1.0)
    assert view.pauses


def test_a_stream_that_uses_its_shards_otherwise_is_not_asked_again() -> None:
    """The same shards, and another of them answered: expectations mean nothing until the shards change."""
    view = seen(TWO)
    view.surprise("c", 0.0)
    view.looked(TWO, 0.0)
    view.surprise("c", 1.0)
    assert not view.pauses
    view.looked(ONE, 600.0)
    view.adopt()
    view.surprise("b", 601.0)
    assert view.pauses


def test_without_any_answer_it_goes_without_shards() -> None:
    """Four looks in vain, and an empty map is taken over; the next look is in 30 s."""
    view = ShardView()
    for _ in range(4):
        view.looked(None, 0.0)
    assert view.adopt()
    assert view.current is not None
    assert (view.current.shards, view.look_in(0.0)) == ((), 30.0)
