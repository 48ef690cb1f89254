from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.replay.replayable_record import ReplayableRecord, replayable
from stream_processor.storage_format.kinesis_records import EncodedDocument, split_data
from stream_processor.storage_format.quarantine_object import RejectedRecord


@given(st.binary(max_size=200), st.integers(0, 10**56), st.none() | st.integers(0, 999_999))
def test_the_record_that_goes_back_says_where_it_first_was(
    make: Any, data: bytes, number: int, sub: int | None
) -> None:
    """The processor takes out of it the exact bytes, the key, and the first place."""
    first = make.source(number, key="id", sub=sub)
    carrier = make.source(number + 1, key="id")
    (part,) = split_data(ReplayableRecord("r", first, first, data).to_record(), carrier)
    assert isinstance(part, EncodedDocument)
    assert (part.data, part.origin, part.position.partition_key) == (data, first, "id")


def test_a_record_without_key_goes_back_under_its_number(make: Any) -> None:
    """On-demand streams take records without keys, and PutRecords wants one."""
    held = ReplayableRecord("r", make.source(7, key=""), make.source(7, key=""), b"")
    assert held.partition_key == "keyless-7"
    assert held.to_record()


@pytest.mark.parametrize("wrong", [{"number": "007"}, {"key": "k" * 257}, {"key": "\ud800"}])
def test_what_kinesis_never_gives_cannot_go_back(make: Any, wrong: dict[str, Any]) -> None:
    """A damaged place is refused before it is on the stream."""
    source = make.source(**wrong)
    with pytest.raises(ValueError, match=r"replay tags|key|surrogates"):
        ReplayableRecord("r", source, source, b"").to_record()


def test_a_part_is_held_with_its_first_place(make: Any) -> None:
    """What came again already keeps the place it had at first, however often it comes."""
    first, carrier = make.source(3), make.source(9, sub=0)
    assert replayable(EncodedDocument(carrier, b"x", first), "r", latest=carrier) == ReplayableRecord(
        "r", first, carrier, b"x"
    )
    assert replayable(EncodedDocument(carrier, b"x"), "r", latest=carrier) == ReplayableRecord(
        "r", carrier, carrier, b"x"
    )


def test_what_cannot_be_read_is_held_with_its_problem(make: Any) -> None:
    """It counts as found, and says why it stays."""
    rejected = RejectedRecord(make.source(), "bad_aggregate", "why", data=b"x")
    held = replayable(rejected, "bad_aggregate", latest=make.source())
    assert held.problem == "it still cannot be read (bad_aggregate)"


def test_repr_shows_no_data(make: Any) -> None:
    """A held record in a traceback does not show the page text."""
    assert "secret" not in repr(ReplayableRecord("r", make.source(), make.source(), b"secret"))
    assert "2026" in repr(make.source(arrived_at=datetime(2026, 1, 1, tzinfo=UTC)))
