from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processor.core.write_budget.fair_share import SMALLEST_SHARE
from stream_processor.core.write_budget.write_budget import (
    BANK_SECONDS,
    RequestGroup,
    WriteBudget,
    default_burst_rate,
)

BACKLOG = 1000.0
"""Age of records when there is a backlog, in seconds."""


class Middle:
    """Chance without chance: the middle of the range."""

    def uniform(self, a: float, b: float, /) -> float:
        return (a + b) / 2


def budget(share: float = 10.0, *, age: float = BACKLOG, burst_rate: float | None = None) -> WriteBudget:
    """A budget whose first batch is of that age."""
    made = WriteBudget(share, now=0.0, burst_rate=burst_rate)
    made.begin(0.0, record_age=age)
    return made


def throttle(target: WriteBudget, now: float, *, named: bool = True) -> None:
    """A request throttled as a whole."""
    target.throttled(RequestGroup(1.0, 0.0, throttled=1), now, named=named, random=Middle())


def accept(target: WriteBudget, now: float, times: int = 1) -> None:
    """Requests that were stored."""
    for _ in range(times):
        target.accepted(RequestGroup(0.0, 0.0), now)


def test_backlog_starts_dry_and_at_the_share() -> None:
    """A cold environment that meets a backlog has no tokens and runs at its share."""
    made = budget(10.0)
    assert made.tokens == 0.0
    assert made.rate(0.0) == 10.0
    assert made.wait_for(5.0, 0.0) == pytest.approx(0.5)
    assert made.wait_for(5.0, 0.5) == 0.0


def test_fresh_records_start_with_a_bank() -> None:
    """A cold environment that meets fresh records assumes 240 seconds of its share, at most 4,000 units."""
    assert budget(10.0, age=1.0).tokens == 2400.0
    assert budget(50.0, age=1.0).tokens == 4000.0


def test_only_the_first_batch_decides_on_freshness() -> None:
    """A warm environment does not get another bank because records are fresh."""
    made = budget(10.0)
    made.begin(1.0, record_age=0.0)
    assert made.tokens == pytest.approx(10.0)


def test_idle_time_is_banked_up_to_the_bound() -> None:
    """Idle time banks the share's tokens, 240 seconds of them at most."""
    made = budget(10.0)
    made.begin(100.0, record_age=BACKLOG)
    assert made.tokens == pytest.approx(1000.0)
    made.begin(10_000.0, record_age=BACKLOG)
    assert made.tokens == pytest.approx(2400.0)


def test_waiting_does_not_bank() -> None:
    """While working, tokens pile up to two requests' worth only, or to what the next request needs."""
    made = budget(10.0)
    made.wait_for(1.0, 50.0)
    assert made.tokens == pytest.approx(4.0)
    made.wait_for(30.0, 100.0)
    assert made.tokens == pytest.approx(30.0)


def test_request_carries_a_fifth_of_a_second() -> None:
    """A request carries 0.2 s of the share when tokens are short."""
    assert budget(10.0).request_units(0.0) == pytest.approx(2.0)
    assert budget(100.0).request_units(0.0) == pytest.approx(20.0)


def test_bank_is_spent_in_larger_requests_at_the_burst_rate() -> None:
    """With a bank, a request carries 0.2 s of the burst rate, and the next one waits by that rate."""
    made = budget(10.0, age=0.0, burst_rate=100.0)
    assert made.request_units(0.0) == pytest.approx(20.0)
    made.accepted(RequestGroup(20.0, 20.0), 0.0)
    assert made.wait_for(20.0, 0.0) == pytest.approx(0.2)
    assert made.tokens == pytest.approx(2380.0)


def test_throttle_dips_to_half_for_four_seconds() -> None:
    """After a throttle the bank is gone and the rate is half the share for about 4 seconds."""
    made = budget(10.0, age=0.0)
    throttle(made, 1.0)
    assert made.tokens == 0.0
    assert made.rate(1.1) == 5.0
    assert made.rate(4.9) == 5.0
    assert made.rate(5.1) == 10.0


def test_first_throttle_of_a_slow_start_does_not_cut() -> None:
    """The throttle that ends the slow start says nothing about the share."""
    made = budget(10.0, age=0.0)
    throttle(made, 100.0)
    assert made.share == 10.0


@pytest.mark.parametrize(("named", "share"), [(True, 8.0), (False, 8.5)])
def test_early_throttle_cuts(named: bool, share: float) -> None:  # noqa: FBT001 - a table's column
    """A throttle long before the next probe was paid for cuts the share: by 0.8 if named, else by 0.85."""
    made = budget(10.0)
    accept(made, 20.0, times=124)
    throttle(made, 20.0, named=named)
    assert made.share == pytest.approx(share)


def test_throttle_of_a_paid_probe_does_not_cut() -> None:
    """A throttle after 250 good requests was paid for; the share stays, or rises again if it was cut."""
    made = budget(10.0)
    accept(made, 20.0, times=250)
    throttle(made, 20.0)
    assert made.share == pytest.approx(10.0)


def test_second_throttle_of_one_dry_spell_does_not_cut() -> None:
    """A throttle within 1.5 seconds of the last belongs to it; one later in the dip cuts if it is named."""
    made = budget(10.0)
    throttle(made, 1.0)
    throttle(made, 2.0, named=False)
    assert made.share == 10.0
    throttle(made, 4.0)
    assert made.share == 8.0


def test_cut_share_drifts_back() -> None:
    """A cut share comes back towards the configured one, by a 600th of the gap a second."""
    made = budget(10.0)
    throttle(made, 10.0)
    assert made.share == pytest.approx(8.0)
    made.accepted(RequestGroup(1.0, 1.0), 10.0)
    before = made.share
    made.accepted(RequestGroup(1.0, 1.0), 70.0)
    assert made.share == pytest.approx(before + (10.0 - before) * 0.1)


def test_probe_is_paid_for_by_good_requests() -> None:
    """After 250 good requests, waiting raises the rate by half a share in 25 s, then doubles it."""
    made = budget(10.0)
    accept(made, 10.0, times=249)
    made.waited(10.0, 20.0)
    assert made.rate(20.0) == pytest.approx(10.0)
    accept(made, 20.0, times=1)
    made.waited(12.5, 32.5)
    assert made.rate(32.5) == pytest.approx(12.5)
    made.waited(17.5, 50.0)
    assert made.rate(50.0) == pytest.approx(30.0)


def test_probe_comes_free_after_two_quiet_minutes() -> None:
    """Without credit a probe begins 120 s after the last throttle."""
    made = budget(10.0)
    made.waited(10.0, 119.0)
    assert made.rate(119.0) == 10.0
    made.waited(10.0, 121.0)
    assert made.rate(121.0) == pytest.approx(12.0)


def test_slow_start_doubles_every_two_seconds() -> None:
    """With fresh records nothing is known, and the rate doubles for every 2 s spent waiting for tokens."""
    made = budget(10.0, age=0.0)
    made.waited(4.0, 4.0)
    assert made.rate(4.0) == pytest.approx(40.0)


def test_share_below_one_never_probes() -> None:
    """A share under one unit a second is kept to, whatever the credit."""
    made = budget(0.5, age=0.0)
    accept(made, 10.0, times=1000)
    made.waited(1000.0, 2000.0)
    assert made.rate(2000.0) == 0.5


def test_debt_is_paid_back() -> None:
    """A request that costs more than planned leaves a debt that the next one waits for."""
    made = budget(10.0)
    made.accepted(RequestGroup(2.0, 12.0), 0.0)
    assert made.tokens == -12.0
    assert made.wait_for(2.0, 0.0) == pytest.approx(1.4)


def test_clock_going_back_adds_nothing() -> None:
    """Time that runs backwards changes no tokens."""
    made = budget(10.0)
    made.wait_for(3.0, 10.0)
    tokens = made.tokens
    made.wait_for(3.0, 5.0)
    assert made.tokens == tokens


@pytest.mark.parametrize(("share", "rate"), [(1.0, 10.0), (6.25, 56.25), (62.5, 62.5), (500.0, 500.0)])
def test_default_burst_rate(share: float, rate: float) -> None:
    """Without configuration, banks are spent at ten shares within a 16th of a partition."""
    assert default_burst_rate(share) == rate


actions = st.lists(
    st.tuples(st.sampled_from(["work", "work", "throttle", "idle"]), st.floats(0.0, 30.0)), max_size=60
)


@given(share=st.floats(0.05, 500.0), fresh=st.booleans(), seed=st.integers(0, 9), moves=actions)
def test_invariants(
    share: float,
    fresh: bool,  # noqa: FBT001 - drawn by hypothesis
    seed: int,
    moves: list[tuple[str, float]],
) -> None:
    """The share stays within its bounds, tokens within theirs, and a wait is always finite and sufficient."""
    made = budget(share, age=0.0 if fresh else BACKLOG)
    chance = random.Random(seed)  # noqa: S311 - jitter of a test, not a secret
    now = 0.0
    for move, seconds in moves:
        if move == "idle":
            now += seconds
            made.begin(now, record_age=BACKLOG)
            continue
        units = max(1.0, made.request_units(now) * (0.5 + seconds / 60))
        for _ in range(100_000):
            wait = made.wait_for(units, now)
            assert 0.0 <= wait < 1e7
            if not wait:
                break
            now += wait
            made.waited(wait, now)
        assert made.tokens >= units - 0.0011 * made.rate(now)
        if move == "throttle":
            made.throttled(RequestGroup(units, 0.0, throttled=1), now, named=seconds > 15, random=chance)
        else:
            made.accepted(RequestGroup(units, units), now)
        assert share * SMALLEST_SHARE * 0.999 <= made.share <= share * 1.001
        assert made.rate(now) > 0
        assert made.tokens >= -0.0011 * made.rate(now) - 1e-6
        assert made.tokens <= max(4.0, BANK_SECONDS * share, 2 * 0.2 * made.rate(now), units) * 1.001


@given(share=st.floats(1.0, 100.0))
def test_dry_backlog_never_exceeds_the_share_before_a_probe(share: float) -> None:
    """In the first minute of a backlog, what is sent is the share's worth and a small bucket more."""
    made = budget(share)
    now, sent = 0.0, 0.0
    while now < 60.0 and sent < 2000:
        units = max(1.0, made.request_units(now))
        wait = made.wait_for(units, now)
        if wait:
            now += wait
            continue
        made.accepted(RequestGroup(units, units), now)
        sent += units
        assert sent <= share * (now + 0.002 * sent) + 4.0


def test_an_answer_is_not_waited_for_twice() -> None:
    """Requests are paced from their sending, so that a slow answer leaves only the rest of the pause."""
    made = budget(100.0, age=1.0, burst_rate=100.0)
    made.accepted(RequestGroup(20.0, 20.0, seconds=0.15), 0.15)
    assert made.wait_for(20.0, 0.15) == pytest.approx(0.05)
    assert made.wait_for(20.0, 0.2) == 0.0


def test_a_short_gap_is_made_up_and_a_long_one_is_not() -> None:
    """The pace makes up gaps of up to a fifth of a second; more is left to the bank's own rate."""
    made = budget(100.0, age=1.0, burst_rate=100.0)
    made.accepted(RequestGroup(20.0, 20.0), 10.0)
    made.accepted(RequestGroup(20.0, 20.0), 10.1)
    assert made.wait_for(20.0, 10.1) == pytest.approx(0.1)


@pytest.mark.parametrize("back", [0.5, 60.0, 3600.0, 1e9])
def test_a_clock_that_is_set_back_stops_nothing(back: float) -> None:
    """The rate, the pace and the end of a dip go on from where they were; nothing waits for the old time."""
    made, calm = budget(10.0), budget(10.0)
    for target in (made, calm):
        accept(target, 5000.0, times=30)
        throttle(target, 5001.0)
    for step in range(1, 80):
        was, now = 5001.0 + step / 4, 5001.0 + step / 4 - back
        if step == 1:
            made.wait_for(1.0, 5001.25 - back)  # the step back itself passes no time
            calm.wait_for(1.0, 5001.0)
            continue
        assert made.rate(now) == pytest.approx(calm.rate(was - 0.25), rel=1e-6)
        waits = made.wait_for(1.0, now), calm.wait_for(1.0, was - 0.25)
        assert waits[0] == pytest.approx(waits[1], abs=1e-3)
        if not waits[0]:
            for target, at in ((made, now), (calm, was - 0.25)):
                target.accepted(RequestGroup(1.0, 1.0), at)
    assert made.tokens == pytest.approx(calm.tokens, abs=1e-3)
