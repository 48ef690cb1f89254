"""Renders the HTML report of an evaluation: one self-contained file with plots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartcat.classifier.decision import round_probability
from smartcat.cli.evaluation_report import plots, summary_text
from smartcat.cli.evaluation_report.confusion_matrix import condense
from smartcat.cli.evaluation_report.terminal_report import by_weakness
from smartcat.cli.html.page import render, write_page

if TYPE_CHECKING:
    from pathlib import Path

    from smartcat.cli.evaluation_report.model_card import ModelCard
    from smartcat.training.evaluation.results import Evaluation


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """The data of an evaluation.

    Attributes:
        corpora: Names of the files.
        split: The split that was used; None for all.
        made_at: When, as ISO 8601.
    """

    corpora: tuple[str, ...]
    split: str | None
    made_at: str


def write_report(path: Path, evaluation: Evaluation, model_card: ModelCard, source: RecordPosition) -> None:
    """Write the report.

    Raises:
        OSError: The file cannot be written; an existing one is untouched.
    """
    page = render(
        "smartcat.cli.evaluation_report",
        "evaluation.html.j2",
        evaluation=evaluation,
        model_card=model_card,
        source=source,
        summary_text=summary_text,
        percent=summary_text.percent,
        shortened=summary_text.shortened,
        shown=round_probability,
        hundred=summary_text.of_a_hundred(evaluation),
        squares=plots.hundred(summary_text.of_a_hundred(evaluation)),
        reliability=plots.reliability(evaluation),
        coverage=plots.coverage(evaluation),
        confidence=plots.confidence(evaluation),
        labels=by_weakness(evaluation.per_label),
        confusion_matrix=condense(evaluation),
    )
    write_page(path, page)
