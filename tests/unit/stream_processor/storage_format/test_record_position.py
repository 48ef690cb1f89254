from __future__ import annotations

from datetime import UTC, datetime

from stream_processor.storage_format.record_position import iso_utc


def test_iso_utc_precision() -> None:
    """Whole seconds are written without a fraction, others to the millisecond."""
    assert iso_utc(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    assert iso_utc(datetime(2026, 1, 2, 3, 4, 5, 60_000, UTC)) == "2026-01-02T03:04:05.060Z"
