from __future__ import annotations

import pytest

from stream_processor.core.write_budget.capacity_probe import (
    DEEPEST_DEBT,
    ThrottleCredit,
    probe_rate,
    slow_start_rate,
)


def test_a_slow_start_doubles_every_two_seconds() -> None:
    """With nothing known, four seconds short of tokens are two doublings, and 12 doublings are the end."""
    assert slow_start_rate(10.0, 4.0) == pytest.approx(40.0)
    assert slow_start_rate(1.0, 1e9) == 4096.0


def test_a_probe_begins_gently_and_then_doubles() -> None:
    """Half a configured share more in 25 s, then twice as much every 5 s, without a jump between the two."""
    assert probe_rate(8.0, 10.0, 0.0) == 8.0
    assert probe_rate(8.0, 10.0, 12.5) == pytest.approx(10.5)
    assert probe_rate(8.0, 10.0, 24.999999) == pytest.approx(probe_rate(8.0, 10.0, 25.0))
    assert probe_rate(8.0, 10.0, 30.0) == pytest.approx(26.0)


def test_250_requests_pay_for_one_throttle() -> None:
    """One probe is paid for by 250 requests, however they are counted, and more do not pay for two."""
    credit = ThrottleCredit()
    credit.earn(249)
    assert not credit.covers_one
    credit.earn(1)
    assert credit.covers_one
    credit.earn(10_000)
    credit.spend(1)
    assert not credit.covers_one
    assert credit.good_requests == 0


def test_the_other_throttles_of_a_group_are_debts() -> None:
    """Three throttles at once leave two to be paid before the next probe: 750 requests; there is a bottom."""
    credit = ThrottleCredit()
    credit.earn(250)
    credit.spend(3)
    credit.earn(749)
    assert not credit.covers_one
    credit.earn(1)
    assert credit.covers_one
    credit.spend(1_000_000)
    credit.earn(250 * (1 - int(DEEPEST_DEBT)))
    assert credit.covers_one


def test_a_throttle_nobody_chose_is_no_debt() -> None:
    """Without savings a single throttle costs nothing: a cut of the share answers it."""
    credit = ThrottleCredit()
    credit.spend(1)
    credit.earn(250)
    assert credit.covers_one
