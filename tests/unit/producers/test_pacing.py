import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.pacing import RateGate, ShardPace

MIB = 1024 * 1024


def refused_down_to(share: float) -> ShardPace:
    """A pace that was refused once a second until its share was at most this, the last time at 0 s."""
    pace = ShardPace(-100.0)
    now = -100.0
    while pace.share > share:
        now += 1.0
        pace.refused(now)
    return pace


def test_half_a_second_goes_at_once_and_then_the_rate_counts() -> None:
    """512 KiB at once; the next 98 KiB of a shard's 1 MiB a second, at 98 %, take a tenth of a second."""
    pace = ShardPace(0.0)
    assert pace.wait(1, MIB // 2, 0.0) == 0
    pace.take(1, MIB // 2, 0.0)
    assert pace.wait(1, round(0.098 * MIB), 0.0) == pytest.approx(0.1, rel=1e-5)
    assert pace.wait(1, round(0.098 * MIB), 0.1) == pytest.approx(0.0, abs=1e-5)


def test_records_count_as_bytes_do() -> None:
    """500 records at once, and 98 more a tenth of a second later."""
    pace = ShardPace(0.0)
    pace.take(500, 500, 0.0)
    assert pace.wait(98, 98, 0.0) == pytest.approx(0.1)


def test_a_whole_mebibyte_waits_for_its_second() -> None:
    """Half is there from the start; the rest takes 0.5 / 0.98 s, and nothing is left then."""
    pace = ShardPace(0.0)
    assert pace.wait(1, MIB, 0.0) == pytest.approx(0.5 / 0.98)
    pace.take(1, MIB, 0.52)
    assert pace.wait(1, MIB // 10, 0.52) > 0.09


def test_a_larger_record_is_paid_for_afterwards() -> None:
    """10 MiB go when one second's worth is there; the next byte waits nine seconds and more."""
    pace = ShardPace(0.0)
    assert pace.wait(1, 10 * MIB, 0.0) == pytest.approx(0.5 / 0.98)
    pace.take(1, 10 * MIB, 0.52)
    assert pace.wait(1, 1, 0.52) == pytest.approx(9 / 0.98, rel=0.01)


def test_idle_time_is_not_saved_up() -> None:
    """After an hour half a second's worth may go at once, not an hour's."""
    pace = ShardPace(0.0)
    pace.take(1, MIB // 2, 3600.0)
    assert pace.wait(1, MIB // 2, 3600.0) > 0.4


def test_a_refusal_cuts_the_share_once() -> None:
    """All refusals of one request are one piece of news: 1.0, 0.7, and 0.49 at the next."""
    pace = ShardPace(0.0)
    for now in (1.0, 1.1, 1.4):
        pace.refused(now)
    assert pace.share == pytest.approx(0.7, abs=0.03)
    pace.refused(2.0)
    assert pace.share == pytest.approx(0.5, abs=0.03)


def test_after_a_refusal_nothing_goes_on_credit() -> None:
    """What had gathered is gone: the shard was fuller than was thought."""
    pace = ShardPace(0.0)
    pace.refused(1.0)
    assert pace.wait(1, MIB // 10, 1.0) > 0.1


def test_the_share_recovers_quickly_and_then_slowly() -> None:
    """From 0.7, a twentieth a second up to nine tenths of where it was refused, a hundredth from there."""
    pace = ShardPace(0.0)
    pace.refused(1.0)
    pace.wait(1, 1, 5.0)
    assert pace.share == pytest.approx(0.9)
    pace.wait(1, 1, 10.0)
    assert pace.share == pytest.approx(0.95)
    pace.wait(1, 1, 100.0)
    assert pace.share == 1.0


def test_a_share_never_vanishes() -> None:
    """However often it is refused, a fiftieth is still tried."""
    pace = ShardPace(0.0)
    for now in range(100):
        pace.refused(float(now))
    assert pace.share >= 0.02


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 2 * MIB)), max_size=60))
def test_no_shard_is_ever_overrun(steps: list[tuple[float, int]]) -> None:
    """A shard that has a second's worth and refills at its limit never runs dry below what it lends."""
    pace, now, room = ShardPace(0.0), 0.0, float(MIB)
    for passed, size in steps:
        now += passed
        room = min(MIB, room + passed * MIB)
        if pace.wait(1, size, now) == 0:
            assert room >= min(size, MIB) - 1
            pace.take(1, size, now)
            room -= size


def test_a_clock_that_steps_back_changes_nothing() -> None:
    """Threads may read the clock in another order than they arrive."""
    pace = ShardPace(10.0)
    pace.take(1, MIB // 2, 10.0)
    assert pace.wait(1, MIB // 2, 9.0) == pace.wait(1, MIB // 2, 10.0)


def test_a_rate_spaces_evenly_and_makes_up_for_nothing() -> None:
    """At 4 a second: now, 0.25 s later, 0.5 s later; after a long pause again now."""
    gate = RateGate(4.0)
    assert [gate.reserve(100.0) for _ in range(3)] == [0.0, 0.25, 0.5]
    assert [gate.reserve(200.0) for _ in range(2)] == [0.0, 0.25]
