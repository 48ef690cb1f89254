"""``smartcat evaluate``: how good a model is on labelled documents it has not seen."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from smartcat.console import err, one_line_errors, out, print_json, progress, visible

if TYPE_CHECKING:
    from training.evaluate import Evaluation


def evaluate(
    model: Annotated[Path, typer.Argument(help="The model directory.")],
    corpus: Annotated[list[Path], typer.Argument(help="Labelled documents: JSON lines, plain or gzip.")],
    *,
    split: Annotated[
        str | None, typer.Option(help="Only documents whose field 'split' has this value.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the evaluation as JSON.")] = False,
) -> None:
    """Judge a model: accuracy, macro-F1, calibration, what goes to review, a row a label.

    Example: [bold]smartcat evaluate model unseen.jsonl[/bold]
    """
    from classifier.engine import load_classifier
    from classifier.errors import ModelError
    from training.corpus import read_labelled
    from training.errors import LearningError
    from training.evaluate import evaluate as judge

    with one_line_errors(ModelError, LearningError), progress() as report:
        classifier = load_classifier(model)
        documents = chain.from_iterable(read_labelled(path, split=split) for path in corpus)
        evaluation = judge(classifier, documents, progress=report)
    if json:
        print_json(evaluation.to_dict())
    else:
        _show(evaluation)


def _show(evaluation: Evaluation) -> None:
    table = Table(title=f"{evaluation.documents} documents", title_justify="left")
    table.add_column("label")
    for name in ("precision", "recall", "F1", "documents"):
        table.add_column(name, justify="right")
    for score in evaluation.per_label:
        table.add_row(
            visible(score.label),
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            str(score.support),
        )
    out.print(table)
    accepted = "-" if evaluation.accepted_accuracy is None else f"{evaluation.accepted_accuracy:.1%}"
    out.print(
        f"accuracy {evaluation.accuracy:.1%}, macro-F1 {evaluation.macro_f1:.1%}, "
        f"calibration error {evaluation.ece:.3f}; "
        f"{evaluation.coverage:.1%} accepted, {accepted} of those right",
    )
    for label, documents in evaluation.unknown_labels.items():
        err.print(
            f"note: the model does not know label '{visible(label)}' "
            f"({documents} documents, all counted as wrong)"
        )
