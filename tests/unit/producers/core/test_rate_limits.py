import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.core.rate_limits import RateLimiter, ShardRateLimiter

MIB = 1024 * 1024


def throttled_down_to(share: float) -> ShardRateLimiter:
    """A limiter that was throttled once a second until its share was at most this, the last time at 0 s."""
    limiter = ShardRateLimiter(-100.0)
    now = -100.0
    while limiter.share > share:
        now += 1.0
        limiter.throttled(now)
    return limiter


def test_half_a_second_goes_at_once_and_then_the_rate_counts() -> None:
    """512 KiB at once; the next 98 KiB of a shard's 1 MiB a second, at 98 %, take a tenth of a second."""
    limiter = ShardRateLimiter(0.0)
    assert limiter.wait_seconds(1, MIB // 2, 0.0) == 0
    limiter.take(1, MIB // 2, 0.0)
    assert limiter.wait_seconds(1, round(0.098 * MIB), 0.0) == pytest.approx(0.1, rel=1e-5)
    assert limiter.wait_seconds(1, round(0.098 * MIB), 0.1) == pytest.approx(0.0, abs=1e-5)


def test_records_count_as_bytes_do() -> None:
    """500 records at once, and 98 more a tenth of a second later."""
    limiter = ShardRateLimiter(0.0)
    limiter.take(500, 500, 0.0)
    assert limiter.wait_seconds(98, 98, 0.0) == pytest.approx(0.1)


def test_a_whole_mebibyte_waits_for_its_second() -> None:
    """Half is there from the start; the rest takes 0.5 / 0.98 s, and nothing is left then."""
    limiter = ShardRateLimiter(0.0)
    assert limiter.wait_seconds(1, MIB, 0.0) == pytest.approx(0.5 / 0.98)
    limiter.take(1, MIB, 0.52)
    assert limiter.wait_seconds(1, MIB // 10, 0.52) > 0.09


def test_a_larger_record_is_paid_for_afterwards() -> None:
    """10 MiB go when one second's worth is there; the next byte waits nine seconds and more."""
    limiter = ShardRateLimiter(0.0)
    assert limiter.wait_seconds(1, 10 * MIB, 0.0) == pytest.approx(0.5 / 0.98)
    limiter.take(1, 10 * MIB, 0.52)
    assert limiter.wait_seconds(1, 1, 0.52) == pytest.approx(9 / 0.98, rel=0.01)


def test_idle_time_is_not_saved_up() -> None:
    """After an hour half a second's worth may go at once, not an hour's."""
    limiter = ShardRateLimiter(0.0)
    limiter.take(1, MIB // 2, 3600.0)
    assert limiter.wait_seconds(1, MIB // 2, 3600.0) > 0.4


def test_throttling_cuts_the_share_once() -> None:
    """All throttled records of one request count once: 1.0, 0.7, and 0.49 at the next."""
    limiter = ShardRateLimiter(0.0)
    for now in (1.0, 1.1, 1.4):
        limiter.throttled(now)
    assert limiter.share == pytest.approx(0.7, abs=0.03)
    limiter.throttled(2.0)
    assert limiter.share == pytest.approx(0.5, abs=0.03)


def test_after_throttling_nothing_is_sent_on_credit() -> None:
    """What had gathered is gone: the shard had less left than assumed."""
    limiter = ShardRateLimiter(0.0)
    limiter.throttled(1.0)
    assert limiter.wait_seconds(1, MIB // 10, 1.0) > 0.1


def test_the_share_recovers_quickly_and_then_slowly() -> None:
    """From 0.7, a twentieth a second up to nine tenths of where it was throttled, a hundredth from there."""
    limiter = ShardRateLimiter(0.0)
    limiter.throttled(1.0)
    limiter.wait_seconds(1, 1, 5.0)
    assert limiter.share == pytest.approx(0.9)
    limiter.wait_seconds(1, 1, 10.0)
    assert limiter.share == pytest.approx(0.95)
    limiter.wait_seconds(1, 1, 100.0)
    assert limiter.share == 1.0


def test_a_share_never_vanishes() -> None:
    """However often it is throttled, a fiftieth is still tried."""
    limiter = ShardRateLimiter(0.0)
    for now in range(100):
        limiter.throttled(float(now))
    assert limiter.share >= 0.02


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 2 * MIB)), max_size=60))
def test_no_shard_is_ever_overrun(steps: list[tuple[float, int]]) -> None:
    """A shard that has a second's worth and refills at its limit never runs dry below what it lends."""
    limiter, now, left = ShardRateLimiter(0.0), 0.0, float(MIB)
    for passed, size in steps:
        now += passed
        left = min(MIB, left + passed * MIB)
        if limiter.wait_seconds(1, size, now) == 0:
            assert left >= min(size, MIB) - 1
            limiter.take(1, size, now)
            left -= size


def test_a_clock_that_steps_back_changes_nothing() -> None:
    """Threads may read the clock in another order than they arrive."""
    limiter = ShardRateLimiter(10.0)
    limiter.take(1, MIB // 2, 10.0)
    assert limiter.wait_seconds(1, MIB // 2, 9.0) == limiter.wait_seconds(1, MIB // 2, 10.0)


def test_a_rate_spaces_evenly_and_makes_up_for_nothing() -> None:
    """At 4 a second: now, 0.25 s later, 0.5 s later; after a long pause again now."""
    limiter = RateLimiter(4.0)
    assert [limiter.reserve(100.0) for _ in range(3)] == [0.0, 0.25, 0.5]
    assert [limiter.reserve(200.0) for _ in range(2)] == [0.0, 0.25]
