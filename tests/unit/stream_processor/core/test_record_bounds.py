from __future__ import annotations

from typing import Any

import pytest

from smartcat.wire_format.errors import WireFormatError
from smartcat.wire_format.kpl_aggregate import UserRecord, pack
from smartcat.wire_format.zstd_aggregate import compress_aggregate
from stream_processor.core import kinesis_event, record_bounds
from stream_processor.core.kinesis_event import read_event
from stream_processor.core.process_batch import Limits
from stream_processor.core.record_bounds import MAX_CLAIMS, MAX_REJECTED, MAX_REJECTED_BYTES, JsonAllowance

MIB = 1024 * 1024


def read(*entries: Any, max_document_bytes: int = 16 * MIB, **options: Any) -> Any:
    """Read an event of these records."""
    options = {"max_batch_text": 16 * MIB} | options
    return read_event({"Records": list(entries)}, max_document_bytes=max_document_bytes, **options)


def test_rejected_parts_are_kept_one_by_one_up_to_a_bound(make: Any) -> None:
    """So many parts are rejected records each; one more makes them one, and the documents stay."""
    good, bad = make.payload("good"), b"no document"
    data = make.aggregate([good, *[bad] * MAX_REJECTED])
    (record,) = read(make.entry(data, 1)).records
    assert len(record.rejected) == MAX_REJECTED
    data = make.aggregate([good, *[bad] * (MAX_REJECTED + 1)])
    (record,) = read(make.entry(data, 1)).records
    assert [part.document.document_id for part in record.documents] == ["good"]
    (rejected,) = record.rejected
    assert (rejected.reason, rejected.data, rejected.position) == ("too_many_parts", data, record.position)
    assert rejected.detail.startswith("101 of 102 parts are rejected, with 1111 bytes: ")
    assert rejected.detail.endswith("The first: bad_json")


def test_rejected_bytes_beyond_a_bound_are_kept_as_they_came(make: Any) -> None:
    """Megabytes that a compressed aggregate unfolds into do not go to the quarantine, it does."""
    data = compress_aggregate(pack([UserRecord("k", b"x" * (MAX_REJECTED_BYTES + 1))]))
    (record,) = read(make.entry(data, 1)).records
    assert [each.data for each in record.rejected] == [data]


def test_a_large_record_may_keep_as_many_bytes_as_it_has(make: Any) -> None:
    """Parts of an aggregate that is not compressed are kept one by one, however large."""
    data = make.aggregate([b"x" * MIB] * 3)
    (record,) = read(make.entry(data, 1)).records
    assert len(record.rejected) == 3


def test_forty_records_that_unfold_into_megabytes_are_read_at_once(make: Any) -> None:
    """Each is put aside as it came, a few hundred bytes, so one invocation takes them all."""
    data = compress_aggregate(pack([UserRecord("k", b"x" * 1_500_000)]))
    assert len(data) < 600
    batch = read(*(make.entry(data, number) for number in range(1, 41)))
    assert len(batch.records) == 40
    assert batch.left_over is None
    assert sum(record.size for record in batch.records) == 40 * len(data)


def test_rejected_and_unread_bytes_end_a_batch_as_text_does(make: Any) -> None:
    """What is held is bounded, whether it is text, rejected, or a payload with fields that nobody reads."""
    rejected = make.aggregate([b"x" * 400_000, b"x" * 400_000])
    ignored = make.payload("d")[:-1] + b',"words":"' + b"y" * 800_000 + b'"}'
    for data in (rejected, ignored):
        batch = read(*(make.entry(data, number) for number in range(1, 9)), max_batch_text=2 * MIB)
        assert len(batch.records) == 3


def test_what_is_split_ahead_of_a_claim_is_bounded(make: Any) -> None:
    """Records that are split to fetch their claims together are not all held before the first is read."""
    world = make.world(limits=Limits(MIB, 2 * MIB))
    claim = world.claim(make.payload("d"), "d")
    bomb = compress_aggregate(pack([UserRecord("k", b"x" * (MIB + 1))]))
    entries = [make.entry(claim, 1), *(make.entry(bomb, number) for number in range(2, 9))]
    split: list[int] = []

    def watched(data: bytes, position: Any) -> Any:
        split.append(len(world.claimed.calls))
        return split_data(data, position)

    split_data = kinesis_event.split_data
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinesis_event, "split_data", watched)
        assert world.process(entries) == {"batchItemFailures": []}
    assert split.count(0) == 3
    assert set(world.table.items) == {"d"}


def test_a_batch_ends_after_so_many_parts(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tens of thousands of small documents take memory too, whatever their text."""
    monkeypatch.setattr(kinesis_event, "MAX_BATCH_PARTS", 5)
    data = make.aggregate([make.payload("a"), make.payload("b")])
    batch = read(*(make.entry(data, number) for number in range(1, 9)))
    assert len(batch.records) == 3


def test_reading_ends_where_time_is_short(make: Any) -> None:
    """The first record is read in any case, the others while there is time."""
    entries = [make.entry(make.payload("d"), number) for number in range(1, 5)]
    answers = iter([True, False])
    assert len(read(*entries, has_time=lambda: next(answers)).records) == 2
    assert len(read(*entries, has_time=lambda: False).records) == 1


def test_more_claims_than_a_record_may_hold_are_one_rejected_record(make: Any, world: Any) -> None:
    """None of them is fetched, and the record is kept as it came."""
    claim = world.claim(make.payload("d"), "d")
    data = make.aggregate([claim] * (MAX_CLAIMS + 1))
    assert world.process([make.entry(data, 1), make.entry(make.payload("e"), 2)]) == {"batchItemFailures": []}
    assert world.claimed.calls == []
    assert world.quarantine.reasons == {(make.number(1), None): "too_many_parts"}
    assert set(world.table.items) == {"e"}


def test_rejected_json_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a record unfolds into is bounded, though none of it is a document."""
    monkeypatch.setattr(record_bounds, "LEAST_ALLOWANCE", 2000)
    allowance = JsonAllowance(1000)
    for _ in range(2):
        with pytest.raises(WireFormatError, match="invalid_document"):
            allowance.read(b"[" + b" " * 900 + b"]")
    with pytest.raises(WireFormatError, match="too_large: 902 bytes, at most 196 are accepted"):
        allowance.read(b"[" + b" " * 900 + b"]")


def test_a_low_bound_on_documents_lets_none_be_rejected_for_its_neighbours(make: Any) -> None:
    """Documents that are too large do not take the allowance of those that are not."""
    small, large = make.payload("small"), make.payload("large", "x" * 2000)
    data = make.aggregate([large, large, large, small])
    (record,) = read(make.entry(data, 1), max_document_bytes=1024).records
    assert [part.document.document_id for part in record.documents] == ["small"]
    assert len(record.rejected) == 3


def test_damaged_gzip_costs_what_it_could_unfold_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short one costs little, so that good documents beside it are still read."""
    monkeypatch.setattr(record_bounds, "RECORD_TEXT_FACTOR", 1)
    monkeypatch.setattr(record_bounds, "LEAST_ALLOWANCE", 0)
    allowance = JsonAllowance(100_000)
    with pytest.raises(WireFormatError, match="bad_gzip"):
        allowance.read(b"\x1f\x8b" + b"x" * 48)
    with pytest.raises(WireFormatError, match=r"at most 48400 are accepted"):
        allowance.read(b" " * 99_000)
