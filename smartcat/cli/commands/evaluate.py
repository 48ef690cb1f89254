"""``smartcat evaluate``: how good a model is on labelled documents it has not seen."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartcat.cli.console import err, one_line_errors, out, print_json, progress, visible
from smartcat.cli.engine_option import EngineOption

if TYPE_CHECKING:
    from smartcat.cli.evaluation_report.passport import Passport
    from smartcat.training.evaluation.results import Evaluation


def evaluate(
    model: Annotated[Path, typer.Argument(help="The model directory.")],
    corpus: Annotated[list[Path], typer.Argument(help="Labelled documents: JSON lines, plain or gzip.")],
    *,
    split: Annotated[
        str | None, typer.Option(help="Only documents whose field 'split' has this value.")
    ] = None,
    join_pages: Annotated[
        bool, typer.Option("--join-pages", help="Lines with one document_id are pages of one document.")
    ] = False,
    stacks: Annotated[
        bool,
        typer.Option("--stacks", help="Glue the documents together, and judge how they are split again."),
    ] = False,
    stack_size: Annotated[
        int | None, typer.Option(min=1, help="Documents in a stack, with --stacks.", show_default="all")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with plots, complete in one file.")
    ] = None,
    worst: Annotated[
        int, typer.Option(min=0, max=1000, help="Wrong documents to name, the surest first.")
    ] = 20,
    reasons: Annotated[
        int, typer.Option(min=0, max=50, help="Words to name as reasons of those: they are page text.")
    ] = 0,
    everything: Annotated[bool, typer.Option("--all", help="Print every row, not only the worst.")] = False,
    engine: EngineOption = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print the evaluation as JSON.")] = False,
) -> None:
    """Judge a model: how much it can handle, how right it is, what its confidence is worth, what it mixes up.

    No page text is printed or written, unless --reasons names words.

    Example: [bold]smartcat evaluate model unseen.jsonl --html report.html[/bold]
    """
    from smartcat.classifier.classifier import load_classifier
    from smartcat.classifier.errors import ClassifierError
    from smartcat.cli.commands.evaluate_stacks import judge_stacks
    from smartcat.cli.evaluation_report.passport import read_passport
    from smartcat.cli.evaluation_report.tables import show
    from smartcat.training.corpus.labelled_documents import read_labelled
    from smartcat.training.corpus.pages import by_page
    from smartcat.training.corpus.pages import join_pages as joined
    from smartcat.training.errors import LearningError
    from smartcat.training.evaluation.evaluate import evaluate as judge

    rows = chain.from_iterable(read_labelled(path, split=split) for path in corpus)
    documents = joined(rows) if join_pages else rows
    if stacks:
        judge_stacks(model, documents, engine=engine, size=stack_size, as_json=json)
        return
    if stack_size is not None:
        raise typer.BadParameter("is for --stacks", param_hint="--stack-size")
    with one_line_errors(ClassifierError, LearningError), progress() as report:
        if html is not None:
            from smartcat.cli.html.page import check_location

            check_location(html)
        classifier = load_classifier(model, engine)
        evaluation = judge(classifier, by_page(documents), progress=report, worst=worst, reasons=reasons)
    passport = read_passport(model.resolve().name, classifier)
    try:
        if html is not None:
            with one_line_errors():
                _write_page(html, evaluation, passport, corpus, split)
    finally:
        # A full disk must not take what an hour of judging found.
        if json:
            print_json(evaluation.to_dict())
        else:
            show(out, evaluation, everything=everything, held_out=passport.held_out_accuracy)
        _say_unknown(evaluation)
    if html is not None and not json:
        out.print(f"Report: {visible(str(html))}")


def _write_page(
    path: Path, evaluation: Evaluation, passport: Passport, corpus: list[Path], split: str | None
) -> None:
    from smartcat.cli.evaluation_report.page import Source, write_report

    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_report(path, evaluation, passport, Source(tuple(file.name for file in corpus), split, now))


def _say_unknown(evaluation: Evaluation) -> None:
    from smartcat.cli.evaluation_report.words import unknown

    named, others, documents_of_others = unknown(evaluation)
    for label, documents in named:
        err.print(
            f"note: the model does not know label '{visible(label)}' "
            f"({documents} documents, all counted as wrong)"
        )
    if others:
        err.print(f"note: nor {others} other labels ({documents_of_others} documents)")
