from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from smartcat.cli.replay.replayable_record import ReplayableRecord
from smartcat.cli.replay.statistics import Statistics


def test_figures_by_hand(make: Any) -> None:
    """Counts, bytes, first and last arrival by reason, and a few examples, ready for JSON."""
    statistics = Statistics()
    for number, days in enumerate([3, 1, 2, 5]):
        source = make.source(number, key=f"d{number}", arrived_at=make.moment + timedelta(days=days))
        statistics.select(ReplayableRecord("too_large", source, source, b"x" * 10), f"o{number}")
    statistics.select(ReplayableRecord("bad_json", make.source(), make.source(), b""), "p")
    statistics.skip("q", "why", "detail")
    figures = statistics.to_dict()
    assert figures["reasons"][1] == {
        "reason": "too_large",
        "records": 4,
        "bytes": 40,
        "oldest": "2026-01-04T04:05:06.007Z",
        "newest": "2026-01-08T04:05:06.007Z",
        "examples": [{"object": f"o{number}", "id": f"d{number}"} for number in range(3)],
    }
    assert (figures["records"], figures["left"]) == (5, {"why": 1})
    assert figures["left_examples"] == [{"object": "q", "why": "why: detail"}]
    json.dumps(figures)
