"""docs/performance.md shows what was measured."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import cold_start, engine_tables, handler
from benchmarks.docs_page import replace_tables

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "performance.md").read_text("utf-8")
MAKERS = {"engine": engine_tables.tables, "handler": handler.tables, "cold_start": cold_start.tables}


def found(name: str) -> dict[str, Any]:
    """What a benchmark kept."""
    report: dict[str, Any] = json.loads((ROOT / f"benchmarks/results/{name}.json").read_text("utf-8"))
    return report


@pytest.mark.parametrize("name", MAKERS)
def test_the_page_shows_what_was_measured(name: str) -> None:
    """No figure between the marks is written by hand."""
    assert replace_tables(PAGE, MAKERS[name](found(name))) == PAGE


def test_every_cell_of_the_engine_was_measured() -> None:
    """Two kinds of features, two numbers of buckets, three lengths, two languages, and every peer."""
    cells = found("engine")["cells"]
    assert len(cells) == 2 * 2 * 3 * 2
    assert {"int8", "sklearn", "naive", "fasttext20", "fasttext100", "limit"} <= set(cells[0]["microseconds"])


def test_a_page_without_a_mark_is_rejected() -> None:
    """A table that has no place would be left out in silence."""
    with pytest.raises(ValueError, match="marks of 'ratios'"):
        replace_tables(PAGE.replace("<!-- ratios -->", ""), {"ratios": ""})
