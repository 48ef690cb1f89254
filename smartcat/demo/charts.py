"""Pictures as inline SVG: numbers in, markup out. Knows nothing of the demo or of AWS."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Scale = Callable[[float], float]

_WIDTH, _HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 34
_FLOOR = _HEIGHT - _BOTTOM

#: Pixels that the smallest bar has, so that one event among thousands is still seen.
_LEAST_BAR = 3.0


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values over time.

    Attributes:
        name: what the legend calls it.
        points: (seconds, value) in ascending order of seconds; values are 0 or more.
        style: "line", "area" or "bars".
        colour: any CSS colour.
    """

    name: str
    points: Sequence[tuple[float, float]]
    style: str
    colour: str


@dataclass(frozen=True, slots=True)
class Group:
    """Values of one kind for a histogram.

    Attributes:
        name: what the legend calls it.
        values: numbers from 0 to 1.
        colour: any CSS colour.
    """

    name: str
    values: Sequence[float]
    colour: str


def nice_ceiling(value: float) -> float:
    """Round up to a digit times a power of ten, whose quarters are readable ticks; at least 1."""
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if value <= step * power * (1 + 1e-9))


def time_chart(series: Sequence[Series], *, unit: str) -> Markup:
    """Draw values over seconds, with one common axis from 0.

    Args:
        series: what to draw, back to front.
        unit: written at the axis, for example "write units/s".
    """
    last = max((seconds for row in series for seconds, _ in row.points), default=1.0) or 1.0
    top = nice_ceiling(max((value for row in series for _, value in row.points), default=1.0))

    def x(seconds: float) -> float:
        return _LEFT + seconds / last * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _FLOOR - value / top * (_FLOOR - _TOP)

    step = nice_ceiling(last / 8)
    seconds = [step * tick for tick in range(int(last / step) + 1)]
    drawing = [
        _level_lines([(y(value), value) for value in (0, top / 4, top / 2, top * 3 / 4, top)]),
        _bottom_ticks([(x(second), f"{second:g} s") for second in seconds], unit),
        *(_draw(row, x, y) for row in series),
    ]
    return _figure(drawing, [(row.name, row.colour) for row in series], unit)


def histogram(groups: Sequence[Group], *, bins: int, unit: str) -> Markup:
    """Draw how many values fall into each of ``bins`` equal parts of 0 to 1, groups side by side.

    The axis of the counts is logarithmic: one document among thousands is still a bar.

    Args:
        groups: what to count.
        bins: how many equal bins.
        unit: written at the axis.
    """
    counts = [bin_counts(group.values, bins) for group in groups]
    top = max(10.0, *(max(row) for row in counts))
    width = (_WIDTH - _LEFT - _RIGHT) / bins
    bar = (width - 2) / len(groups)

    def y(count: float) -> float:
        return _FLOOR - math.log10(1 + count) / math.log10(1 + top) * (_FLOOR - _TOP)

    bars = [
        _bar(_LEFT + index * width + 1 + place * bar, bar, y(count), group.colour)
        for place, (row, group) in enumerate(zip(counts, groups, strict=True))
        for index, count in enumerate(row)
        if count
    ]
    levels = [(y(10.0**power), 10.0**power) for power in range(int(math.log10(top)) + 1)]
    ticks = [(_LEFT + tick / 5 * (_WIDTH - _LEFT - _RIGHT), f"{tick / 5:g}") for tick in range(6)]
    legend = [(f"{group.name} ({len(group.values)})", group.colour) for group in groups]
    return _figure([_level_lines([(y(0), 0), *levels]), _bottom_ticks(ticks, unit), *bars], legend, unit)


def bin_counts(values: Iterable[float], bins: int) -> list[int]:
    """Count values from 0 to 1 in ``bins`` equal bins; 1 belongs to the last."""
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value * bins))] += 1
    return counts


def _draw(row: Series, x: Scale, y: Scale) -> Markup:
    if not row.points:
        return Markup("")
    if row.style == "bars":
        marks = [
            _bar(x(seconds) - 1.5, 3, y(value), row.colour) for seconds, value in row.points if value > 0
        ]
        return Markup("").join(marks)
    path = " ".join(f"{x(seconds):.1f},{y(value):.1f}" for seconds, value in row.points)
    line = Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>').format(path, row.colour)
    if row.style == "line":
        return line
    around = f"{x(row.points[0][0]):.1f},{_FLOOR} {path} {x(row.points[-1][0]):.1f},{_FLOOR}"
    return Markup('<polygon points="{}" fill="{}" opacity="0.18"/>').format(around, row.colour) + line


def _bar(left: float, width: float, top: float, colour: str) -> Markup:
    height = max(_LEAST_BAR, _FLOOR - top)
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>').format(
        left, _FLOOR - height, width, height, colour
    )


def _level_lines(levels: Iterable[tuple[float, float]]) -> Markup:
    return Markup("").join(
        Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/>'
            '<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{:g}</text>'
        ).format(_LEFT, _WIDTH - _RIGHT, _LEFT - 6, y + 4, value, y=y)
        for y, value in levels
    )


def _bottom_ticks(ticks: Iterable[tuple[float, str]], unit: str) -> Markup:
    labels = [
        Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            x, _FLOOR + 16, text
        )
        for x, text in ticks
    ]
    below = Markup('<text class="unit" x="{}" y="{}">{}</text>').format(_LEFT, _HEIGHT - 2, unit)
    return Markup("").join([*labels, below])


def _figure(drawing: Iterable[Markup], legend: Iterable[tuple[str, str]], unit: str) -> Markup:
    entries = [
        Markup('<span><i style="background:{}"></i>{}</span>').format(colour, name) for name, colour in legend
    ]
    return Markup(
        '<figure><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
        '<figcaption class="legend">{}</figcaption></figure>'
    ).format(_WIDTH, _HEIGHT, unit, Markup("").join(drawing), Markup("").join(entries))
