"""The demo, smaller, as a person runs it."""

import json
import re
from pathlib import Path

import pytest

from support.cli import smartcat

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.local_only("the demo starts its own local AWS"),
]

FIELDS = {
    "accepted", "stored", "quarantined", "lost", "duplicates", "accuracy", "documents_per_second",
    "provisioned_write_units", "consumed_write_units", "throttled_requests", "cold_start_ms", "seconds",
}  # fmt: skip


def test_the_demo_accounts_for_every_record(tmp_path: Path) -> None:
    """It ends with accepted = stored + quarantined, nothing lost, and writes summary and report."""
    done = smartcat("demo", "--count", "400", "--training", "300", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary.keys() >= FIELDS
    assert summary["lost"] == 0
    assert summary["stored"] == 400
    assert summary["quarantined"] >= 12
    assert summary["accepted"] == summary["stored"] + summary["quarantined"]
    assert summary["consumed_write_units"] >= 400
    assert 0.8 < summary["accuracy"] < 1
    assert summary["cold_start_ms"] > 0
    assert "Reconciliation" in done.stdout
    assert "backlog" in done.stdout


def test_the_report_is_one_file_that_needs_nothing_else(tmp_path: Path) -> None:
    """The page has its pictures inside and loads nothing from elsewhere; other people's labels stay text."""
    labelled = tmp_path / "own.jsonl"
    rows = [
        {
            "id": f"d{n}",
            "label": "<b>bill</b>" if n % 2 else "deed",
            "text": ("pay now " if n % 2 else "land plot ") * (n % 7 + 1),
        }
        for n in range(120)
    ]
    labelled.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = smartcat("demo", "--documents", str(labelled), "--out", str(tmp_path / "demo"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lost"] == 0
    page = (tmp_path / "demo" / "report.html").read_text("utf-8")
    assert page.count("<svg") == 3
    assert "<b>bill</b>" not in page
    assert not re.search(r"(?:src|href)=", page)
