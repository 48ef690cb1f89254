"""The demo's HTML page: one self-contained file with pictures. Only renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from smartcat.demo.charts import Group, Series, histogram, time_chart
from smartcat.demo.findings import examples, label_rows, poison_rows
from smartcat.demo.observation import rates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from markupsafe import Markup

    from smartcat.demo.run import Run
    from smartcat.demo.scenario import Scenario

_BLUE, _GREEN, _RED, _AMBER, _GREY = "#2563eb", "#059669", "#dc2626", "#d97706", "#64748b"


def write_report(path: Path, scenario: Scenario, run: Run, summary: Mapping[str, Any]) -> None:
    """Write the page.

    Raises:
        OSError: the file cannot be written.
    """
    templates = Environment(
        loader=PackageLoader("smartcat.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    expected = scenario.expected_labels()
    page = templates.get_template("report.html.j2").render(
        scenario=scenario,
        summary=summary,
        options=run.options,
        capacity=_capacity_chart(run),
        backlog=_backlog_chart(run),
        confidence=_confidence_chart(run),
        labels=label_rows(run.outcome.results, expected),
        poison=poison_rows(run.outcome.quarantined),
        examples=examples(run.outcome.results, expected),
        expected=expected,
    )
    path.write_text(page, "utf-8")


def _capacity_chart(run: Run) -> Markup:
    throttled = [
        (after.seconds, float(after.throttled - before.throttled))
        for before, after in zip(run.samples, run.samples[1:], strict=False)
    ]
    return time_chart(
        [
            Series("consumed", rates(run.samples, "consumed"), "area", _BLUE),
            Series(
                "provisioned", [(sample.seconds, sample.provisioned) for sample in run.samples], "line", _GREY
            ),
            Series("throttled requests", throttled, "bars", _RED),
        ],
        unit="write capacity units a second",
    )


def _backlog_chart(run: Run) -> Markup:
    return time_chart(
        [
            Series(
                "accepted by the stream", [(s.seconds, float(s.accepted)) for s in run.samples], "line", _GREY
            ),
            Series("stored", [(s.seconds, float(s.stored)) for s in run.samples], "area", _GREEN),
            Series("backlog", [(s.seconds, float(s.backlog)) for s in run.samples], "line", _AMBER),
        ],
        unit="documents",
    )


def _confidence_chart(run: Run) -> Markup:
    results = run.outcome.results
    return histogram(
        [
            Group("for review", [r.confidence for r in results if r.decision == "review"], _AMBER),
            Group("accepted", [r.confidence for r in results if r.decision == "accepted"], _GREEN),
        ],
        bins=25,
        unit="confidence (documents, logarithmic)",
    )
