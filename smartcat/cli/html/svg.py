"""The parts of an inline SVG picture: axes, bars, lines, legend. Numbers in, markup out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Colours of the shared style sheet, which has a set for light pages and one for dark.
BLUE, GREEN, RED, AMBER, GREY = (f"var(--{name})" for name in ("blue", "green", "red", "amber", "grey"))

#: Height of the smallest bar, so that one event among thousands is still seen.
_LEAST_BAR = 3.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the axes of a picture are; lengths in the picture's own units, from its upper left corner.

    Attributes:
        width: of the picture.
        height: of the picture.
        left: where the axes begin.
        right: what is free behind them.
        top: what is free above them.
        bottom: what is free below them, for ticks and unit.
    """

    width: int = 720
    height: int = 240
    left: int = 52
    right: int = 12
    top: int = 12
    bottom: int = 34

    @property
    def floor(self) -> int:
        """The height at which values of 0 are."""
        return self.height - self.bottom

    @property
    def span(self) -> int:
        """The width between the axes' ends."""
        return self.width - self.left - self.right

    def x(self, share: float) -> float:
        """Give the place of 0 (left) to 1 (right)."""
        return self.left + share * self.span

    def y(self, share: float) -> float:
        """Give the height of 0 (bottom) to 1 (top)."""
        return self.floor - share * (self.floor - self.top)

    def levels(self, levels: Iterable[tuple[float, str]]) -> Markup:
        """Draw a line and its text for each share of the height."""
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
        """Write the text of each share of the width, and the unit below."""
        labels = [
            Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                self.x(share), self.floor + 16, text
            )
            for share, text in ticks
        ]
        below = Markup('<text class="unit" x="{}" y="{}">{}</text>').format(self.left, self.height - 4, unit)
        return Markup("").join([*labels, below])

    def bar(self, left: float, width: float, share: float, colour: str, opacity: float = 1.0) -> Markup:
        """Draw a bar from the floor to a share of the height."""
        height = max(_LEAST_BAR, self.floor - self.y(share))
        return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"{}/>').format(
            left, self.floor - height, width, height, colour, _opacity(opacity)
        )

    def figure(
        self, drawing: Iterable[Markup], legend: Sequence[tuple[str, str]], alternative: str
    ) -> Markup:
        """Put parts into a picture with its legend.

        Args:
            drawing: the parts, back to front.
            legend: name and colour of each entry.
            alternative: what the picture shows, for those who do not see it.
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
    """Draw a line through points."""
    return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
        _path(points), colour, width, Markup(' stroke-dasharray="4 4"') if dashed else ""
    )


def area(points: Sequence[tuple[float, float]], colour: str, opacity: float = 0.18) -> Markup:
    """Fill the shape that points surround."""
    return Markup('<polygon points="{}" fill="{}"{}/>').format(_path(points), colour, _opacity(opacity))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _opacity(opacity: float) -> Markup:
    return Markup(' opacity="{}"').format(opacity) if opacity < 1 else Markup("")
