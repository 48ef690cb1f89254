from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.core.write_budget.hot_partition import AcceptedRate, HotPartition


def test_the_first_ceiling_is_a_little_below_what_was_accepted() -> None:
    """A hot partition that took 100 units a second is asked for 95."""
    assert HotPartition(100.0, floor=1.0, now=0.0).ceiling == pytest.approx(95.0)


@pytest.mark.parametrize(("since", "left"), [(0.2, 1.0), (1.0, 0.8), (10.0, 0.93)])
def test_another_throttle_trims_by_how_soon_it_comes(since: float, left: float) -> None:
    """At once it is the same event, within 3 s the ceiling was far too high, later a little."""
    hot = HotPartition(100.0, floor=1.0, now=0.0)
    hot.throttled(since)
    assert hot.ceiling == pytest.approx(95.0 * left)


def test_the_ceiling_creeps_and_then_runs() -> None:
    """0.2 % a second for 45 s after a throttle, 5 % a second afterwards."""
    hot = HotPartition(100.0, floor=1.0, now=0.0)
    hot.accepted(1.0)
    assert hot.ceiling == pytest.approx(95.0 * 1.002)
    hot.accepted(50.0)
    assert hot.ceiling == pytest.approx(95.0 * 1.002 * 1.05)


def test_it_is_forgotten_after_two_quiet_minutes() -> None:
    """120 s without a throttle end it; a throttle starts the count anew."""
    hot = HotPartition(100.0, floor=1.0, now=0.0)
    hot.throttled(100.0)
    assert not hot.is_over(200.0)
    assert hot.is_over(220.1)


def test_the_mean_follows_what_is_accepted() -> None:
    """A steady 10 units a second are known as such after a quarter of a minute."""
    accepted = AcceptedRate(0.0)
    for tenth in range(1, 151):
        accepted.accepted(1.0, tenth / 10)
    assert accepted.mean == pytest.approx(10.0, rel=0.01)


@given(rate=st.floats(0.1, 1000.0), moves=st.lists(st.tuples(st.booleans(), st.floats(0.0, 60.0))))
def test_the_ceiling_never_falls_below_its_floor(rate: float, moves: list[tuple[bool, float]]) -> None:
    """However often a partition throttles, something is still tried."""
    hot, now = HotPartition(rate, floor=rate / 64, now=0.0), 0.0
    for throttled, seconds in moves:
        now += seconds
        (hot.throttled if throttled else hot.accepted)(now)
        assert hot.ceiling >= rate / 64 * 0.999
