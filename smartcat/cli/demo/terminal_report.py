"""Prints the result of the demo: labels, quarantine, a few documents, the reconciliation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartcat.cli.console import MAX_ROWS, plain_table, visible
from smartcat.cli.demo.breakdown import examples, label_rows, rejection_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from smartcat.cli.demo.scenario import Scenario
    from smartcat.cli.demo.streaming import StreamingRun

#: Wide enough for most labels, also on a terminal of 80 columns.
LABEL_WIDTH = 22


def print_report(
    console: Console, scenario: Scenario, run: StreamingRun, summary: Mapping[str, Any], folder: Path
) -> None:
    """Print the tables of a finished run, and the paths of its files."""
    console.print(_labels(scenario, run))
    console.print(_quarantine(run))
    _show_examples(console, scenario, run)
    console.print()
    console.print(_reconciliation(summary))
    console.print(f"Report: {folder / 'report.html'}   Summary: {folder / 'summary.json'}")


def _labels(scenario: Scenario, run: StreamingRun) -> Table:
    table = plain_table("Results by label")
    table.add_column("label", overflow="fold", min_width=LABEL_WIDTH)
    for name in ("documents", "right", "review"):
        table.add_column(name, justify="right")
    table.add_column("mistaken for", overflow="fold")
    rows = label_rows(run.outcome.results, scenario.expected_labels())
    for row in rows[:MAX_ROWS]:
        mistaken = f"{row.mistaken_for[0]} ({row.mistaken_for[1]})" if row.mistaken_for else ""
        table.add_row(
            visible(row.label),
            str(row.documents),
            f"{row.right:.1%}",
            f"{row.review:.1%}",
            visible(mistaken),
        )
    return table


def _quarantine(run: StreamingRun) -> Table:
    table = plain_table("Quarantine")
    table.add_column("reason", no_wrap=True)
    table.add_column("records", justify="right")
    table.add_column("example", overflow="fold")
    for reason, count, detail in rejection_rows(run.outcome.quarantined):
        table.add_row(reason, str(count), visible(detail))
    return table


def _show_examples(console: Console, scenario: Scenario, run: StreamingRun) -> None:
    expected = scenario.expected_labels()
    console.print("Examples", style="bold")
    for result in examples(run.outcome.results, expected):
        right = expected.get(result.document_id, result.label)
        note = "" if right == result.label else f"  (expected: {right})"
        pages = ", ".join(label or "no evidence" for label in result.page_labels)
        decision = result.decision if result.why is None else f"{result.decision} ({result.why})"
        words = ", ".join(reason.rpartition(":")[0] for reason in result.reasons)
        console.print(
            visible(f"  {result.document_id}  {result.label}  {result.short_confidence}  {decision}{note}")
        )
        console.print(visible(f"      pages: {pages}"))
        console.print(visible(f"      reasons: {words}"))


def _reconciliation(summary: Mapping[str, Any]) -> Table:
    table = plain_table("Reconciliation", header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    accuracy = "-" if summary["accuracy"] is None else f"{summary['accuracy']:.1%}"
    table.add_row("accepted by the stream", str(summary["accepted"]), "")
    table.add_row("= stored in the table", str(summary["stored"]), f"{accuracy} with the right label")
    table.add_row("+ in the quarantine", str(summary["quarantined"]), "")
    table.add_row("lost", str(summary["lost"]), "", style="green" if summary["lost"] == 0 else "bold red")
    table.add_row("duplicate writes", str(summary["duplicates"]), "")
    table.add_row(
        "write units used",
        f"{summary['consumed_write_units']:.0f}",
        f"in {summary['seconds']:.0f} s at {summary['provisioned_write_units']} a second",
    )
    table.add_row("throttled requests", str(summary["throttled_requests"]), f"of {summary['write_requests']}")
    return table
