import random

import pytest

from producers.estimate import Estimate
from wire_format.document import Document, to_bytes


def test_sums_worked_by_hand() -> None:
    """Bytes, payload units and dollars of two documents, one of which is large and does not compress."""
    letters = random.Random(2)  # noqa: S311 - no secret
    large = Document(document_id="big", text="".join(chr(letters.randrange(33, 127)) for _ in range(60_000)))
    small = Document(document_id="ö", pages=("a", "b"))
    estimate = Estimate()
    for document in (large, small):
        estimate.add(document)
    big = len(to_bytes(large)) + 3
    assert 2 * 25_600 > big > 25_600
    assert (estimate.documents, estimate.pages) == (2, 3)
    assert estimate.wire_bytes == big + len(to_bytes(small)) + 2
    assert estimate.json_bytes > 60_000
    assert estimate.payload_units == 2 + 1
    assert estimate.on_demand_bytes == (-(-big // 1024) + 1) * 1024
    assert estimate.usd_provisioned == pytest.approx(3 * 0.014 / 1e6)
    assert estimate.usd_on_demand == pytest.approx(estimate.on_demand_bytes / 2**30 * 0.08)
    assert estimate.seconds(1) == pytest.approx(estimate.wire_bytes / 2**20)


def test_many_small_records_are_bound_by_their_number() -> None:
    """A shard takes 1,000 records a second, however small they are."""
    assert Estimate(documents=8000, wire_bytes=8000).seconds(4) == 2.0
