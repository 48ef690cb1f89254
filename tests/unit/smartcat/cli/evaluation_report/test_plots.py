from xml.etree import ElementTree as ET

import pytest

from smartcat.cli.evaluation_report import plots
from smartcat.cli.evaluation_report.summary_text import Share
from smartcat.training.evaluation.results import Evaluation
from support.judged import judged

RIGHT, WRONG, UNKNOWN = ("a", "a", 0.9), ("a", "b", 0.9), ("a", "a", 0.0)


def svg(markup: str) -> ET.Element:
    """Parse the picture, which may stand in a figure."""
    found = ET.fromstring(markup)  # noqa: S314 - our own markup
    return found if found.tag == "svg" else found[0]


def test_a_square_a_document() -> None:
    """Each kind as often as it is, with its own mark, so that colour is not all that tells them apart."""
    drawn = svg(plots.hundred(Share(100, 57, 7, 36)))
    kinds = [group.attrib["class"] for group in drawn]
    assert [kinds.count(kind) for kind in ("right", "wrong", "person")] == [57, 7, 36]
    assert drawn.attrib["viewBox"] == "0 0 400 100"
    assert "57 handled rightly, 7 handled wrongly, 36 left to a person" in drawn.attrib["aria-label"]
    assert svg(plots.hundred(Share(1, 1, 0, 0))).attrib["viewBox"] == "0 0 20 20"


@pytest.mark.parametrize("rows", [[RIGHT], [WRONG] * 3, [UNKNOWN], [UNKNOWN, RIGHT, WRONG] * 40])
def test_every_picture_can_be_drawn_within_its_frame(rows: list[tuple[str, str, float]]) -> None:
    """One document, all wrong, nothing known, some of all: each coordinate lies in the picture."""
    found = judged(rows)
    for picture in (plots.reliability(found), plots.coverage(found), plots.confidence(found)):
        drawn = svg(picture)
        assert len(drawn.attrib["aria-label"]) > 20
        width, height = map(float, drawn.attrib["viewBox"].split()[2:])
        points = [
            tuple(map(float, point.split(",")))
            for part in drawn
            for point in part.attrib.get("points", "").split()
        ]
        points += [(float(part.attrib["cx"]), float(part.attrib["cy"])) for part in drawn.findall("circle")]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


def marks(found: Evaluation) -> list[str | None]:
    """Give what is written beside the dots of the curve."""
    return [text.text for text in svg(plots.coverage(found)).findall("text[@class='mark']")]


def test_the_curve_is_marked_where_the_model_is_now() -> None:
    """A dot for each precision that can be had, and one for what was accepted; none where nothing was."""
    rows = [("a", "a", 0.99)] * 10 + [("a", "b", 0.98)] + [("a", "a", 0.97)] * 9 + [("a", "b", 0.6)]
    assert marks(judged(rows)) == ["90%", "95%", "99%", "now"]
    assert marks(judged([RIGHT] * 30)) == ["99%", "now"], "one dot has one text"
    assert marks(judged([UNKNOWN])) == []


def test_right_and_wrong_are_counted_in_the_legend() -> None:
    """The histogram holds every document."""
    drawn = plots.confidence(judged([RIGHT, RIGHT, WRONG, UNKNOWN]))
    assert "right (3)" in drawn
    assert "wrong (1)" in drawn
