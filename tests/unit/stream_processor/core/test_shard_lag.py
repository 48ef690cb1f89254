from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.core import shard_lag
from stream_processor.core.shard_lag import (
    CAUGHT_UP_SECONDS,
    FORGET_SECONDS,
    MAX_SHARDS,
    LagForecast,
    ShardLag,
)

NOW = 1_700_000_000.0
SHARD = "shardId-000000000000"


def visit(watch: ShardLag, behind: float, now: float, *, shard: str = SHARD) -> LagForecast:
    """Visit a shard that is so many seconds behind."""
    return watch.observe("documents", shard, reached=now - behind, oldest_age=behind, now=now)


def test_hand_worked_drain() -> None:
    """An hour behind, 90 s of arrivals worked off in 30 s: 3 s a second, less 1 for what arrives: 1,770 s."""
    watch = ShardLag()
    visit(watch, 3600.0, NOW)
    forecast = visit(watch, 3540.0, NOW + 30)
    assert forecast.state == "draining"
    assert forecast.seconds_to_drain == pytest.approx(1770.0)


def test_first_visit_gives_no_figure() -> None:
    """With a backlog, one look at a shard says nothing about its speed; its expiry is known all the same."""
    assert visit(ShardLag(24.0), 7200.0, NOW) == LagForecast("unknown", None, 22.0)


def test_a_moment_is_too_little_to_measure() -> None:
    """Visits within less than ten seconds, or at one moment, give no figure."""
    watch = ShardLag()
    for seconds in (0.0, 0.0, 0.5, 9.9):
        forecast = visit(watch, 1000.0, NOW + seconds)
        assert (forecast.state, forecast.seconds_to_drain) == ("unknown", None)
    assert visit(watch, 1000.0, NOW + 10.0).state != "unknown"


def test_progress_within_a_moment_counts() -> None:
    """What two batches at one moment moved the shard by is not lost: it counts as progress in no time."""
    watch = ShardLag()
    visit(watch, 5000.0, NOW)
    slow = visit(watch, 4980.0, NOW + 20).seconds_to_drain
    fast = visit(watch, 4940.0, NOW + 20).seconds_to_drain
    assert slow == pytest.approx(4980.0)
    # 2 s a second, and 40 s more in no time, which weigh 40/180 against the 1 - e^(-20/180) of 20 s.
    assert fast == pytest.approx(4940 / (1 + 40 / 180 / -math.expm1(-20 / 180)))


def test_little_behind_is_no_backlog() -> None:
    """A shard a minute behind or less has nothing to drain, from the first visit and at any speed."""
    watch = ShardLag()
    for step in range(5):
        forecast = visit(watch, CAUGHT_UP_SECONDS, NOW + 60 * step)
        assert (forecast.state, forecast.seconds_to_drain) == ("caught_up", 0.0)


@pytest.mark.parametrize("speed", [0.0, 0.5, 1.0])
def test_never_at_this_rate_is_a_record_s_life(speed: float) -> None:
    """A shard no faster than its arrivals never drains: the figure is the retention, which alarms can see."""
    watch = ShardLag(10.0)
    visit(watch, 3600.0, NOW)
    forecast = visit(watch, 3600.0 + 64 * (1 - speed), NOW + 64)
    assert (forecast.state, forecast.seconds_to_drain) == ("falling_behind", 36_000.0)


def test_draining_too_slowly_is_a_record_s_life_too() -> None:
    """What drains later than its last record expires does not drain: the figure ends at the retention."""
    watch = ShardLag(10.0)
    visit(watch, 30_000.0, NOW)
    forecast = visit(watch, 29_999.0, NOW + 64)
    assert (forecast.state, forecast.seconds_to_drain) == ("draining", 36_000.0)


def test_old_speed_is_forgotten() -> None:
    """After a quarter of an hour at a new speed, the old one is gone from the figure."""
    watch = ShardLag(1000.0)
    behind = 50_000.0
    for step in range(200):
        fast = step < 100
        forecast = visit(watch, behind, NOW + 20 * step)
        behind -= 20 * (9.0 if fast else 1.0)
    assert forecast.seconds_to_drain == pytest.approx((behind + 20) / 1.0, rel=1e-3)


def test_each_shard_has_its_own_speed() -> None:
    """After a reshard the children are measured afresh, and the parent's speed is not theirs."""
    watch = ShardLag()
    for step in range(3):
        visit(watch, 5000.0 - 200 * step, NOW + 20 * step)
    child = "shardId-000000000001"
    assert visit(watch, 4400.0, NOW + 60, shard=child).state == "unknown"
    assert visit(watch, 4420.0, NOW + 80, shard=child).state == "falling_behind"
    assert visit(watch, 4200.0, NOW + 80).state == "draining"


def test_a_long_gap_and_a_clock_set_back_begin_afresh() -> None:
    """Neither a shard seen long ago nor a clock that went backwards makes a figure."""
    for gap in (FORGET_SECONDS + 1, -5.0):
        watch = ShardLag()
        visit(watch, 5000.0, NOW)
        visit(watch, 4000.0, NOW + 20)
        assert visit(watch, 4000.0, NOW + 20 + gap).state == "unknown"
        assert visit(watch, 3900.0, NOW + 40 + gap).seconds_to_drain == pytest.approx(780.0)


def test_being_set_back_counts_against_the_speed() -> None:
    """A shard delivered again from an earlier place is slower by that, and never gives a negative figure."""
    watch = ShardLag()
    visit(watch, 3600.0, NOW)
    visit(watch, 3000.0, NOW + 20)
    assert visit(watch, 4000.0, NOW + 40).state == "falling_behind"


def test_memory_is_bounded() -> None:
    """Only the shards visited last are remembered."""
    watch = ShardLag()
    for number in range(MAX_SHARDS + 10):
        visit(watch, 0.0, NOW, shard=str(number))
    assert len(watch) == MAX_SHARDS


def test_expiry_never_falls_below_zero() -> None:
    """A record older than the retention has no hours left, and one from the future has all of them."""
    watch = ShardLag(1.0)
    assert visit(watch, 7200.0, NOW).hours_to_expiry == 0.0
    assert visit(watch, -10.0, NOW).hours_to_expiry == 1.0


@given(
    speed=st.floats(1.1, 1000.0),
    steps=st.lists(st.floats(0.01, FORGET_SECONDS), min_size=1, max_size=12),
    left=st.floats(CAUGHT_UP_SECONDS + 1, 10_000.0),
)
def test_constant_rates_give_the_exact_answer(speed: float, steps: list[float], left: float) -> None:
    """Whenever an environment happens to see the shard, a constant speed gives backlog / (speed - 1)."""
    watch = ShardLag(1e9)
    behind, now = left + (speed - 1) * sum(steps), NOW
    forecast = visit(watch, behind, now)
    for step in steps:
        behind, now = behind - (speed - 1) * step, now + step
        forecast = visit(watch, behind, now)
    if sum(steps) > shard_lag.MEASURED_SECONDS + 0.01:
        # An epoch second has 2e-7 of precision, which the shortest step magnifies.
        assert forecast.seconds_to_drain == pytest.approx(left / (speed - 1), rel=1e-3)


@given(
    life=st.floats(1 / 60, 8760.0),
    visits=st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.one_of(st.floats(-1e5, 1e5), st.sampled_from([0.0, 1e-7, 1e-300, 60.0])),
            st.one_of(st.floats(-1e7, 1e7), st.sampled_from([0.0, 60.0, 3600.0])),
            st.floats(-1e7, 1e9),
        ),
        max_size=30,
    ),
)
def test_figures_are_always_sane(life: float, visits: list[tuple[str, float, float, float]]) -> None:
    """Whatever clocks and shards do, a figure is missing or between 0 and a record's life, and never NaN."""
    watch, now = ShardLag(life), NOW
    for shard, step, behind, oldest in visits:
        now += step
        forecast = watch.observe("documents", shard, reached=now - behind, oldest_age=oldest, now=now)
        assert (forecast.state == "unknown") == (forecast.seconds_to_drain is None)
        for figure, most in ((forecast.seconds_to_drain, life * 3600), (forecast.hours_to_expiry, life)):
            assert figure is None or (math.isfinite(figure) and 0 <= figure <= most)
