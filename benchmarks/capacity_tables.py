"""The tables of docs/write-capacity.md, made from a report. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.capacity_charts import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Row = dict[str, Any]


def tables(found: Mapping[str, Any]) -> dict[str, str]:
    """Return each table in Markdown, by the name of its mark.

    Args:
        found: What ``capacity_report.report`` gives, of a whole run.
    """
    rows = found["worst_of_seeds"]
    return {
        "grid": _grid([row for row in rows if row["scenario"] == "backlog"]),
        "sized": _sized([row for row in rows if row["scenario"] == "backlog"]),
        "changes": _changes(rows),
        "load test": _load_test(found),
    }


def _grid(rows: Sequence[Row]) -> str:
    own = {
        (row["lanes"], row["capacity"], row["controller"]): row
        for row in rows
        if row["environments"] == row["lanes"] and not row["is_short"]
    }
    cells = sorted({key[:2] for key in own})
    lines = [
        [f"{count}, {capacity} units/s", *(_three(own[count, capacity, name]) for name in NAMES)]
        for count, capacity in cells
    ]
    heading = ["environments, table", *NAMES.values()]
    return _table(heading, lines)


def _three(row: Row) -> str:
    return (
        f"{row['utilisation']:.1%} · {row['throttled_ratio']:.2%} · {row['paid_wait_per_1000_units']:,.0f} s"
    )


def _sized(rows: Sequence[Row]) -> str:
    own = [row for row in rows if row["controller"] == "smartcat"]
    chosen = [row for row in own if row["environments"] < row["lanes"] or row["is_short"]]
    lines = [
        [
            str(row["capacity"]),
            f"{row['lanes']}{' (short documents)' if row['is_short'] else ''}",
            str(row["environments"]),
            f"{row['utilisation']:.1%}",
            f"{row['throttled_ratio']:.2%}",
            f"{row['paid_wait_per_1000_units']:.1f} s",
            f"{1000 * row['paid_wait_per_document']:.0f} ms",
            f"{row['fairness']:.2f}",
        ]
        for row in chosen
    ]
    waiting = ("paid waiting, 1,000 units", "a document")
    return _table(["units/s", "lanes", "environments", "used", "throttled", *waiting, "fairness"], lines)


def _changes(rows: Sequence[Row]) -> str:
    by_scenario: dict[tuple[str, int], dict[str, Row]] = {}
    for row in rows:
        if row["scenario"] in {"stepped", "resharded", "drained"}:
            by_scenario.setdefault((row["controller"], row["environments"]), {})[row["scenario"]] = row
    lines = []
    for (controller, environments), found in by_scenario.items():
        times = [
            *found["stepped"]["converged_after"].values(),
            *found["resharded"]["converged_after"].values(),
        ]
        lines.append(
            [
                NAMES[controller],
                str(environments),
                *("never" if after is None else f"{after} s" for after in times),
                f"{found['drained']['seconds']} s",
                f"{max(row['repeated_units_ratio'] for row in found.values()):.1%}",
            ]
        )
    steps = ("100 → 400", "400 → 100", "100 → 25", "reshard")
    return _table(["", "environments", *steps, "16,000 units stored after", "written twice"], lines)


def _load_test(found: Mapping[str, Any]) -> str:
    by_name = {run["controller"]: run for run in found["runs"] if run["scenario"] == "load test"}
    runs = [by_name["batch_writer"], by_name["smartcat"]]
    ages = {
        course["controller"]: max(course["iterator_age"]) / 60
        for course in found["courses"]
        if course["scenario"] == "load test"
    }
    lines = [
        ["watched for", *(_duration(run["seconds"]) for run in runs)],
        ["documents stored of 41,200", *(f"{run['stored']:,}" for run in runs)],
        ["environments at most", *(f"{run['reserved']}" for run in runs)],
        ["throttled requests", *(f"{run['throttled']:,} of {run['requests']:,}" for run in runs)],
        ["failed invocations", *(f"{run['errors']:,} of {run['invocations']:,}" for run in runs)],
        ["units written twice", *(f"{run['repeated_units_ratio']:.0%}" for run in runs)],
        [
            "paid Lambda time",
            *(_duration(run["billed_per_1000_units"] * run["stored"] / 1000) for run in runs),
        ],
        ["highest iterator age", *(f"{ages[run['controller']]:.0f} min" for run in runs)],
        ["lost", *(str(run["lost"]) for run in runs)],
    ]
    return _table(["", *(NAMES[run["controller"]] for run in runs)], lines)


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _table(heading: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---", *(["---:"] * (len(heading) - 1))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heading, rule, *lines])
