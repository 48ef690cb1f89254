"""Parts of an inline SVG chart: axes, bars, lines, legend. Numbers in, markup out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Colours of the shared style sheet, which has a set for light pages and one for dark.
BLUE, GREEN, RED, AMBER, GREY = (f"var(--{name})" for name in ("blue", "green", "red", "amber", "grey"))

#: Height of the smallest bar, so that one event among thousands is visible.
_MIN_BAR = 3.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a chart and its margins, in the chart's own units.

    Attributes:
        width: Width of the chart.
        height: Height of the chart.
        left: Left margin, up to the axes.
        right: Right margin.
        top: Top margin.
        bottom: Bottom margin, for ticks and unit.
    """

    width: int = 720
    height: int = 240
    left: int = 52
    right: int = 12
    top: int = 12
    bottom: int = 34

    @property
    def floor(self) -> int:
        """The y coordinate of 0."""
        return self.height - self.bottom

    @property
    def span(self) -> int:
        """The width between the margins."""
        return self.width - self.left - self.right

    def x(self, share: float) -> float:
        """Return the x coordinate of a share from 0 (left) to 1 (right)."""
        return self.left + share * self.span

    def y(self, share: float) -> float:
        """Return the y coordinate of a share from 0 (bottom) to 1 (top)."""
        return self.floor - share * (self.floor - self.top)

    def levels(self, levels: Iterable[tuple[float, str]]) -> Markup:
        """Return a grid line with its text for each share of the height."""
        return Markup("").join(
            Markup(
                '<line class="grid" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/>'
                '<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(
                self.left, self.width - self.right, self.left - 6, self.y(share) + 4, text, y=self.y(share)
            )
            for share, text in levels
        )

    def ticks(self, ticks: Iterable[tuple[float, str]], unit: str) -> Markup:
        """Return the text for each share of the width, and the unit below."""
        labels = [
            Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                self.x(share), self.floor + 16, text
            )
            for share, text in ticks
        ]
        below = Markup('<text class="unit" x="{}" y="{}">{}</text>').format(self.left, self.height - 4, unit)
        return Markup("").join([*labels, below])

    def bar(self, left: float, width: float, share: float, colour: str, opacity: float = 1.0) -> Markup:
        """Return a bar from 0 to a share of the height."""
        height = max(_MIN_BAR, self.floor - self.y(share))
        return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"{}/>').format(
            left, self.floor - height, width, height, colour, _opacity(opacity)
        )

    def figure(
        self, drawing: Iterable[Markup], legend: Sequence[tuple[str, str]], alternative: str
    ) -> Markup:
        """Return a chart with its legend.

        Args:
            drawing: The parts, back to front.
            legend: Name and colour of each entry.
            alternative: Text alternative.
        """
        entries = [
            Markup('<span><i style="background:{}"></i>{}</span>').format(colour, name)
            for name, colour in legend
        ]
        caption = Markup('<figcaption class="legend">{}</figcaption>').format(Markup("").join(entries))
        return Markup(
            '<figure><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>{}</figure>'
        ).format(self.width, self.height, alternative, Markup("").join(drawing), caption if legend else "")


def line(
    points: Sequence[tuple[float, float]], colour: str, width: float = 2, *, dashed: bool = False
) -> Markup:
    """Return a line through points."""
    return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
        _path(points), colour, width, Markup(' stroke-dasharray="4 4"') if dashed else ""
    )


def area(points: Sequence[tuple[float, float]], colour: str, opacity: float = 0.18) -> Markup:
    """Return a filled polygon."""
    return Markup('<polygon points="{}" fill="{}"{}/>').format(_path(points), colour, _opacity(opacity))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _opacity(opacity: float) -> Markup:
    return Markup(' opacity="{}"').format(opacity) if opacity < 1 else Markup("")
