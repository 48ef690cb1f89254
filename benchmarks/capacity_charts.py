"""Draws what a report of the comparison holds. Knows nothing of how it was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

Row = dict[str, Any]

COLOURS: Final[Mapping[str, str]] = {
    "smartcat": "#0b6e4f",
    "batch_writer": "#c8553d",
    "adaptive": "#e0a458",
    "jitter": "#6d6a75",
}
NAMES: Final[Mapping[str, str]] = {
    "smartcat": "smartcat",
    "batch_writer": "boto3 batch_writer",
    "adaptive": "botocore adaptive mode",
    "jitter": "exponential full jitter",
}
PANELS: Final = (
    ("utilisation", "capacity used for new results, %", 100.0, False),
    ("throttled_ratio", "requests throttled, %", 100.0, True),
    ("paid_wait_per_1000_units", "paid waiting, s per 1,000 units", 1.0, True),
)
MINUTES_SHOWN: Final = 15


def comparison(rows: Sequence[Row], file: Path) -> None:
    """Draw three rows of bars: every controller with every number of environments and capacity."""
    grid = [
        row
        for row in rows
        if row["scenario"] == "backlog" and row["environments"] == row["lanes"] and not row["is_short"]
    ]
    cells = sorted({(row["lanes"], row["capacity"]) for row in grid})
    values = {(row["controller"], row["lanes"], row["capacity"]): row for row in grid}
    figure = Figure(figsize=(9.6, 8.4), layout="constrained")
    for axes, (name, title, factor, is_log) in zip(figure.subplots(len(PANELS), 1), PANELS, strict=True):
        for place, controller in enumerate(COLOURS):
            known = [(at, values.get((controller, *cell))) for at, cell in enumerate(cells)]
            axes.bar(
                [at + 0.2 * (place - 1.5) for at, row in known if row],
                [max(row[name] * factor, 0.001) for _, row in known if row],
                width=0.19,
                color=COLOURS[controller],
                label=NAMES[controller],
            )
        _dress(axes, title)
        if is_log:
            axes.set_yscale("log")
            axes.set_ylim(bottom=0.05)
        axes.set_xticks(
            range(len(cells)), [f"{lanes} env.\n{capacity} units/s" for lanes, capacity in cells], fontsize=8
        )
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False
    )
    _save(figure, file)


def steps(courses: Sequence[Row], file: Path) -> None:
    """Draw how each controller follows a capacity that is changed three times."""
    figure = Figure(figsize=(9.6, 2.1 * len(courses)), layout="constrained")
    for axes, course in zip(figure.subplots(len(courses), 1, sharex=True), courses, strict=True):
        _course(axes, course, minutes=False)
        axes.set_ylim(0, 700)
        count = course["environments"]
        _dress(axes, f"{NAMES[course['controller']]}, {count} environment{'s' * (count > 1)}: units/s")
    figure.axes[-1].set_xlabel("seconds")
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False
    )
    _save(figure, file)


def load_test(courses: Sequence[Row], file: Path) -> None:
    """Draw the load test of 2018 as its charts were: the table, errors, iterator age; naive and ours."""
    figure = Figure(figsize=(9.6, 7.2), layout="constrained")
    columns = [next(c for c in courses if c["controller"] == name) for name in ("batch_writer", "smartcat")]
    grid = figure.subplots(3, 2, sharex=True, sharey="row")
    for (table, errors, age), course in zip(grid.T, columns, strict=True):
        at = _times(course, minutes=True)
        _course(table, course, minutes=True)
        _dress(table, f"{NAMES[course['controller']]}: units/s, throttled requests/s")
        per_minute = 60 / course["every"]
        errors.plot(at, [value * per_minute for value in course["errors"]], color="#c8553d")
        _dress(errors, "failed invocations a minute")
        age.plot(at, [value / 60 for value in course["iterator_age"]], color="#33658a")
        _dress(age, "iterator age, minutes")
        age.set_xlabel("minutes")
        age.set_xlim(0, MINUTES_SHOWN)
        age.set_ylim(0, MINUTES_SHOWN)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False
    )
    _save(figure, file)


def _course(axes: Axes, course: Row, *, minutes: bool) -> None:
    at = _times(course, minutes=minutes)
    axes.plot(at, course["provisioned"], color="black", linewidth=1, linestyle="--", label="provisioned")
    axes.plot(at, course["consumed"], color="#0b6e4f", linewidth=1.4, label="consumed")
    axes.plot(at, course["throttled"], color="#c8553d", linewidth=1.2, label="throttled requests")


def _times(course: Row, *, minutes: bool) -> list[float]:
    scale = 60 if minutes else 1
    return [course["every"] * place / scale for place in range(len(course["provisioned"]))]


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=9, loc="left")
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _save(figure: Figure, file: Path) -> None:
    """Write SVG without a date and with stable ids: the same report gives the same picture."""
    with mpl.rc_context({"svg.hashsalt": "smartcat", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")
