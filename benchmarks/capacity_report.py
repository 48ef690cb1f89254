"""What the comparison found, as plain data: every run, and the worst of the seeds of each cell; no drawing.

No date and no machine: a repeat with the same versions gives the same bytes.
"""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import boto3
import botocore
from rich.table import Table

from benchmarks.simulated_classifier import COMPUTE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from benchmarks.capacity_figures import Second
    from benchmarks.capacity_run import Result
    from benchmarks.capacity_simulation import Cell

COURSE_SECONDS: Final = 5
LONG_COURSE_SECONDS: Final = 10
"""A course over time is kept as means of this long: longer ones for runs of more than half an hour."""

Row = dict[str, Any]

_WORST: Final[Mapping[str, Callable[[Iterable[Any]], Any]]] = {
    "utilisation": min,
    "throttled_ratio": max,
    "paid_wait_per_1000_units": max,
    "paid_wait_per_document": max,
    "billed_per_1000_units": max,
    "repeated_units_ratio": max,
    "fairness": min,
    "errors": max,
    "timeouts": max,
    "lost": max,
    "discarded": max,
    "discarded_unstored": max,
    "undelivered": max,
    "botocore_retries": max,
    "seconds": max,
}


def scenario(cell: Cell) -> str:
    """Return the name of a cell's scenario."""
    if cell.arrival_seconds is not None:
        return "load test"
    if cell.steps:
        return "stepped"
    if cell.reshard_at is not None:
        return "resharded"
    return "backlog" if cell.documents is None else "drained"


def report(results: Sequence[Result]) -> dict[str, Any]:
    """Return what is kept of the results, as JSON values."""
    return {
        "versions": {
            "python": ".".join(platform.python_version_tuple()[:2]),
            "boto3": boto3.__version__,
            "botocore": botocore.__version__,
        },
        "worst_of_seeds": [_worst(list(group)) for group in _by_cell(results)],
        "runs": [_row(result) for result in results],
        "courses": [
            {
                "scenario": scenario(result.cell),
                "controller": result.cell.controller,
                "environments": result.cell.reserved,
                **_course(result),
            }
            for result in _first_of_each(results)
            if result.cell.steps or result.cell.arrival_seconds
        ],
    }


def to_json(value: Mapping[str, Any]) -> str:
    """Return a report as JSON that can be compared line by line."""
    parts = []
    for name, content in value.items():
        if isinstance(content, list):
            lines = ",\n".join("  " + json.dumps(entry) for entry in content)
            parts.append(f"{json.dumps(name)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(content)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def tables(rows: Sequence[Row]) -> list[Table]:
    """Return a table for each scenario, with a row a cell: the worst of its seeds."""
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    return [_table(name, [row for row in rows if row["scenario"] == name]) for name in names]


def course_table(seconds: Sequence[Second], every: int = 10) -> Table:
    """Return a run's time series as a table, some seconds a row."""
    table = Table(title=f"means of {every} s")
    for name in ("second", "provisioned", "first", "consumed", "requests", "throttled"):
        table.add_column(name, justify="right")
    for start in range(0, len(seconds), every):
        part = seconds[start : start + every]
        table.add_row(
            str(start),
            f"{part[-1].provisioned:g}",
            f"{sum(second.first for second in part) / len(part):.1f}",
            f"{sum(second.consumed for second in part) / len(part):.1f}",
            str(sum(second.requests for second in part)),
            str(sum(second.throttled for second in part)),
        )
    return table


def _row(result: Result) -> Row:
    cell = {name: value for name, value in asdict(result.cell).items() if value is not None}
    return {"scenario": scenario(result.cell), **cell, **_rounded(result.figures)}


def _rounded(figures: Mapping[str, Any]) -> Row:
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in figures.items()}


def _by_cell(results: Sequence[Result]) -> list[list[Result]]:
    def key(result: Result) -> str:
        return json.dumps({**asdict(result.cell), "seed": 0})

    order = {name: place for place, name in enumerate(dict.fromkeys(map(key, results)))}
    ordered = sorted(results, key=lambda result: order[key(result)])
    return [list(group) for _, group in groupby(ordered, key)]


def _first_of_each(results: Sequence[Result]) -> list[Result]:
    return [group[0] for group in _by_cell(results)]


def _worst(results: Sequence[Result]) -> Row:
    cell = results[0].cell
    row: Row = {
        "scenario": scenario(cell),
        "controller": cell.controller,
        "lanes": cell.lanes,
        "environments": cell.reserved,
        "capacity": cell.capacity,
        "is_short": cell.compute_seconds < COMPUTE_SECONDS,
        "window": cell.window,
        "seeds": [result.cell.seed for result in results],
    }
    row |= _rounded({name: of(result.figures[name] for result in results) for name, of in _WORST.items()})
    times = [result.figures.get("converged_after", {}) for result in results]
    if times[0]:
        row["converged_after"] = {name: _latest([after[name] for after in times]) for name in times[0]}
    return row


def _latest(times: Sequence[int | None]) -> int | None:
    """Return the longest; None, which means never, if any is None."""
    return None if None in times else max(time for time in times if time is not None)


def _course(result: Result) -> dict[str, Any]:
    every = COURSE_SECONDS if len(result.seconds) <= 1800 else LONG_COURSE_SECONDS
    parts = [result.seconds[start : start + every] for start in range(0, len(result.seconds), every)]
    return {
        "every": every,
        "provisioned": [part[-1].provisioned for part in parts],
        "consumed": [_mean(second.consumed for second in part) for part in parts],
        "first": [_mean(second.first for second in part) for part in parts],
        "requests": [_mean(second.requests for second in part) for part in parts],
        "throttled": [_mean(second.throttled for second in part) for part in parts],
        "errors": [sum(second.errors for second in part) for part in parts],
        "iterator_age": [round(part[-1].iterator_age, 1) for part in parts],
    }


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return round(sum(listed) / len(listed), 3)


def _table(title: str, rows: Sequence[Row]) -> Table:
    table = Table(title=f"{title} (worst of the seeds)")
    for name in ("", "lanes", "envs", "units", "seeds"):
        table.add_column(name, justify="left" if not name else "right")
    for name in (
        "used",
        "throttled",
        "wait/1000u",
        "twice",
        "lost",
        "discarded",
        "errors",
        "fair",
        "seconds",
    ):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row["controller"] + (" *" if row["is_short"] else ""),
            *(str(row[name]) for name in ("lanes", "environments", "capacity")),
            str(len(row["seeds"])),
            f"{row['utilisation']:.1%}",
            f"{row['throttled_ratio']:.2%}",
            f"{row['paid_wait_per_1000_units']:.1f} s",
            f"{row['repeated_units_ratio']:.1%}",
            *(str(row[name]) for name in ("lost", "discarded", "errors")),
            f"{row['fairness']:.2f}",
            _times(row) or str(row["seconds"]),
        )
    return table


def _times(row: Row) -> str:
    times = row.get("converged_after", {})
    return "\n".join(f"{name}: {'never' if after is None else f'{after} s'}" for name, after in times.items())
