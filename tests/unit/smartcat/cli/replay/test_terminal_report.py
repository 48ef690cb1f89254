from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from smartcat.cli.replay.replayable_record import ReplayableRecord
from smartcat.cli.replay.statistics import NAMED, Statistics
from smartcat.cli.replay.terminal_report import print_statistics

if TYPE_CHECKING:
    import pytest


def statistics(make: Any) -> Statistics:
    """Two records of one reason, and something that was left."""
    found = Statistics()
    for number in range(2):
        source = make.source(number, key=f"d{number}")
        found.select(ReplayableRecord("too_large", source, source, b"x" * 1024), f"s3://b/o{number}")
    found.skip("s3://b/alien", "why")
    return found


def test_showing_ends_with_the_command_that_does_it(
    make: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person sees what would happen, to which objects, and what to type; what stays is named aside."""
    monkeypatch.setattr(sys, "argv", ["smartcat", "replay", "--id", "a b"])
    print_statistics(statistics(make), "documents", done=False, as_json=False)
    printed = capsys.readouterr()
    assert "too_large        2  2.0  2026-01-03T04:05:06.007Z" in printed.out
    assert "too_large: d1 in s3://b/o1" in printed.out
    assert printed.out.endswith("  smartcat replay --id 'a b' --yes\n")
    assert printed.err == "skipped: s3://b/alien: why\n"


def test_nothing_found_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """No table and no command where there is nothing to do."""
    print_statistics(Statistics(), "documents", done=False, as_json=False)
    assert capsys.readouterr().out == "nothing to replay\n"


def test_doing_ends_with_what_was_done(make: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line is the account of the replay."""
    found = statistics(make)
    found.accepted, found.deleted, found.kept, found.newer = 2, 1, 1, 3
    print_statistics(found, "documents", done=True, as_json=False)
    assert capsys.readouterr().out.endswith(
        "replayed 2 of 2 records to stream documents, 1 objects deleted,"
        " 1 kept for their other records, 3 newer objects ignored\n"
    )


def test_thousands_that_stay_are_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The first are named, all are counted by why."""
    found = Statistics()
    for number in range(1000):
        found.skip(f"o{number}", "why", f"detail {number}")
    print_statistics(found, "documents", done=True, as_json=False)
    lines = capsys.readouterr().err.splitlines()
    assert (len(lines), lines[-1]) == (NAMED + 1, "skipped in total: 1000: why")


def test_json_is_one_line(make: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """For scripts: whether it was done, the stream, and all figures."""
    print_statistics(statistics(make), "documents", done=True, as_json=True)
    figures = json.loads(capsys.readouterr().out)
    assert (figures["replayed"], figures["stream"], figures["records"]) == (True, "documents", 2)
