from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.feedback.stored_correction import (
    NotACorrectionError,
    StoredCorrection,
    Timestamps,
    from_item,
    latest,
    lines,
)
from smartcat.training.corpus.corrections import MAX_BY_CHARS, MAX_NOTE_CHARS

NOW = datetime(2026, 1, 3, 4, 5, 6, 7, UTC)
MARK = "0a1b2c3d"
AT = f"2026-01-03T04:05:06.000007Z-{MARK}"

TIMES = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(9998, 1, 1)).map(  # noqa: DTZ001 - zoned below
    lambda moment: moment.replace(tzinfo=UTC)
)


def correction(at: str = AT, label: str = "payslip", name: str = "a") -> StoredCorrection:
    """A correction."""
    return StoredCorrection(name, at, label)


WHOLE = StoredCorrection("a", AT, "payslip", "anna", "see page 2", "contract", "0123456789ab", 0.8312)


@pytest.mark.parametrize("stored", [WHOLE, correction()])
def test_an_item_holds_all_of_it(stored: StoredCorrection) -> None:
    """What was not known is not there."""
    assert from_item(stored.to_item()) == stored


def test_a_file_holds_what_people_read() -> None:
    """Under the names that corrections are read by; the mark is nobody's business."""
    assert correction().to_dict() == {
        "id": "a",
        "corrected_at": "2026-01-03T04:05:06.000007Z",
        "label": "payslip",
    }
    assert [row["id"] for row in lines([correction(name="b"), WHOLE])] == ["a", "b"]
    assert WHOLE.to_dict()["confidence"] == 0.8312


def test_the_largest_correction_costs_little() -> None:
    """With everything as long as it may be, an item is far from DynamoDB's 400 KB."""
    stored = StoredCorrection("x" * 256, AT, "x" * 200, "x" * MAX_BY_CHARS, "x" * MAX_NOTE_CHARS, "x" * 200)
    assert sum(4 * len(value["S"]) for value in stored.to_item().values()) < 8192


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"document_id": {"S": "a"}, "label": {"S": "x"}},
        {"document_id": {"S": "a"}, "label": {"S": "x"}, "corrected_at": {"S": "zzz"}},
        {"document_id": {"S": "a"}, "label": {"S": "x"}, "corrected_at": {"S": AT + "\n"}},
        {"document_id": {"S": "a"}, "label": {"S": ""}, "corrected_at": {"S": AT}},
        {"document_id": {"S": "a"}, "label": {"N": "1"}, "corrected_at": {"S": AT}},
    ],
)
def test_what_is_no_correction_is_named(item: Any) -> None:
    """Somebody wrote into the table by hand, or it is another table."""
    with pytest.raises(NotACorrectionError, match="holds an item that is not a correction"):
        from_item(item)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.sampled_from("xyz")), max_size=8))
def test_the_latest_holds_in_any_order(made: list[tuple[str, int, str]]) -> None:
    """A scan gives items in an order of its own."""
    stored = [
        correction(f"2026-01-03T04:05:06.{moment:06}Z-{MARK}", label, name) for name, moment, label in made
    ]
    found = latest(stored)
    assert {*found} == {name for name, _, _ in made}
    for name, each in found.items():
        assert each.corrected_at == max(other.corrected_at for other in stored if other.document_id == name)


@given(TIMES, st.lists(st.none() | TIMES, min_size=1, max_size=20))
def test_what_is_said_later_sorts_later(now: datetime, replaced: list[datetime | None]) -> None:
    """After what it replaces, whatever the clocks said; and no two moments of a command are the same."""
    moments, seen = Timestamps(now, MARK), set()
    for time in replaced:
        before = None if time is None else correction(Timestamps(time, "ffffffff").after(None))
        moment = moments.after(before)
        assert before is None or moment > before.corrected_at
        assert from_item(correction(moment).to_item()).corrected_at == moment
        if before is None:
            assert moment not in seen
            seen.add(moment)


def test_a_clock_that_goes_backwards_overwrites_nothing() -> None:
    """The correction made now is behind one from the future, by the least that there is."""
    ahead = correction(f"2030-01-01T00:00:00.999999Z-{MARK}")
    assert Timestamps(NOW, MARK).after(ahead) == f"2030-01-01T00:00:01.000000Z-{MARK}"


def test_moments_are_universal_and_follow_one_another() -> None:
    """Microsecond by microsecond, for a file of any length."""
    moments = Timestamps(NOW.astimezone(timezone(timedelta(hours=9))), MARK)
    assert [moments.after(None) for _ in range(2)] == [AT, AT.replace("7Z", "8Z")]


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59.999999Z", "2026-13-40T04:05:06.000007Z", "soon"])
def test_nothing_comes_after_what_is_no_moment(at: str) -> None:
    """The end of time, a day that is none: said, and not repaired."""
    with pytest.raises(NotACorrectionError, match="not the timestamp of a correction"):
        Timestamps(NOW, MARK).after(correction(f"{at}-{MARK}"))
