import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.capacity_tables import tables
from benchmarks.docs_page import replace_tables

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "write-capacity.md").read_text("utf-8")


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The report that the page shows."""
    report: dict[str, Any] = json.loads((ROOT / "benchmarks/results/write_capacity.json").read_text("utf-8"))
    return report


def test_the_page_shows_the_report(found: dict[str, Any]) -> None:
    """No figure of docs/write-capacity.md is written by hand."""
    assert replace_tables(PAGE, tables(found)) == PAGE


def test_the_report_meets_what_is_promised(found: dict[str, Any]) -> None:
    """Where the table is the limit: 97 % used, under 1 % throttled, nothing lost; 15 s for 1,000 units."""
    own = [r for r in found["worst_of_seeds"] if r["controller"] == "smartcat" and r["scenario"] == "backlog"]
    assert len(own) == 16
    for row in own:
        assert row["throttled_ratio"] < 0.01
        assert (row["lost"], row["discarded"], row["repeated_units_ratio"]) == (0, 0, 0)
        assert row["utilisation"] >= (0.96 if row["capacity"] == 1000 else 0.97)
    (sized,) = [row for row in own if row["capacity"] == 100]
    assert sized["paid_wait_per_1000_units"] <= 15


def test_a_page_without_a_mark_is_rejected(found: dict[str, Any]) -> None:
    """A table that has no place would be left out in silence."""
    with pytest.raises(ValueError, match="marks of 'sized'"):
        replace_tables(PAGE.replace("<!-- sized -->", ""), tables(found))
    assert set(tables(found)) == {"grid", "sized", "changes", "load test"}
