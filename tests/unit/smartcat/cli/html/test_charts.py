from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcat.cli.html.charts import Group, Series, bin_counts, histogram, nice_ceiling, time_chart


def svg(figure: str) -> ET.Element:
    """Parse the picture in a figure."""
    found = ET.fromstring(figure).find("svg")  # noqa: S314 - our own markup
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "ceiling"),
    [(0, 1), (1, 1), (1.2, 2), (2.1, 3), (3, 3), (7, 8), (9, 10), (10, 10), (101, 200), (3015, 4000)],
)
def test_axis_ends_on_a_readable_number(value: float, ceiling: float) -> None:
    """The axis ends at a digit times a power of ten."""
    assert nice_ceiling(value) == ceiling


@given(st.floats(0, 1e12))
def test_axis_holds_the_value(value: float) -> None:
    """The rounded end is never below the value and at most twice it."""
    assert value <= nice_ceiling(value) * (1 + 1e-6)
    assert nice_ceiling(value) <= max(1.0, 2 * value)


def test_line_and_area_and_bars_are_drawn() -> None:
    """A bar stands only where its value is above zero."""
    points = [(0.0, 0.0), (1.0, 5.0), (2.0, 10.0)]
    drawn = svg(
        time_chart([Series(style, points, style, "red") for style in ("line", "area", "bars")], unit="u")
    )
    assert len(drawn.findall("polyline")) == 2
    assert len(drawn.findall("polygon")) == 1
    assert len(drawn.findall("rect")) == 2


def test_no_points_still_give_a_chart() -> None:
    """A run too short for a sample has empty axes, not an error."""
    assert svg(time_chart([Series("none", [], "line", "red")], unit="u")).findall("polyline") == []


def test_names_are_escaped() -> None:
    """A name with markup in it stays text."""
    figure = time_chart([Series("<b>&", [(0.0, 1.0)], "line", "red")], unit="<u>")
    assert "<b>" not in figure
    assert svg(figure) is not None


def test_bins_hold_every_value_once() -> None:
    """0, 1 and a value on a boundary each fall into one bin."""
    assert bin_counts([0.0, 0.49, 0.5, 1.0, 1.0], 2) == [2, 3]


def test_histogram_shows_one_among_thousands() -> None:
    """A single value is a visible bar beside one of thousands, and an empty bin is none."""
    drawn = svg(
        histogram([Group("many", [0] * 9 + [5000], "red"), Group("one", [0, 1] + [0] * 8, "blue")], unit="u")
    )
    heights = {bar.attrib["fill"]: float(bar.attrib["height"]) for bar in drawn.findall("rect")}
    assert len(drawn.findall("rect")) == 2
    assert heights["red"] > heights["blue"] >= 3


def test_histogram_of_nothing_is_empty_axes() -> None:
    """No results are no error."""
    assert svg(histogram([Group("none", [0] * 10, "red")], unit="u")).findall("rect") == []


def test_one_throttled_request_is_seen() -> None:
    """A bar of 1 on an axis of thousands keeps a visible height."""
    row = Series("rare", [(0.0, 1.0), (1.0, 4000.0)], "bars", "red")
    assert min(float(bar.attrib["height"]) for bar in svg(time_chart([row], unit="u")).findall("rect")) >= 3
