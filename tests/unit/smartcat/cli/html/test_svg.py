from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from smartcat.cli.html.svg import Frame, area, line


def test_shares_have_their_places_in_the_picture() -> None:
    """0 is at the left and the bottom, 1 at the right and the top, within the margins."""
    frame = Frame(width=100, height=50, left=10, right=20, top=5, bottom=15)
    assert (frame.x(0), frame.x(1), frame.span) == (10, 80, 70)
    assert (frame.y(0), frame.y(1), frame.floor) == (35, 5, 35)


@pytest.mark.parametrize(("share", "height"), [(1.0, 30.0), (0.5, 15.0), (0.001, 3.0)])
def test_a_bar_stands_on_the_floor_and_is_never_too_small_to_see(share: float, height: float) -> None:
    """Its height follows the share, down to three units."""
    bar = ET.fromstring(Frame(100, 50, 10, 20, 5, 15).bar(10, 5, share, "red", 0.5))  # noqa: S314 - ours
    assert float(bar.attrib["height"]) == height
    assert float(bar.attrib["y"]) + height == 35
    assert bar.attrib["opacity"] == "0.5"


def test_a_figure_says_what_it_shows_and_escapes_it() -> None:
    """The alternative is the picture's name; without entries there is no legend; no name becomes markup."""
    points = [(1.0, 2.0), (3.0, 4.0)]
    parts = [line(points, "red", dashed=True), area(points, '"/><b>')]
    figure = ET.fromstring(Frame().figure(parts, [], '<b> & "more"'))  # noqa: S314 - our own markup
    (svg,) = figure
    assert svg.attrib["aria-label"] == '<b> & "more"'
    assert svg.attrib["role"] == "img"
    assert [part.tag for part in svg] == ["polyline", "polygon"]
    assert "figcaption" in Frame().figure([Markup("")], [("<i>", "red")], "x")
    assert "&lt;i&gt;" in Frame().figure([Markup("")], [("<i>", "red")], "x")
