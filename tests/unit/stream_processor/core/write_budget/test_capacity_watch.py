from __future__ import annotations

import random

import pytest

from stream_processor.core.write_budget.capacity_watch import CapacityWatch


def test_nobody_is_asked_where_the_share_would_not_follow() -> None:
    """Without the number of environments a capacity says nothing about a share."""
    watch = CapacityWatch()
    assert not watch.is_due(0.0, suspicious=True)
    with pytest.raises(ValueError, match="not known"):
        watch.share_of(100.0)


def test_a_cold_start_asks_at_once_and_then_every_minute_or_so() -> None:
    """The first question is due at once, the next 48 to 72 s later."""
    watch = CapacityWatch(4)
    assert watch.is_due(0.0, suspicious=False)
    watch.asked(0.0, random.Random(1))  # noqa: S311 - jitter of a test, not a secret
    assert not watch.is_due(47.9, suspicious=False)
    assert watch.is_due(72.0, suspicious=False)


def test_suspicion_asks_sooner_but_not_all_the_time() -> None:
    """With a reason to doubt, ten seconds lie between two questions."""
    watch = CapacityWatch(4)
    watch.asked(0.0, random.Random(1))  # noqa: S311 - jitter of a test, not a secret
    assert not watch.is_due(9.9, suspicious=True)
    assert watch.is_due(10.0, suspicious=True)


def test_a_share_is_the_capacity_by_the_environments() -> None:
    """Four environments on 1,500 units have 375 each, and spend savings at 1,800 by four: two partitions."""
    watch = CapacityWatch(4)
    assert watch.share_of(1500.0) == 375.0
    assert watch.burst_rate_of(1500.0) == 450.0


def test_a_clock_that_is_set_back_makes_a_question_due() -> None:
    """The old time may be an hour away: it is not waited for."""
    watch = CapacityWatch(4)
    watch.asked(3600.0, random.Random(1))  # noqa: S311 - jitter of a test, not a secret
    assert watch.is_due(1.0, suspicious=False)
