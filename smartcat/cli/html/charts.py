"""Charts for any report, as inline SVG. Knows nothing of what the values mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from smartcat.cli.html.svg import Frame, area, line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDE = Frame()


@dataclass(frozen=True, slots=True)
class Series:
    """Values over time.

    Attributes:
        name: Name in the legend.
        points: (seconds, value) in ascending order of seconds; values are 0 or more.
        style: "line", "area" or "bars".
        colour: Any CSS colour.
    """

    name: str
    points: Sequence[tuple[float, float]]
    style: str
    colour: str


@dataclass(frozen=True, slots=True)
class Group:
    """Counts of one group of values in a histogram.

    Attributes:
        name: Name in the legend.
        counts: One count per bin; bins divide 0 to 1 equally.
        colour: Any CSS colour.
    """

    name: str
    counts: Sequence[int]
    colour: str


def nice_ceiling(value: float) -> float:
    """Return the value rounded up to a digit times a power of ten, for readable ticks; at least 1."""
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if value <= step * power * (1 + 1e-9))


def time_chart(series: Sequence[Series], *, unit: str) -> Markup:
    """Return a chart of values over seconds, with one axis from 0.

    Args:
        series: What to draw, back to front.
        unit: Label of the axis, for example "write units/s".
    """
    last = max((seconds for row in series for seconds, _ in row.points), default=1.0) or 1.0
    top = nice_ceiling(max((value for row in series for _, value in row.points), default=1.0))
    step = nice_ceiling(last / 8)
    seconds = [step * tick for tick in range(int(last / step) + 1)]
    drawing = [
        _WIDE.levels([(quarter / 4, f"{top * quarter / 4:g}") for quarter in range(5)]),
        _WIDE.ticks([(second / last, f"{second:g} s") for second in seconds], unit),
        *(_draw(row, last, top) for row in series),
    ]
    return _WIDE.figure(drawing, [(row.name, row.colour) for row in series], unit)


def _draw(row: Series, last: float, top: float) -> Markup:
    points = [(_WIDE.x(seconds / last), _WIDE.y(value / top)) for seconds, value in row.points]
    if not points:
        return Markup("")
    if row.style == "bars":
        marks = [
            _WIDE.bar(x - 1.5, 3, value / top, row.colour)
            for (x, _), (_, value) in zip(points, row.points, strict=True)
            if value > 0
        ]
        return Markup("").join(marks)
    if row.style == "line":
        return line(points, row.colour)
    floor = _WIDE.floor
    return area([(points[0][0], floor), *points, (points[-1][0], floor)], row.colour) + line(
        points, row.colour
    )


def histogram(groups: Sequence[Group], *, unit: str, alternative: str = "", frame: Frame = _WIDE) -> Markup:
    """Return a histogram over 0 to 1, with groups side by side.

    The axis of the counts is logarithmic, so that one document among thousands is visible.

    Args:
        groups: The groups, all with the same number of bins, at least one.
        unit: Label of the axis.
        alternative: Text alternative; the unit by default.
        frame: Position of the axes.
    """
    top = max(10, *(max(group.counts) for group in groups))
    width = frame.span / len(groups[0].counts)
    bar = (width - 2) / len(groups)

    def height(count: float) -> float:
        return math.log10(1 + count) / math.log10(1 + top)

    bars = [
        frame.bar(frame.left + index * width + 1 + offset * bar, bar, height(count), group.colour)
        for offset, group in enumerate(groups)
        for index, count in enumerate(group.counts)
        if count
    ]
    powers = [10**power for power in range(int(math.log10(top)) + 1)]
    levels = [(height(count), f"{count:,}") for count in (0, *powers)]
    ticks = [(tick / 5, f"{tick / 5:g}") for tick in range(6)]
    legend = [(f"{group.name} ({sum(group.counts):,})", group.colour) for group in groups]
    return frame.figure([frame.levels(levels), frame.ticks(ticks, unit), *bars], legend, alternative or unit)


def bin_counts(values: Iterable[float], bins: int) -> list[int]:
    """Return the counts of values from 0 to 1 in ``bins`` equal bins; 1 belongs to the last."""
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value * bins))] += 1
    return counts
