from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.wire_format.errors import Reason, WireFormatError
from smartcat.wire_format.replay_tags import OriginalPosition, from_tags, to_tags

MOMENT = datetime(2026, 1, 3, 4, 5, 6, 7000, UTC)
POSITION = OriginalPosition("shardId-000000000002", "4955", 3, MOMENT)
TAGS = (
    ("smartcat-shard-id", "shardId-000000000002"),
    ("smartcat-sequence-number", "4955"),
    ("smartcat-sub-sequence-number", "3"),
    ("smartcat-arrived-at", "2026-01-03T04:05:06.007Z"),
)
POSITIONS = st.builds(
    OriginalPosition,
    st.from_regex(r"shardId-[0-9]{12}", fullmatch=True),
    st.integers(0, 10**129 - 1).map(str),
    st.none() | st.integers(0, 999_999),
    st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
)


def changed(name: str, value: str | None) -> tuple[tuple[str, str], ...]:
    """The tags with one value changed, or left out."""
    others = tuple(tag for tag in TAGS if tag[0] != f"smartcat-{name}")
    return others if value is None else (*others, (f"smartcat-{name}", value))


def test_tags_by_hand() -> None:
    """The names and forms are fixed: a record that waits on a stream is read by the next version, too."""
    assert to_tags(POSITION) == TAGS
    assert from_tags(TAGS) == POSITION
    assert from_tags(changed("sub-sequence-number", None)) == OriginalPosition(
        POSITION.shard_id, "4955", None, MOMENT
    )


@given(POSITIONS)
def test_every_position_comes_back(position: OriginalPosition) -> None:
    """What is written is read as it was, whatever stands around it and in whatever order."""
    tags = to_tags(position)
    assert from_tags(tags) == position
    assert from_tags([("other", "x"), *reversed(tags), ("other", "x")]) == position


# Hypothesis also draws strings that it finds in the source, our own names among them.
FOREIGN = st.text().filter(lambda name: name not in {ours for ours, _ in TAGS})


@given(st.lists(st.tuples(FOREIGN, st.text())))
def test_foreign_tags_mean_nothing(tags: list[tuple[str, str]]) -> None:
    """Tags that other people invented neither give a position nor are errors."""
    assert from_tags(tags) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shard-id", None),
        ("sequence-number", None),
        ("arrived-at", None),
        ("shard-id", ""),
        ("shard-id", "shard 1"),
        ("shard-id", "s" * 129),
        ("sequence-number", ""),
        ("sequence-number", "-1"),
        ("sequence-number", "007"),
        ("sequence-number", "1_000"),
        ("sequence-number", "٣"),
        ("sequence-number", "9" * 130),
        ("sequence-number", "5\n"),
        ("sub-sequence-number", ""),
        ("sub-sequence-number", "1000000"),
        ("sub-sequence-number", "01"),
        ("arrived-at", "2026-01-03"),
        ("arrived-at", "2026-01-03T04:05:06.007+00:00"),
        ("arrived-at", "2026-02-30T04:05:06.007Z"),
        ("arrived-at", "2026-01-03T25:05:06.007Z"),
    ],
)
def test_tags_of_another_form_are_refused(name: str, value: str | None) -> None:
    """Half a position, or a value that Kinesis never assigns, is an error that names the tag only."""
    with pytest.raises(WireFormatError, match=f"smartcat-{name}") as caught:
        from_tags(changed(name, value))
    assert caught.value.reason is Reason.BAD_REPLAY_TAGS
    assert not value or value not in caught.value.detail


def test_a_tag_that_comes_twice_is_refused() -> None:
    """Two positions for one record cannot both be true."""
    with pytest.raises(WireFormatError, match="smartcat-shard-id comes twice"):
        from_tags([*TAGS, TAGS[0]])


@pytest.mark.parametrize(
    "position", [OriginalPosition("s", "007", None, MOMENT), OriginalPosition("", "7", None, MOMENT)]
)
def test_only_positions_that_can_be_read_are_written(position: OriginalPosition) -> None:
    """A position that the reader would reject is rejected before it is on the stream."""
    with pytest.raises(ValueError, match="replay tags"):
        to_tags(position)


def test_arrival_is_written_in_utc() -> None:
    """A moment of another zone is the same moment in UTC."""
    cet = OriginalPosition("s", "7", None, MOMENT.astimezone(timezone(timedelta(hours=1))))
    assert from_tags(to_tags(cet)) == OriginalPosition("s", "7", None, MOMENT)
