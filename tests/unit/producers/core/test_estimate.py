import random

import pytest

from producers.core.estimate import Estimate
from producers.core.record_packing import DEFAULT_AGGREGATE_BYTES
from smartcat.wire_format.document import Document, to_bytes
from smartcat.wire_format.kpl_aggregate import UserRecord, pack


def test_sums_worked_by_hand() -> None:
    """Bytes, payload units and dollars of two documents, one of which is large and does not compress."""
    letters = random.Random(2)  # noqa: S311 - no secret
    large = Document(document_id="big", text="".join(chr(letters.randrange(33, 127)) for _ in range(60_000)))
    small = Document(document_id="ö", pages=("a", "b"))
    estimate = Estimate()
    for document in (large, small):
        estimate.add(document)
    big = len(to_bytes(large)) + len("lane-0")
    assert 2 * 25_600 > big > 25_600
    assert (estimate.documents, estimate.pages) == (2, 3)
    assert estimate.wire_bytes == big + len(to_bytes(small)) + len("lane-0")
    assert estimate.json_bytes > 60_000
    assert estimate.single.payload_units == 2 + 1
    assert estimate.single.on_demand_bytes == (-(-big // 1024) + 1) * 1024
    assert estimate.single.usd_provisioned == pytest.approx(3 * 0.014 / 1e6)
    assert estimate.single.usd_on_demand == pytest.approx(estimate.single.on_demand_bytes / 2**30 * 0.08)
    assert estimate.seconds(1) == pytest.approx(estimate.wire_bytes / 2**20)


def test_many_small_records_are_bound_by_their_number() -> None:
    """A shard takes 1,000 records a second, however small they are."""
    assert Estimate(documents=8000, wire_bytes=8000).seconds(4) == 2.0


def size_of(records: list[UserRecord]) -> int:
    """Build an aggregate, and count its bytes and those of its partition key."""
    return len(pack(records)) + len("lane-0")


def test_aggregates_are_counted_as_they_are_packed() -> None:
    """The sizes are exactly those of aggregates of the same documents, and a large one goes alone."""
    letters = random.Random(3)  # noqa: S311 - no secret
    documents = [
        Document(
            document_id=f"d{number}", text="".join(letters.choices("abcdefgh", k=letters.randrange(2000)))
        )
        for number in range(300)
    ]
    estimate = Estimate()
    for document in documents:
        estimate.add(document)
    large = Document(document_id="big", text="".join(map(chr, range(0x4E00, 0x9E00))) * 3)
    estimate.add(large)
    estimate.end()
    sizes: list[int] = []
    kept: list[UserRecord] = []
    for document in documents:
        record = UserRecord(document.document_id, to_bytes(document))
        if kept and size_of([*kept, record]) > DEFAULT_AGGREGATE_BYTES:
            sizes.append(size_of(kept))
            kept = []
        kept.append(record)
    sizes.append(size_of(kept))
    assert estimate.aggregated.records == len(sizes) + 1
    big = len(to_bytes(large)) + len("lane-0")
    assert big > DEFAULT_AGGREGATE_BYTES
    assert estimate.aggregated.on_demand_bytes == sum(-(-size // 1024) * 1024 for size in [*sizes, big])
    assert max(sizes) <= DEFAULT_AGGREGATE_BYTES
    assert estimate.aggregated.payload_units < estimate.single.payload_units
