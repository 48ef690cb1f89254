"""The evaluation's HTML page: one self-contained file with pictures. Only renders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.classifier.decision import round_probability
from smartcat.cli.evaluation_report import plots, words
from smartcat.cli.evaluation_report.heat import heat
from smartcat.cli.evaluation_report.tables import by_weakness
from smartcat.cli.html.page import render, write_page

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.cli.evaluation_report.passport import Passport
    from smartcat.training.evaluation.results import Evaluation


@dataclass(frozen=True, slots=True)
class Source:
    """What was judged on, and when.

    Attributes:
        corpora: the names of the files.
        split: the part of them; None for all.
        made_at: when, as ISO 8601.
    """

    corpora: tuple[str, ...]
    split: str | None
    made_at: str


def write_report(path: Path, evaluation: Evaluation, passport: Passport, source: Source) -> None:
    """Write the page.

    Raises:
        OSError: the file cannot be written; what was there is untouched.
    """
    page = render(
        "smartcat.cli.evaluation_report",
        "evaluation.html.j2",
        found=evaluation,
        passport=passport,
        source=source,
        words=words,
        percent=words.percent,
        shortened=words.shortened,
        shown=round_probability,
        hundred=words.of_a_hundred(evaluation),
        squares=plots.hundred(words.of_a_hundred(evaluation)),
        reliability=plots.reliability(evaluation),
        coverage=plots.coverage(evaluation),
        confidence=plots.confidence(evaluation),
        labels=by_weakness(evaluation.per_label),
        heat=heat(evaluation),
    )
    write_page(path, page)
