"""The plots of an evaluation as inline SVG, each with a text alternative. Numbers in, markup out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from smartcat.cli.evaluation_report import summary_text
from smartcat.cli.html.charts import Group, histogram
from smartcat.cli.html.svg import AMBER, BLUE, GREEN, GREY, RED, Frame, area, line
from smartcat.training.evaluation.metrics import wilson_interval

if TYPE_CHECKING:
    from smartcat.cli.evaluation_report.summary_text import Share
    from smartcat.training.evaluation.metrics import ReliabilityBin
    from smartcat.training.evaluation.results import Evaluation

#: Three fit side by side on a wide screen; one fills a phone, where a unit is about a pixel.
_CARD: Final = Frame(width=340, height=280, left=44, right=20, top=20, bottom=36)

#: Height of the document counts above the axis of a reliability diagram.
_STRIP: Final = 40

_FIFTHS: Final = [(tick / 5, f"{tick / 5:g}") for tick in range(6)]
_PERCENTS: Final = [(tick / 5, f"{tick * 20}%") for tick in range(6)]

#: The coverage from which a curve determines the scale.
_STABLE_COVERAGE: Final = 0.05

_SQUARE: Final = 20
_IN_A_ROW: Final = 20


def hundred(share: Share) -> Markup:
    """Return one square per document: handled rightly, handled wrongly, left to a person."""
    kinds = [("right", "✓", share.right), ("wrong", "✗", share.wrong), ("person", "?", share.review)]
    marks = [(name, mark) for name, mark, count in kinds for _ in range(count)]
    squares = [
        Markup(
            '<g class="{}" transform="translate({} {})"><rect width="{size}" height="{size}" rx="3"/>'
            '<text x="{middle}" y="{base}" text-anchor="middle">{}</text></g>'
        ).format(
            name,
            index % _IN_A_ROW * _SQUARE + 1,
            index // _IN_A_ROW * _SQUARE + 1,
            mark,
            size=_SQUARE - 2,
            middle=_SQUARE / 2 - 1,
            base=_SQUARE - 6,
        )
        for index, (name, mark) in enumerate(marks)
    ]
    rows = math.ceil(share.of / _IN_A_ROW)
    text = (
        f"{share.of} squares: {share.right} handled rightly, {share.wrong} handled wrongly, "
        f"{share.review} left to a person"
    )
    return Markup('<svg class="hundred" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        min(share.of, _IN_A_ROW) * _SQUARE, rows * _SQUARE, text, Markup("").join(squares)
    )


def reliability(evaluation: Evaluation) -> Markup:
    """Return accuracy by confidence, and below it the number of documents."""
    frame = replace(_CARD, bottom=_CARD.bottom + _STRIP + 4)
    most = max(row.documents for row in evaluation.reliability)
    strip = replace(_CARD, top=_CARD.floor - _STRIP)
    drawing = [
        frame.levels(_PERCENTS),
        _CARD.ticks(_FIFTHS, "confidence; grey bars: number of documents"),
        *(_bin(frame, row) for row in evaluation.reliability),
        line([(frame.x(0), frame.y(0)), (frame.x(1), frame.y(1))], GREY, dashed=True),
        *(
            strip.bar(
                strip.x(row.lower) + 1, strip.span * (row.upper - row.lower) - 2, row.documents / most, GREY
            )
            for row in evaluation.reliability
        ),
    ]
    text = "Accuracy by confidence. " + summary_text.calibration(evaluation)
    return frame.figure(drawing, [("right, 95% interval", BLUE), ("ideal", GREY)], text)


def _bin(frame: Frame, row: ReliabilityBin) -> Markup:
    left, right = frame.x(row.lower) + 1, frame.x(row.upper) - 1
    low, high = wilson_interval(row.right, row.documents)
    middle = (left + right) / 2
    return Markup("").join(
        [
            frame.bar(left, right - left, row.accuracy, BLUE, 0.3) if row.right else Markup(""),
            line([(left, frame.y(row.accuracy)), (right, frame.y(row.accuracy))], BLUE, 2.5),
            line([(middle, frame.y(low)), (middle, frame.y(high))], BLUE, 1),
        ]
    )


def confidence(evaluation: Evaluation) -> Markup:
    """Return the confidence of right and wrong predictions."""
    right, wrong = [0] * evaluation.ece_bins, [0] * evaluation.ece_bins
    for row in evaluation.reliability:
        index = round(row.lower * evaluation.ece_bins)
        right[index], wrong[index] = row.right, row.documents - row.right
    return histogram(
        [Group("right", right, BLUE), Group("wrong", wrong, RED)],
        unit="confidence (documents, log scale)",
        alternative="Right and wrong predictions by confidence. " + summary_text.sure_and_wrong(evaluation),
        frame=_CARD,
    )


def coverage(evaluation: Evaluation) -> Markup:
    """Return accuracy by coverage: the more the model handles by itself, and its current threshold."""
    curve = evaluation.coverage_curve
    # The first few documents of the curve jump between 0 and 1.
    settled = [point.precision for point in curve if point.coverage >= _STABLE_COVERAGE] or [0.0]
    lowest = min(90, math.floor(min(settled) * 10) * 10)

    def height(precision: float) -> float:
        return max(0.0, 100 * precision - lowest) / (100 - lowest)

    def point_at(share: float, precision: float) -> tuple[float, float]:
        return _CARD.x(share), _CARD.y(height(precision))

    step = 2 if lowest == 90 else 5 if lowest == 80 else 10
    upper = [point_at(point.coverage, point.interval[1]) for point in curve]
    lower = [point_at(point.coverage, point.interval[0]) for point in curve]
    # One point may meet several targets: label it with the highest.
    required = {target.point: target.precision for target in evaluation.coverage_targets if target.point}
    drawing = [
        _CARD.levels([(height(level / 100), f"{level}%") for level in range(lowest, 101, step)]),
        _CARD.ticks(_PERCENTS, "share of documents handled"),
        area([*upper, *reversed(lower)], BLUE),
        line([point_at(point.coverage, point.precision) for point in curve], BLUE),
        *(
            _dot(*point_at(point.coverage, point.precision), GREEN, f"{wanted:.0%}")
            for point, wanted in required.items()
        ),
    ]
    if evaluation.accepted_accuracy is not None:
        drawing.append(
            _dot(*point_at(evaluation.coverage, evaluation.accepted_accuracy), AMBER, "now", below=True)
        )
    text = "Accuracy by share of documents handled. " + summary_text.trust(evaluation)
    legend = [("right, 95% interval", BLUE), ("required", GREEN), ("now", AMBER)]
    return _CARD.figure(drawing, legend, text)


def _dot(x: float, y: float, colour: str, text: str, *, below: bool = False) -> Markup:
    # The curve falls from left to right: there is space above it on the right, and below it on the left.
    if below:
        anchor, right, down = ("end", -6, 14) if x > _CARD.x(0.15) else ("start", 6, 16)
    else:
        anchor, right, down = ("start", 6, -5) if x < _CARD.x(0.95) else ("end", 8, -9)
    return Markup(
        '<circle cx="{:.1f}" cy="{:.1f}" r="4.5" fill="{}"/>'
        '<text class="mark" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>'
    ).format(x, y, colour, x + right, y + down, anchor, text)
