from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.replay.record_filter import RecordFilter, parse_time
from smartcat.cli.replay.replayable_record import ReplayableRecord

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2h", NOW - timedelta(hours=2)),
        (" 3d ", NOW - timedelta(days=3)),
        ("1w", NOW - timedelta(days=7)),
        ("0s", NOW),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.250+01:00", datetime(2026, 1, 31, 11, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_moments_by_hand(text: str, moment: datetime) -> None:
    """People write moments, dates and how long ago; what names no zone is UTC."""
    assert parse_time(text, NOW) == moment
    assert parse_time(text, NOW).tzinfo == UTC


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2x", "-2h", "2026-02-30", "999999w", "٣h", "0001-01-01T00:00:00+14:00", "2h3m"]
)
def test_other_texts_are_refused_with_examples(text: str) -> None:
    """The line says what may stand there."""
    with pytest.raises(ValueError, match=r"2026-01-31, .* 2h, 3d"):
        parse_time(text, NOW)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    """Whatever is typed, nothing else is raised."""
    with suppress(ValueError):
        assert parse_time(text, NOW).tzinfo == UTC


def held(make: Any, **fields: Any) -> ReplayableRecord:
    """A record that came again: its own place is older than its carrier's."""
    return ReplayableRecord("bad_json", make.source(**fields), make.source(99, arrived_at=NOW), b"")


def test_a_record_must_meet_every_filter(make: Any) -> None:
    """Reason, id and arrival narrow what is meant; the first arrival counts, from since up to until."""
    record = held(make, key="id", arrived_at=NOW - timedelta(days=1))
    yesterday = NOW - timedelta(days=1)
    assert RecordFilter().matches(record)
    assert RecordFilter(frozenset({"bad_json", "x"}), frozenset({"id", "y"}), yesterday, NOW).matches(record)
    assert not RecordFilter(reasons=frozenset({"x"})).matches(record)
    assert not RecordFilter(ids=frozenset({"y"})).matches(record)
    assert not RecordFilter(since=NOW).matches(record)
    assert not RecordFilter(until=yesterday).matches(record)


@given(st.lists(st.integers(-50, 50)), st.integers(-50, 50), st.integers(-50, 50))
def test_two_windows_that_meet_take_each_record_once(
    make: Any, hours: list[int], split: int, width: int
) -> None:
    """What one run takes until a moment, the next takes from it on: nothing twice, nothing never."""
    records = [held(make, arrived_at=NOW + timedelta(hours=each)) for each in hours]
    middle = NOW + timedelta(hours=split)
    early, late = RecordFilter(until=middle), RecordFilter(since=middle)
    assert all(early.matches(each) != late.matches(each) for each in records)
