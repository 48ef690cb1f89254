"""Prints an evaluation: tables first, and the summary last, where it stays in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from smartcat.classifier.decision import round_probability
from smartcat.cli.console import MAX_ROWS, plain_table, visible
from smartcat.cli.evaluation_report import summary_text
from smartcat.cli.evaluation_report.summary_text import percent, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from smartcat.training.evaluation.results import Evaluation, LabelScore

#: From this width on, bars and two tables side by side fit.
_WIDE: Final = 100

#: A matrix of more labels would not fit; the most confused pairs replace it.
_MATRIX_LABELS: Final = 8

#: Pairs and documents to show without --all.
_FEW_ROWS: Final = 10

#: Minimum width of a label on a narrow terminal.
_LABEL_WIDTH: Final = 12

_BAR: Final = 10
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


def show(
    console: Console, evaluation: Evaluation, *, everything: bool = False, held_out: float | None = None
) -> None:
    """Print an evaluation.

    Args:
        console: Where to print.
        evaluation: The evaluation.
        everything: Whether to print every label, pair and document, not only the worst.
        held_out: Accuracy on held-out documents in training, 0 to 1, if known.
    """
    # Wrap lines on a terminal only: a log keeps each on one line.
    no_wrap = not console.is_terminal
    warning = summary_text.learned_from(evaluation.learned_from, evaluation.documents)
    if warning:
        console.print(warning, style="bold red", soft_wrap=no_wrap)
    for table in _tables(evaluation, everything=everything, wide=console.width >= _WIDE):
        console.print(table)
    side_by_side = (_calibration(evaluation), _coverage(evaluation))
    if console.width >= _WIDE:
        pair = Table.grid(padding=(0, 4, 0, 0))
        pair.add_row(*side_by_side)
        console.print(pair)
    else:
        for table in side_by_side:
            console.print(table)
    console.print(_figures(evaluation))
    console.print(summary_text.verdict(evaluation), style="bold", soft_wrap=no_wrap)
    for sentence in summary_text.closing(evaluation, held_out):
        console.print(sentence, soft_wrap=no_wrap)


def by_weakness(labels: Sequence[LabelScore]) -> list[LabelScore]:
    """Return labels sorted by F1, worst first; those without documents come last."""
    return sorted(labels, key=lambda score: (not score.support, score.f1, -score.support, score.label))


def _tables(evaluation: Evaluation, *, everything: bool, wide: bool) -> Iterator[Table]:
    yield _labels(evaluation, None if everything else MAX_ROWS, bars=wide)
    few = None if everything else _FEW_ROWS
    if len(evaluation.per_label) <= _MATRIX_LABELS:
        yield _matrix(evaluation)
    elif evaluation.confused_pairs:
        yield _pairs(evaluation, few)
    if evaluation.confused_documents:
        yield _documents(evaluation, few)


def _labels(evaluation: Evaluation, limit: int | None, *, bars: bool) -> Table:
    labels = by_weakness(evaluation.per_label)
    order = "" if len(labels) == 1 else ", weakest first"
    table = plain_table(f"{evaluation.documents:,} documents of {len(labels)} labels{order}")
    table.add_column("label", overflow="fold", min_width=_LABEL_WIDTH)
    table.add_column("F1", justify="right")
    if bars:
        table.add_column("", no_wrap=True)
    for name in ("precision", "recall", "documents", "to review"):
        table.add_column(name, justify="right")
    for score in labels[:limit]:
        table.add_row(
            shortened(score.label),
            f"{score.f1:.3f}",
            *([bar(score.f1)] if bars else []),
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.support:,}",
            percent(score.review),
        )
    _caption_rest(table, len(labels), limit)
    return table


def _matrix(evaluation: Evaluation) -> Table:
    table = plain_table("Confusion matrix: actual label (rows), predicted label (columns)")
    table.add_column("", overflow="fold")
    labels = [score.label for score in evaluation.per_label]
    for label in labels:
        table.add_column(shortened(label, 16), justify="right", overflow="fold")
    for index, (label, row) in enumerate(zip(labels, evaluation.confusion, strict=True)):
        cells = [
            Text(f"{count:,}" if count else "·", style="green" if index == column else "")
            for column, count in enumerate(row)
        ]
        table.add_row(shortened(label), *cells)
    return table


def _pairs(evaluation: Evaluation, limit: int | None) -> Table:
    table = plain_table("Most confused labels")
    table.add_column("actual", overflow="fold")
    table.add_column("predicted", overflow="fold")
    table.add_column("documents", justify="right")
    table.add_column("share", justify="right")
    for pair in evaluation.confused_pairs[:limit]:
        table.add_row(
            shortened(pair.label), shortened(pair.answer), f"{pair.documents:,}", percent(pair.share)
        )
    _caption_rest(table, len(evaluation.confused_pairs), limit)
    return table


def _documents(evaluation: Evaluation, limit: int | None) -> Table:
    table = plain_table("Most confident errors")
    for name in ("document", "actual", "predicted"):
        table.add_column(name, overflow="fold")
    table.add_column("confidence", justify="right")
    table.add_column("decision")
    reasons = any(document.reasons for document in evaluation.confused_documents)
    if reasons:
        table.add_column("reasons", overflow="fold")
    for document in evaluation.confused_documents[:limit]:
        table.add_row(
            visible(document.document_id),
            shortened(document.label),
            shortened(document.answer),
            f"{round_probability(document.confidence):.4f}",
            document.decision,
            *([visible(", ".join(document.reasons))] if reasons else []),
        )
    _caption_rest(table, len(evaluation.confused_documents), limit)
    return table


def _caption_rest(table: Table, rows: int, limit: int | None) -> None:
    if limit is not None and rows > limit:
        table.caption = f"and {rows - limit:,} more; use --all to show them"
        table.caption_justify = "left"


def _calibration(evaluation: Evaluation) -> Table:
    table = plain_table("Calibration")
    table.add_column("confidence")
    table.add_column("documents", justify="right")
    table.add_column("accuracy", justify="right")
    table.add_column("", no_wrap=True)
    for row in evaluation.reliability:
        table.add_row(
            f"{row.lower:.2f} - {row.upper:.2f}",
            f"{row.documents:,}",
            percent(row.accuracy),
            bar(row.accuracy),
        )
    return table


def _coverage(evaluation: Evaluation) -> Table:
    table = plain_table("Coverage at a required precision")
    table.add_column("precision", justify="right")
    table.add_column("coverage", justify="right")
    table.add_column("threshold", justify="right")
    for target in evaluation.coverage_targets:
        point = target.point
        table.add_row(
            f"{target.precision:.0%}",
            percent(point.coverage) if point else "-",
            f"{round_probability(point.confidence):.4f}" if point else "-",
        )
    table.add_section()
    table.add_row(f"now {percent(evaluation.accepted_accuracy)}", percent(evaluation.coverage), "")
    return table


def _figures(evaluation: Evaluation) -> Table:
    table = plain_table("Metrics", header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    low, high = evaluation.accuracy_interval
    table.add_row(
        "accuracy", percent(evaluation.accuracy), f"{percent(low)} to {percent(high)} (95% interval)"
    )
    table.add_row("macro-F1", percent(evaluation.macro_f1), "mean over labels, equally weighted")
    kappa = "-" if evaluation.kappa is None else f"{evaluation.kappa:.3f}"
    table.add_row("Cohen's kappa", kappa, "agreement beyond chance: 0 none, 1 full")
    chance = f"0 is best; up to {evaluation.ece_by_chance:.3f} may be chance with so many documents"
    table.add_row("calibration error", f"{evaluation.ece:.3f}", chance)
    table.add_row("Brier score", f"{evaluation.brier:.3f}", "0 is best; mean squared error of the confidence")
    low, high = evaluation.accepted_interval
    precision = f"{percent(evaluation.accepted_accuracy)} of those right ({percent(low)} to {percent(high)})"
    table.add_row("accepted", percent(evaluation.coverage), precision if evaluation.accepted else "")
    if summary_text.has_choice(evaluation):
        among = percent(evaluation.among_candidates)
        table.add_row("among candidates", among, "the right label is one of the top three")
    return table


def bar(share: float) -> str:
    """Return a bar for a share of 0 to 1, in block characters."""
    eighths = round(share * _BAR * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(_BAR)
