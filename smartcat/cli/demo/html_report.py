"""Renders the HTML report of the demo: one self-contained file with charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.cli.demo.breakdown import examples, label_rows, rejection_rows
from smartcat.cli.demo.snapshots import rates
from smartcat.cli.html.charts import Group, Series, bin_counts, histogram, time_chart
from smartcat.cli.html.page import render, write_page
from smartcat.cli.html.svg import AMBER, BLUE, GREEN, GREY, RED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from markupsafe import Markup

    from smartcat.cli.demo.scenario import Scenario
    from smartcat.cli.demo.streaming import StreamingRun

_BINS = 25


def write_report(path: Path, scenario: Scenario, run: StreamingRun, summary: Mapping[str, Any]) -> None:
    """Write the report.

    Raises:
        OSError: The file cannot be written.
    """
    expected = scenario.expected_labels()
    page = render(
        "smartcat.cli.demo",
        "report.html.j2",
        scenario=scenario,
        summary=summary,
        options=run.options,
        capacity=_capacity_chart(run),
        backlog=_backlog_chart(run),
        confidence=_confidence_chart(run),
        labels=label_rows(run.outcome.results, expected),
        rejections=rejection_rows(run.outcome.quarantined),
        examples=examples(run.outcome.results, expected),
        expected=expected,
    )
    write_page(path, page)


def _capacity_chart(run: StreamingRun) -> Markup:
    throttled = [
        (after.seconds, float(after.throttled - before.throttled))
        for before, after in zip(run.snapshots, run.snapshots[1:], strict=False)
    ]
    return time_chart(
        [
            Series("consumed", rates(run.snapshots, "consumed"), "area", BLUE),
            Series(
                "provisioned",
                [(snapshot.seconds, snapshot.provisioned) for snapshot in run.snapshots],
                "line",
                GREY,
            ),
            Series("throttled requests", throttled, "bars", RED),
        ],
        unit="write capacity units per second",
    )


def _backlog_chart(run: StreamingRun) -> Markup:
    return time_chart(
        [
            Series(
                "accepted by the stream",
                [(s.seconds, float(s.accepted)) for s in run.snapshots],
                "line",
                GREY,
            ),
            Series("stored", [(s.seconds, float(s.stored)) for s in run.snapshots], "area", GREEN),
            Series("backlog", [(s.seconds, float(s.backlog)) for s in run.snapshots], "line", AMBER),
        ],
        unit="documents",
    )


def _confidence_chart(run: StreamingRun) -> Markup:
    def counts(decision: str) -> list[int]:
        return bin_counts((r.confidence for r in run.outcome.results if r.decision == decision), _BINS)

    return histogram(
        [Group("for review", counts("review"), AMBER), Group("accepted", counts("accepted"), GREEN)],
        unit="confidence (documents, log scale)",
    )
